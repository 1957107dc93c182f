import { describe, expect, test } from 'vitest';
import { lackOf } from '../../policies/proof.ts';
import type { Asked, Decision, Obligation } from '../../policies/types.ts';
import { visiblePart } from '../../policies/visible.ts';
import { asked, getOrder, head, load, principal } from './set-up.ts';

const sections = `networks: { corp: ["10.20.0.0/16", "2001:db8:20::/48"], home: [192.0.2.7] }
levels: [one, two, three]
rates: { slow: { requests: 2, per: 60s }, brisk: { requests: 10, per: 1m } }
masks: { last-four: { keepEnd: 4 }, ends: { keepStart: 2, keepEnd: 2 } }
sinks: { orders.refund@2: [/in/note] }
aggregates:
  refunds-24h: { can: [refund], sum: /in/amount, window: 24h, when: { /in/currency: { eq: EUR } } }
  asked-1h: { can: [refund, view], window: 1h, per: [/token/team] }
`;
const bundleOf = (rules: string) => {
  const { bundle, told } = load([head.replace('subjects:', `${sections}subjects:`) + rules]);
  if (bundle === undefined) throw new Error(told.join('\n'));
  return bundle;
};
const decided = (rules: string, given: Partial<Asked> = {}) => bundleOf(rules).decide(asked(given));
const open = '  - { allow: open, can: [view, refund, purge] }\n';
const when = (condition: string) => ({
  allow: `  - { allow: x, can: [refund], when: { ${condition} } }\n`,
  deny: `${open}  - { deny: y, can: [refund], when: { ${condition} } }\n`,
});
/** Whether an allow with the condition permits, and whether a deny with it refuses. */
const both = (condition: string, given: Partial<Asked>) => ({
  allows: decided(when(condition).allow, given).outcome === 'permit',
  denies: decided(when(condition).deny, given).outcome === 'deny',
});
const from = (ip: string | undefined): Partial<Asked> => ({ context: { now: new Date(0), ip, door: 'http' } });

const yes = { allows: true, denies: true };
const no = { allows: false, denies: false };
const unknown = { allows: false, denies: true };

describe('networks', () => {
  test.each([
    ['10.20.3.4', yes],
    ['10.21.0.1', no],
    ['2001:db8:20::1', yes],
    ['2001:db8:21::1', no],
    ['::ffff:10.20.3.4', yes],
    ['10.20.3', unknown],
    ['corp', unknown],
    ['', unknown],
    [undefined, unknown],
  ])('%s in corp', (ip, expected) => {
    expect(both('/ctx/ip: { inNet: corp }', from(ip))).toEqual(expected);
    const outside = expected === yes ? no : expected === no ? yes : unknown;
    expect(both('/ctx/ip: { notInNet: corp }', from(ip))).toEqual(outside);
  });

  test('ranges and names can be mixed, and one address does not stick to the next', () => {
    const bundle = bundleOf(when('/ctx/ip: { inNet: [home, 198.51.100.0/24] }').allow);
    const outcomes = ['192.0.2.7', '198.51.100.9', '192.0.2.8', '192.0.2.7'].map(
      (ip) => bundle.decide(asked(from(ip))).outcome,
    );
    expect(outcomes).toEqual(['permit', 'permit', 'deny', 'permit']);
  });
});

describe('who acts', () => {
  test.each([
    ['a person', principal(), no],
    ['a program', principal({ type: 'agent' }), yes],
    ['a service', principal({ type: 'service' }), yes],
    ['somebody for a person', principal({ claims: { roles: ['desk'], act: { sub: 'bot' } } }), yes],
  ])('%s', (_name, who, expected) => {
    expect(both('/ctx/agent: { eq: true }', { principal: who })).toEqual(expected);
  });

  test('how often the credential was handed on', () => {
    expect(both('/chain/depth: { lte: 1 }', {})).toEqual(yes);
    expect(both('/chain/depth: { lte: 1 }', { principal: principal({ delegations: 2 }) })).toEqual(no);
  });

  test('what was seen of them; nothing was seen of most', () => {
    const denies = (band?: Asked['band']) =>
      decided(when('/rep/band: { in: [new, restricted] }').deny, band === undefined ? {} : { band }).outcome === 'deny';
    expect([denies(), denies('restricted'), denies('unknown')]).toEqual([true, true, true]);
    expect([denies('standard'), denies('trusted')]).toEqual([false, false]);
  });
});

