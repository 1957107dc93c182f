import { describe, expect, test } from 'vitest';
import type { Principal } from '../../policies/types.ts';
import { asked, bundleOf, getOrder, principal, purge, refund } from './set-up.ts';

const service = principal({ purposes: ['service'] });
const of = (rules: string, about: Principal = service, one = refund) => {
  const bundle = bundleOf(rules);
  return [bundle.visibility(about, one), bundle.purposesFor(about, one)];
};
const below = ['service', 'service/ticket', 'service/ticket/refund', 'service/export'];
const reveal = '  - { reveal: known, who: [agent], can: [refund] }\n';
const allow = (rest = '') => `  - { allow: x, can: [refund]${rest} }\n`;

describe('callable: some values and some purpose of this credential could be permitted', () => {
  test.each([
    ['for any purpose', allow(), below],
    ['for one', allow(', for: [service/ticket]'), ['service/ticket', 'service/ticket/refund']],
    [
      'for all but one, and what is wider than that',
      allow(', for: [service], notFor: [service/export]'),
      ['service/ticket', 'service/ticket/refund'],
    ],
    ['on conditions, which are not decided here', allow(', when: { /in/amount: { lt: 0, gt: 0 } }'), below],
    ['about this caller', allow(', who: [agent]'), below],
    ['with a deny on conditions', `${allow()}  - { deny: y, can: [refund], when: { /in/amount: { gt: 1 } } }\n`, below],
    ['with a deny for another purpose', `${allow()}  - { deny: y, for: [finance] }\n`, below],
    [
      'with a deny for one purpose, which closes what is wider too',
      `${allow()}  - { deny: y, for: [service/ticket] }\n`,
      ['service/export'],
    ],
    ['with a deny about somebody else', `${allow()}  - { deny: y, who: [boss] }\n`, below],
  ])('an allow %s', (_name, rules, purposes) => {
    expect(of(rules)).toEqual(['callable', purposes]);
  });

  test('a condition on claims alone says who may know of it, as `who` does', () => {
    const boss = principal({ purposes: ['service'], claims: { roles: ['boss'] } });
    const mine = allow(', when: { /token/roles: { has: boss }, /in/amount: { lt: 5 } }');
    expect(of(mine, boss)[0]).toBe('callable');
    expect(of(mine, principal({ purposes: ['service'], claims: { roles: ['clerk'] } }))[0]).toBe('hidden');
    const shut = `${allow()}  - { deny: y, can: [refund], when: { /token/roles: { has: boss } } }\n`;
    expect(of(shut, boss)[0]).toBe('hidden');
  });

  test('without any purpose, where neither the rule nor the contract speaks of one', () => {
    const nobody = principal({ purposes: [] });
    expect(of(allow(), nobody)).toEqual(['callable', []]);
    expect(of(allow(', for: [service]'), nobody)).toEqual(['hidden', []]);
    expect(of(allow(', notFor: [service]'), nobody)).toEqual(['hidden', []]);
    expect(of(`${allow()}  - { deny: y, for: [finance] }\n`, nobody)).toEqual(['hidden', []]);
    expect(of('  - { allow: x, can: [purge] }\n', nobody, purge)).toEqual(['hidden', []]);
  });
});

describe('hidden, or revealed where a rule says so', () => {
  const level = principal({ claims: { roles: ['desk'], level: 'unclear' } });
  test.each([
    ['no rule at all', '  - { allow: y, can: [view] }\n', service],
    ['an allow about somebody else', allow(', who: [boss]'), service],
    ['an allow that may be about the caller', allow(', who: [level-two]'), level],
    ['an allow for a purpose the credential does not carry', allow(', for: [finance]'), service],
    ['an allow for a narrower purpose than none', allow(', for: [service]'), principal({ purposes: [] })],
    ['a deny of everything', `${allow()}  - { deny: y }\n`, service],
    ['a deny that may be about the caller', `${allow()}  - { deny: y, who: [level-two] }\n`, level],
    [
      'denies that close every purpose',
      `${allow()}  - { deny: y, for: [service/ticket] }\n  - { deny: z, for: [service/export] }\n`,
      service,
    ],
    ['a credential narrowed to other things', allow(), principal({ capabilities: ['view'] })],
    ['a credential narrowed to nothing', allow(), principal({ capabilities: [] })],
  ])('%s', (_name, rules, about) => {
    expect(of(rules, about)).toEqual(['hidden', []]);
    expect(of(rules + reveal, about)).toEqual(['revealed', []]);
  });

  test('a reveal is for those it is about, and permits nothing', () => {
    const bundle = bundleOf(reveal);
    expect(bundle.visibility(service, refund)).toBe('revealed');
    expect(bundle.visibility(principal({ claims: {} }), refund)).toBe('hidden');
    expect(bundle.visibility(service, getOrder)).toBe('hidden');
    expect(bundle.decide(asked()).outcome).toBe('deny');
  });

  test('what a contract is not for is not there, whatever a rule allows', () => {
    const rules = '  - { allow: x, can: [purge] }\n';
    expect(of(rules, service, purge)).toEqual(['hidden', []]);
    expect(of(rules, principal(), purge)).toEqual(['callable', ['finance']]);
  });
});

test('purposes with odd names in a credential carry nothing', () => {
  for (const purposes of [[''], ['/'], ['serv'], ['service/'], ['*'], ['__proto__'], ['service/nothing']])
    expect(of(allow(', for: [service]'), principal({ purposes }))).toEqual(['hidden', []]);
});

test('every principal is looked at for itself, and is told the same each time', () => {
  const bundle = bundleOf(allow(', who: [agent]'));
  const other = principal({ claims: {} });
  for (const _again of [1, 2]) {
    expect(bundle.visibility(service, refund)).toBe('callable');
    expect(bundle.visibility(other, refund)).toBe('hidden');
    expect(bundle.visibility({ ...service, capabilities: [] }, refund)).toBe('hidden');
    expect(bundle.visibility(service, getOrder)).toBe('hidden');
  }
});