test('a policy adds sinks to those of the contract, and takes none away', () => {
  const rules = `${open}  - { deny: x, can: [refund], when: { /prov/sinks: { anyIn: [model] } } }\n`;
  const input = { order_id: 'A', note: 'n', amount: 1 };
  const outcome = (provenance: Asked['provenance']) => decided(rules, { input, provenance }).outcome;
  expect(outcome({ '/order_id': 'user', '/note': 'user', '/amount': 'model' })).toBe('permit');
  expect(outcome({ '/order_id': 'user', '/note': 'model', '/amount': 'user' })).toBe('deny');
  expect(outcome({ '/order_id': 'model', '/note': 'user', '/amount': 'user' })).toBe('deny');
});

describe('totals over time', () => {
  const limit = '/agg/refunds-24h: { lte: 1000 }';
  const held = (total: number | undefined, input: Asked['input'] = { order_id: 'A', amount: 20, currency: 'EUR' }) => ({
    input,
    totals: new Map(total === undefined ? [] : [['refunds-24h', total]]),
  });
  test.each([
    ['there is room', held(0), yes],
    ['this one fills it', held(980), yes],
    ['this one is too much', held(980.01), no],
    ['the store did not say', held(undefined), unknown],
    ['the amount is missing', held(0, { order_id: 'A', currency: 'EUR' }), unknown],
    ['the amount is negative', held(2000, { order_id: 'A', amount: -1500, currency: 'EUR' }), unknown],
    ['the amount is no number', held(0, { order_id: 'A', amount: Number.NaN, currency: 'EUR' }), unknown],
    ['it is not counted', held(1000, { order_id: 'A', amount: 20, currency: 'USD' }), yes],
    ['whether it is counted is not known', held(0, { order_id: 'A', amount: 20 }), unknown],
  ] as [string, Partial<Asked>, typeof yes][])('%s', (_name, given, expected) => {
    expect(both(limit, given)).toEqual(expected);
  });

  test('are kept for the tenant and whom they are for', () => {
    const { allow } = when(`${limit}, /agg/asked-1h: { lt: 5 }`);
    const readings = (who: Partial<Asked['principal']>) =>
      bundleOf(allow).readings(asked({ principal: principal(who) }));
    expect(readings({ claims: { team: 't' } }).map(({ name, key }) => [name, key])).toEqual([
      ['refunds-24h', '["refunds-24h","default","user","dana"]'],
      ['asked-1h', '["asked-1h","default","t"]'],
    ]);
    // Nobody knows whose total it would be.
    expect(readings({ claims: {} }).map(({ name }) => name)).toEqual(['refunds-24h']);
    expect(readings({ claims: { team: ['t'] } }).map(({ name }) => name)).toEqual(['refunds-24h']);
  });

  test('a permit says what it adds, and up to where every rule says the same', () => {
    const rules = `${when(limit).allow}  - require: ask
    can: [refund]
    when: { /agg/refunds-24h: { gte: 500 } }
    obligations: [{ confirm: { by: self } }]
`;
    const addition = (total: number) => decided(rules, held(total)).additions;
    expect(addition(0)).toMatchObject(
      [
        { name: 'refunds-24h', amount: 20, windowMs: 86_400_000 },
        { name: 'asked-1h', amount: 1, atMost: undefined },
      ].slice(0, 1),
    );
    expect(addition(0)[0]?.atMost).toBeLessThan(500);
    expect(addition(0)[0]?.atMost).toBeGreaterThan(499.999);
    expect(addition(480)[0]?.atMost).toBe(1000);
    expect(decided(rules, held(480)).obligations).toHaveLength(1);
    expect(decided(rules, held(1000)).additions).toEqual([]);
  });

  test('an intent that is counted adds also where no rule minds the total', () => {
    const given = { principal: principal({ claims: { roles: ['desk'], team: 't' } }), intent: getOrder, input: {} };
    expect(decided(open, given).additions).toEqual([
      { name: 'asked-1h', key: '["asked-1h","default","t"]', windowMs: 3_600_000, amount: 1, atMost: undefined },
    ]);
  });
});

describe('obligations of several rules become one of each kind', () => {
  const obligations = (...lists: string[]): readonly Obligation[] =>
    decided(open + lists.map((list, at) => `  - { require: r${at}, obligations: [${list}] }\n`).join('')).obligations;
  test.each([
    [
      'another person wins over the caller, and the shorter time over the longer',
      ['{ confirm: { by: other-human, ttl: 5m } }', '{ confirm: { by: self, ttl: 60s } }'],
      { type: 'confirm', by: 'other-human', ttlMs: 60_000, rule: 'r0' },
    ],
    [
      'the higher level, and the more recent login',
      ['{ stepUp: { acr: two, maxAge: 1h } }', '{ stepUp: { acr: three } }', '{ stepUp: { maxAge: 5m } }'],
      { type: 'step-up', acr: 'three', accepts: ['three'], maxAgeMs: 300_000, rule: 'r0, r1, r2' },
    ],
    [
      'the stronger proof',
      ['{ proof: dpop }', '{ proof: signed-plan }'],
      { type: 'proof', level: 'signed-plan', rule: 'r1' },
    ],
    ['the slower rate', ['{ rate: brisk }', '{ rate: slow }'], { type: 'rate', rate: { name: 'slow' }, rule: 'r1' }],
    [
      'what hides more; two that keep different ends hide everything',
      [
        '{ redact: { /a: last-four, /b: last-four, /c: mail-mask, /d: last-four } }',
        '{ redact: { /a: drop, /b: ends, /c: mask, /d: last-four } }',
      ],
      {
        type: 'redact',
        fields: { '/a': 'drop', '/b': 'drop', '/c': 'mask', '/d': { name: 'last-four', keepStart: 0, keepEnd: 4 } },
      },
    ],
  ])('%s', (_name, lists, expected) => {
    expect(obligations(...lists)).toMatchObject([expected]);
  });
});

describe('a permit that the credential cannot hold', () => {
  const now = new Date('2026-11-23T09:00:00Z');
  const at = now.getTime() / 1000;
  const lack = (obligation: string, who: Partial<Asked['principal']>) => {
    const given = asked({ principal: principal(who) });
    const { obligations } = bundleOf(`  - { allow: x, can: [refund], obligations: [${obligation}] }\n`).decide(given);
    return lackOf(obligations, given)?.type;
  };
  const claims = (more: object) => ({ claims: { roles: ['desk'], ...more } });
  test.each([
    ['a login of the level', '{ stepUp: { acr: two } }', claims({ acr: 'two' }), undefined],
    ['one above it', '{ stepUp: { acr: two } }', claims({ acr: 'three' }), undefined],
    ['one below it', '{ stepUp: { acr: two } }', claims({ acr: 'one' }), 'step-up'],
    ['none', '{ stepUp: { acr: two } }', claims({}), 'step-up'],
    ['one that nobody declared', '{ stepUp: { acr: two } }', claims({ acr: 'four' }), 'step-up'],
    ['a list of levels', '{ stepUp: { acr: two } }', claims({ acr: ['two'] }), 'step-up'],
    ['a recent login', '{ stepUp: { maxAge: 10m } }', claims({ auth_time: at - 600 }), undefined],
    ['an old login', '{ stepUp: { maxAge: 10m } }', claims({ auth_time: at - 601 }), 'step-up'],
    ['a login to come', '{ stepUp: { maxAge: 10m } }', claims({ auth_time: at + 60 }), 'step-up'],
    ['a login at no time', '{ stepUp: { maxAge: 10m } }', claims({}), 'step-up'],
    ['a time in words', '{ stepUp: { maxAge: 10m } }', claims({ auth_time: String(at) }), 'step-up'],
    ['the proof', '{ proof: signed-request }', { proof: 'signed-request' }, undefined],
    ['a stronger one', '{ proof: dpop }', { proof: 'signed-plan' }, undefined],
    ['a weaker one', '{ proof: signed-request }', { proof: 'dpop' }, 'proof'],
    ['no proof', '{ proof: dpop }', {}, 'proof'],
    ['none is asked for', '{ proof: bearer }', {}, undefined],
  ] as [string, string, Partial<Asked['principal']>, string | undefined][])(
    '%s',
    (_name, obligation, who, expected) => {
      expect(lack(obligation, who)).toBe(expected);
    },
  );
});

test.each([
  ['DE02120300000000202051', { name: 'last-four', keepStart: 0, keepEnd: 4 }, '***2051'],
  ['DE02120300000000202051', { name: 'ends', keepStart: 2, keepEnd: 2 }, 'DE***51'],
  // Half of it would be told.
  ['12345678', { name: 'last-four', keepStart: 0, keepEnd: 4 }, '***'],
  ['🙂🙂🙂', { name: 'one', keepStart: 1, keepEnd: 0 }, '🙂***'],
  [1234567890, { name: 'last-four', keepStart: 0, keepEnd: 4 }, '***'],
  [null, { name: 'last-four', keepStart: 0, keepEnd: 4 }, null],
])('%j by the mask %j is %j', (value, mask, shown) => {
  const decision: Partial<Decision> = {
    fields: undefined,
    obligations: [{ type: 'redact', fields: { '/iban': mask }, rule: 'x' }],
  };
  expect(visiblePart({ iban: value }, decision as Decision)).toEqual({ iban: shown });
});

test('what is made of each rule is told piece by piece', () => {
  const rules = `  - { allow: x, who: [agent], can: [refund], for: [service/ticket/refund], when: { /in/amount: { lte: 10 }, /token/level: { gte: 2 } } }
  - { deny: y, can: [refund], when: { /in/note: { eq: a } } }
`;
  expect(bundleOf(rules).explain(asked())).toEqual([
    {
      kind: 'deny',
      rule: 'y',
      place: 'policy-0.yaml:21:5',
      who: true,
      purpose: true,
      conditions: [{ path: '/in/note', tests: { eq: 'a' }, value: undefined, holds: undefined }],
      holds: undefined,
    },
    {
      kind: 'allow',
      rule: 'x',
      place: 'policy-0.yaml:20:5',
      who: true,
      purpose: undefined,
      conditions: [
        { path: '/in/amount', tests: { lte: 10 }, value: 20, holds: false },
        { path: '/token/level', tests: { gte: 2 }, value: undefined, holds: undefined },
      ],
      holds: false,
    },
  ]);
});

test('a bundle knows what it reads of an intent, and what of that the log would not hold', () => {
  const bundle = bundleOf(
    `${when('/ctx/ip: { inNet: corp }, /agg/asked-1h: { lt: 5 }').allow}  - { deny: n, who: [boss], can: [refund], when: { /rep/band: { ne: trusted } } }\n`,
  );
  expect(bundle.reads(asked().intent)).toEqual([
    '/agg/asked-1h',
    '/ctx/ip',
    '/rep/band',
    '/token/roles',
    '/token/team',
  ]);
  expect(bundle.reads(getOrder)).toEqual([]);
  expect(bundle.footprint(asked({ totals: new Map([['asked-1h', 3]]) }))).toEqual({
    '/agg/asked-1h': 3,
    '/ctx/ip': '10.0.0.1',
    '/rep/band': 'new',
    '/token/roles': ['desk'],
    '/token/team': null,
  });
});
