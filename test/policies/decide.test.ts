import { describe, expect, test } from 'vitest';
import { told } from '../../policies/record.ts';
import type { Asked } from '../../policies/types.ts';
import { asked, bundleOf, catalogue, getOrder, head, intent, load, principal, purge, refund } from './set-up.ts';

const allow =
  '  - { allow: small, who: [agent], can: [refund], for: [service], when: { /in/amount: { gt: 0, lte: 100 } } }\n';
const open = '  - { allow: open, can: [view, refund, purge] }\n';
const declared = (name: string): Partial<Asked> => ({ purpose: { name, source: 'declared' } });
const decided = (rules: string, given: Partial<Asked> = {}) => bundleOf(rules).decide(asked(given));
const amount = (value: unknown): Partial<Asked> => ({
  input: { order_id: 'A-1', ...(value === undefined ? {} : { amount: value as number }) },
});

describe('an allow holds only when everything it says is true', () => {
  test.each([
    ['it does', {}, 'permit'],
    ['a cent above the limit', amount(100.01), 'deny'],
    ['at the limit', amount(100), 'permit'],
    ['nothing', amount(0), 'deny'],
    ['a missing value', amount(undefined), 'deny'],
    ['null', amount(null), 'deny'],
    ['not a number', amount(Number.NaN), 'deny'],
    ['digits in a text', amount('20'), 'deny'],
    ['a list of values', amount([20]), 'deny'],
    ['an object', amount({}), 'deny'],
    ['somebody else', { principal: principal({ claims: { roles: ['boss'] } }) }, 'deny'],
    ['a role that is not a list', { principal: principal({ claims: { roles: 'desk' } }) }, 'deny'],
    ['no claims', { principal: principal({ claims: {} }) }, 'deny'],
    ['the very purpose', declared('service'), 'permit'],
    ['a narrower purpose', declared('service/ticket/refund'), 'permit'],
    ['another purpose', declared('finance'), 'deny'],
    ['no purpose', { purpose: undefined }, 'deny'],
    ['a purpose from the token', { purpose: { name: 'service', source: 'token' } }, 'permit'],
    ['a purpose from the session', { purpose: { name: 'service', source: 'session' } }, 'permit'],
    ['a purpose a model proposed', { purpose: { name: 'service', source: 'proposed' } }, 'deny'],
    ['a purpose that only looks narrower', declared('service/../finance'), 'deny'],
    ['a purpose that begins the same', declared('services'), 'deny'],
    ['a purpose nobody declared', declared('service/secret'), 'deny'],
    ['another intent', { intent: getOrder, input: { order_id: 'A-1' } }, 'deny'],
  ] as [string, Partial<Asked>, string][])('%s', (_name, given, outcome) => {
    expect(decided(allow, given).outcome).toBe(outcome);
  });

  test('a wider purpose never satisfies a narrower rule, nor one that leaves out what lies below it', () => {
    const narrow = '  - { allow: x, can: [refund], for: [service/ticket] }\n';
    const without = '  - { allow: x, can: [refund], for: [service], notFor: [service/export] }\n';
    const outcome = (rules: string, name: string) => decided(rules, declared(name)).outcome;
    expect(outcome(narrow, 'service')).toBe('deny');
    expect(outcome(narrow, 'service/ticket')).toBe('permit');
    expect(outcome(without, 'service')).toBe('deny');
    expect(outcome(without, 'service/export')).toBe('deny');
    expect(outcome(without, 'service/ticket')).toBe('permit');
  });

  test('a condition on the purpose reads none that a model proposed', () => {
    const rules = '  - { allow: x, can: [refund], when: { /purpose/name: { eq: service } } }\n';
    expect(decided(rules, declared('service')).outcome).toBe('permit');
    expect(decided(rules, { purpose: { name: 'service', source: 'proposed' } }).outcome).toBe('deny');
  });

  test.each([
    ['by a claim of the wrong type', { level: '3' }, 'deny'],
    ['by a claim that is missing', {}, 'deny'],
    ['by the claim', { level: 2 }, 'permit'],
  ])('about a subject %s', (_name, claims, outcome) => {
    const rules = '  - { allow: x, who: [level-two], can: [refund] }\n';
    expect(decided(rules, { principal: principal({ claims }) }).outcome).toBe(outcome);
  });

  test('subjects are joined by "or"', () => {
    const rules = '  - { allow: x, who: [level-two, agent], can: [refund] }\n';
    expect(decided(rules).outcome).toBe('permit');
    expect(decided(rules, { principal: principal({ claims: { level: 2 } }) }).outcome).toBe('permit');
    expect(decided(rules, { principal: principal({ claims: { roles: [] } }) }).outcome).toBe('deny');
  });
});

describe('a deny fires unless something it says is false', () => {
  const deny = (rest: string) => `${open}  - { deny: no, can: [refund], ${rest} }\n`;
  const limit = deny('when: { /in/amount: { gt: 100 } }');
  test.each([
    ['it is true', limit, amount(101), 'deny'],
    ['it is false', limit, amount(100), 'permit'],
    ['the value is missing', limit, amount(undefined), 'deny'],
    ['the value is a text', limit, amount('5'), 'deny'],
    ['the value is not a number', limit, amount(Number.NaN), 'deny'],
    ['the value is a list', limit, amount([5]), 'deny'],
    [
      'one test is false and the other unknown',
      deny('when: { /in/amount: { gt: 100 }, /in/note: { eq: x } }'),
      amount(5),
      'permit',
    ],
    [
      'one test is true and the other unknown',
      deny('when: { /in/amount: { gt: 1 }, /in/note: { eq: x } }'),
      amount(5),
      'deny',
    ],
    [
      'a claim is like one of several types, and not comparable with all',
      deny('when: { /token/level: { in: [5, "a"] } }'),
      { principal: principal({ claims: { level: '5' } }) },
      'deny',
    ],
    ['it is about somebody else', deny('who: [boss]'), {}, 'permit'],
    ['it may be about the caller', deny('who: [level-two]'), {}, 'deny'],
    [
      'it may be about the caller, but not about this value',
      deny('who: [level-two], when: { /in/amount: { gt: 100 } }'),
      {},
      'permit',
    ],
    ['it is for another purpose', deny('for: [finance]'), {}, 'permit'],
    ['it is for this purpose', deny('for: [service]'), {}, 'deny'],
    ['no purpose is given', deny('for: [finance]'), { purpose: undefined }, 'deny'],
    [
      'a model proposed the purpose',
      deny('for: [finance]'),
      { purpose: { name: 'service', source: 'proposed' } },
      'deny',
    ],
    ['the purpose is not declared', deny('for: [finance]'), declared('nonsense'), 'deny'],
    ['the purpose is wider', deny('for: [service/export]'), declared('service'), 'deny'],
    ['the purpose is left out', deny('notFor: [service/ticket]'), {}, 'permit'],
    ['the purpose is wider than what is left out', deny('notFor: [service/ticket]'), declared('service'), 'deny'],
    ['it is about other effects', deny('effects: [destructive]'), {}, 'permit'],
    [
      'a value is neither listed nor comparable',
      deny('when: { /in/note: { in: [a, b] } }'),
      { input: { order_id: 'A', note: 5 } },
      'deny',
    ],
    [
      'an unwanted value cannot be told apart',
      deny('when: { /in/note: { ne: ok } }'),
      { input: { order_id: 'A', note: null } },
      'deny',
    ],
    ['a list is not one', deny('when: { /in/tags: { has: vip } }'), { input: { order_id: 'A', tags: 'none' } }, 'deny'],
    [
      'a list holds what cannot be compared',
      deny('when: { /in/tags: { has: vip } }'),
      { input: { order_id: 'A', tags: ['a', 5] } },
      'deny',
    ],
    [
      'a list holds other things',
      deny('when: { /in/tags: { has: vip } }'),
      { input: { order_id: 'A', tags: ['a'] } },
      'permit',
    ],
  ] as [string, string, Partial<Asked>, string][])('%s', (_name, rules, given, outcome) => {
    expect(decided(rules, given).outcome).toBe(outcome);
  });

  test('wherever it stands, and whatever the priority of the allow', () => {
    const permit = '  - { allow: x, can: [refund], priority: 1000 }\n';
    const refuse = '  - { deny: no, can: [refund] }\n';
    for (const rules of [permit + refuse, refuse + permit]) expect(decided(rules).outcome).toBe('deny');
  });

  test('the answer of one minute does not stick', () => {
    const bundle = bundleOf('  - { allow: x, can: [refund], when: { /ctx/time: { between: ["09:00", "10:00"] } } }\n');
    const at = (now: string) =>
      bundle.decide(asked({ context: { now: new Date(now), ip: undefined, door: 'http' } })).outcome;
    const times = ['2026-11-23T09:59:59Z', '2026-11-23T10:00:00Z', '2026-11-23T09:59:00Z', '2026-11-23T08:59:59Z'];
    expect(times.map(at)).toEqual(['permit', 'deny', 'permit', 'deny']);
  });

  test('the clock of another place, its days, and times over midnight', () => {
    const at = (when: string, now: string) =>
      decided(`  - { allow: x, can: [refund], when: { /ctx/time: ${when} } }\n`, {
        context: { now: new Date(now), ip: undefined, door: 'http' },
      }).outcome;
    const desk = '{ between: ["07:00", "20:00"], tz: Europe/Berlin, days: [mon] }';
    expect(at(desk, '2026-11-23T06:00:00Z')).toBe('permit');
    expect(at(desk, '2026-11-23T05:59:00Z')).toBe('deny');
    expect(at(desk, '2026-11-23T19:00:00Z')).toBe('deny');
    expect(at(desk, '2026-11-24T09:00:00Z')).toBe('deny');
    expect(at(desk, '2026-07-20T05:00:00Z')).toBe('permit');
    expect(at(desk, '2026-07-20T04:59:59Z')).toBe('deny');
    expect(at('{ between: ["22:00", "06:00"] }', '2026-11-23T23:00:00Z')).toBe('permit');
    expect(at('{ between: ["22:00", "06:00"] }', '2026-11-23T05:59:00Z')).toBe('permit');
    expect(at('{ between: ["22:00", "06:00"] }', '2026-11-23T06:00:00Z')).toBe('deny');
    expect(at('{ between: ["07:00", "20:00"] }', 'no date')).toBe('deny');
  });
});

describe('what comes from where', () => {
  const sinks = `${open}  - { deny: tainted, can: [refund], when: { /prov/sinks: { anyIn: [model, backend] } } }\n`;
  const label = (from: string) => `${open}  - { deny: no, can: [refund], when: { ${from} } }\n`;
  test.each([
    ['every sink is from the call', sinks, { order_id: 'A' }, { '/order_id': 'input' }, 'permit'],
    ['a sink is made up', sinks, { order_id: 'A' }, { '/order_id': 'model' }, 'deny'],
    ['nobody said where a sink is from', sinks, { order_id: 'A' }, {}, 'deny'],
    [
      'only what is no sink is made up',
      sinks,
      { order_id: 'A', note: 'x' },
      { '/order_id': 'user', '/note': 'model' },
      'permit',
    ],
    [
      'an item of a list is made up',
      sinks,
      { lines: [{ sku: 'a' }, { sku: 'b' }] },
      { '/lines': 'user', '/lines/1/sku': 'model' },
      'deny',
    ],
    [
      'every item of a list is from the user',
      sinks,
      { lines: [{ sku: 'a' }, { sku: 'b' }] },
      { '/lines': 'user' },
      'permit',
    ],
    [
      'a part of a sink is made up',
      sinks,
      { address: { city: 'X', 'a/b': 'Y' } },
      { '/address': 'user', '/address/a~1b': 'model' },
      'deny',
    ],
    [
      'every part has a label of its own',
      sinks,
      { address: { city: 'X', 'a/b': 'Y' } },
      { '/address/city': 'user', '/address/a~1b': 'input' },
      'permit',
    ],
    ['a part has none', sinks, { address: { city: 'X', 'a/b': 'Y' } }, { '/address/city': 'user' }, 'deny'],
    ['no sink is set', sinks, {}, {}, 'permit'],
    ['one value is from the user', label('/prov/note: { ne: user }'), { note: 'x' }, { '/note': 'user' }, 'permit'],
    ['one value is from elsewhere', label('/prov/note: { ne: user }'), { note: 'x' }, { '/note': 'backend' }, 'deny'],
    ['one value has no label', label('/prov/note: { eq: model }'), { note: 'x' }, {}, 'deny'],
    ['one value is not there', label('/prov/note: { eq: model }'), {}, {}, 'deny'],
    [
      'a part of it is from elsewhere',
      label('/prov/address: { eq: model }'),
      { address: { city: 'X' } },
      { '/address': 'user', '/address/city': 'model' },
      'deny',
    ],
    [
      'its parts are from several places',
      label('/prov/address: { eq: model }'),
      { address: { city: 'X', 'a/b': 'Y' } },
      { '/address': 'user', '/address/city': 'input' },
      'deny',
    ],
    [
      'a name with a slash',
      label('/prov/address/a~1b: { eq: model }'),
      { address: { 'a/b': 'Y' } },
      { '/address/a~1b': 'user' },
      'permit',
    ],
  ] as [string, string, Asked['input'], Asked['provenance'], string][])(
    '%s',
    (_name, rules, input, provenance, outcome) => {
      expect(decided(rules, { input, provenance }).outcome).toBe(outcome);
    },
  );
});

describe('what a permit holds', () => {
  const confirm = (ttl: string, more = '') => `{ confirm: { by: self, ttl: ${ttl}${more} } }`;

  test('the allow of the highest priority decides, then the first in the files', () => {
    const two = (
      first: number,
      second: number,
    ) => `  - { allow: a, can: [refund], priority: ${first}, fields: [/a], reason: A }
  - { allow: b, can: [refund], priority: ${second}, fields: [/b], obligations: [${confirm('60s')}] }
`;
    expect(decided(two(0, 0))).toMatchObject({
      fields: ['/a'],
      obligations: [],
      reason: { user: 'A' },
      rules: { allow: ['a', 'b'] },
    });
    expect(decided(two(0, 1))).toMatchObject({
      fields: ['/b'],
      obligations: [{ type: 'confirm', ttlMs: 60_000, rule: 'b' }],
    });
    expect(decided(two(-1, -2))).toMatchObject({ fields: ['/a'], reason: { admin: 'allow a at policy-0.yaml:12:5' } });
    expect(decided(two(0, 1), { principal: principal({ capabilities: [] }) }).fields).toEqual([]);
  });

  test('without a list of fields, all of them may be seen', () => {
    expect(decided(open).fields).toBeUndefined();
  });

  test('a require adds to any permit, and grants none', () => {
    const require = `  - { require: ask, can: [refund], obligations: [${confirm('60s')}] }\n`;
    expect(decided(require).outcome).toBe('deny');
    expect(decided(open + require)).toMatchObject({
      outcome: 'permit',
      obligations: [{ type: 'confirm', rule: 'ask' }],
    });
    expect(decided(require, { purpose: undefined }).rules.require).toEqual(['ask']);
  });

  test('a require that cannot be decided is met', () => {
    const require = `${open}  - { require: ask, can: [refund], when: { /in/amount: { gt: 100 } }, obligations: [${confirm('60s')}] }\n`;
    expect(decided(require, amount(100)).obligations).toEqual([]);
    expect(decided(require, amount('a lot')).obligations).toHaveLength(1);
    expect(decided(require, amount(undefined)).unknown).toEqual([
      { rule: 'ask', path: '/in/amount', why: 'is missing' },
    ]);
  });

  test('of several confirmations the shortest holds, also within one rule', () => {
    const rules = `  - { allow: x, can: [refund], obligations: [${confirm('2h')}, ${confirm('90s')}] }
  - { require: y, can: [refund], obligations: [${confirm('5m')}] }
`;
    expect(decided(rules).obligations).toEqual([{ type: 'confirm', by: 'self', ttlMs: 90_000, rule: 'x' }]);
  });

  test('each confirmation is for its own effects', () => {
    const rules = `${open}  - require: x
    obligations: [${confirm('10s', ', onEffects: [destructive]')}, ${confirm('20s', ', onEffects: [write]')}]
`;
    expect(decided(rules).obligations).toEqual([{ type: 'confirm', by: 'self', ttlMs: 20_000, rule: 'x' }]);
    expect(decided(rules, { intent: getOrder, input: {} }).obligations).toEqual([]);
    expect(decided(rules, { intent: purge, input: {}, ...declared('finance') }).obligations).toMatchObject([
      { ttlMs: 10_000 },
    ]);
  });

  test('of several masks the strongest holds, also within one rule', () => {
    const rules = `  - { allow: x, can: [refund], obligations: [{ redact: { /a: mail-mask, /b: drop, /c: mask } }] }
  - { require: y, can: [refund], obligations: [{ redact: { /a: drop, /d: mask } }, { redact: { /a: mask, /b: mask, /c: mail-mask } }] }
`;
    expect(decided(rules).obligations).toEqual([
      { type: 'redact', rule: 'x, y', fields: { '/a': 'drop', '/b': 'drop', '/c': 'mask', '/d': 'mask' } },
    ]);
  });
});

describe('ceilings: no rule grants more than the contract and the credential', () => {
  test.each([
    ['narrowed to it', ['refund'], 'permit'],
    ['narrowed to another', ['view'], 'deny'],
    ['narrowed to nothing', [], 'deny'],
    ['narrowed to what is not declared', ['refunds', 'constructor', '__proto__'], 'deny'],
    ['not narrowed', undefined, 'permit'],
  ] as [string, string[] | undefined, string][])('a credential %s', (_name, capabilities, outcome) => {
    expect(decided(open, { principal: principal({ capabilities }) }).outcome).toBe(outcome);
  });

  test.each([
    ['for what the contract is for', { name: 'finance', source: 'token' }, 'permit'],
    ['for another purpose', { name: 'service', source: 'token' }, 'deny'],
    ['for none', undefined, 'deny'],
    ['for one that a model proposed', { name: 'finance', source: 'proposed' }, 'deny'],
  ] as [string, Asked['purpose'], string][])('a contract with purposes, %s', (_name, purpose, outcome) => {
    expect(decided(open, { intent: purge, input: { customer_id: 'C' }, purpose }).outcome).toBe(outcome);
  });

  test.each([
    ['the purpose', ['service/ticket'], 'permit'],
    ['one that is wider', ['service'], 'permit'],
    ['one that is narrower', ['service/ticket/refund'], 'deny'],
    ['another', ['finance'], 'deny'],
    ['one that begins the same', ['service/tick', 'serv', '', '/'], 'deny'],
    ['none', [], 'deny'],
  ] as [string, string[], string][])('a credential that carries %s', (_name, purposes, outcome) => {
    for (const source of ['declared', 'token'] as const)
      expect(
        decided(open, { principal: principal({ purposes }), purpose: { name: 'service/ticket', source } }).outcome,
      ).toBe(outcome);
  });

  test('an intent that the bundle does not know, even one that is named like another', () => {
    const stranger = intent('orders.refund@3', 'write', {});
    expect(decided(open, { intent: stranger, input: {} })).toMatchObject({
      outcome: 'deny',
      rules: { allow: [], deny: [], require: [] },
      reason: { user: 'No policy permits orders.refund for this caller.' },
    });
    expect(decided(open, { intent: { ...stranger, id: '__proto__' } }).outcome).toBe('deny');
  });

  test('the rules of a file that names a tenant are for that tenant', () => {
    const text = (tenant: string) => `api: intent-policy/1
tenant: ${tenant}
capabilities: { ${tenant}: { intents: [orders.get@1, orders.refund@2, orders.purge@1] } }
rules: [{ allow: in-${tenant}, can: [${tenant}] }]
`;
    const { bundle } = load([text('acme'), text('other')]);
    const rules = (tenant: string) =>
      bundle?.decide(asked({ principal: principal({ tenant }), purpose: undefined })).rules.allow;
    expect(rules('acme')).toEqual(['in-acme']);
    expect(rules('other')).toEqual(['in-other']);
    expect(rules('third')).toEqual([]);
    expect(bundle?.visibility(principal({ tenant: 'acme', purposes: [] }), refund)).toBe('callable');
    expect(bundle?.visibility(principal({ tenant: 'third', purposes: [] }), refund)).toBe('hidden');
  });
});

describe('reasons', () => {
  test('tell the caller what would be permitted', () => {
    expect(decided(allow, amount(500)).reason.user).toBe(
      'orders.refund is permitted to you only when /amount is above 0 and at most 100.',
    );
    expect(decided(allow, declared('finance')).reason.user).toBe(
      'No policy permits orders.refund to you for the purpose "finance".',
    );
    expect(decided(allow, { purpose: undefined }).reason.user).toBe(
      'orders.refund is permitted to you only for a purpose, and none was given.',
    );
    expect(decided(allow).reason.user).toBe('Permitted for service/ticket.');
  });

  test('tell other ways, and only of what the caller gave', () => {
    const ways = `  - { allow: a, can: [refund], when: { /in/amount: { lte: 3 } } }
  - { allow: b, can: [refund], when: { /in/amount: { present: false } } }
`;
    expect(decided(ways).reason.user).toBe(
      'orders.refund is permitted to you only when /amount is at most 3, or when /amount is not given.',
    );
    const secret = '  - { allow: a, can: [refund], when: { /token/level: { gte: 3 }, /ctx/ip: { eq: 10.9.9.9 } } }\n';
    expect(decided(secret).reason.user).toBe(
      'orders.refund is permitted to you only under conditions that do not hold now.',
    );
  });

  test('of several denies, tell the one that surely holds', () => {
    const deny = (id: string, when: string) =>
      `  - { deny: ${id}, can: [refund], when: { ${when} }, reason: Because of ${id}. }\n`;
    const rules = open + deny('amount', '/in/amount: { gt: 100 }') + deny('currency', '/in/currency: { eq: EUR }');
    expect(decided(rules, { input: { currency: 'EUR' } }).reason.user).toBe('Because of currency.');
  });

  test('name the rules to an administrator alone', () => {
    const { reason, unknown } = decided(
      `${open}  - { deny: limits, can: [refund], when: { /in/amount: { gt: 10 } } }\n`,
      amount('20'),
    );
    expect(reason).toEqual({
      user: 'A rule does not let orders.refund be done like this.',
      admin: 'deny limits at policy-0.yaml:13:5',
    });
    expect(unknown).toEqual([
      { rule: 'limits', path: '/in/amount', why: 'is not something that "gt" can be asked of' },
    ]);
  });

  test('tell the text of a deny', () => {
    const rules = `${open}  - { deny: a, can: [refund] }\n  - { deny: b, can: [refund], reason: Not today. }\n`;
    expect(decided(rules).reason.user).toBe('Not today.');
  });

  test.each([
    ['another caller', '  - { allow: x, who: [boss], can: [refund], when: { /in/amount: { lte: 7777 } } }\n'],
    [
      'what may be another caller',
      '  - { allow: x, who: [level-two], can: [refund], when: { /in/amount: { lte: 7777 } } }\n',
    ],
    [
      'another purpose',
      '  - { allow: x, who: [agent], can: [refund], for: [finance], when: { /in/amount: { lte: 7777 } } }\n',
    ],
    [
      'a deny that may be about another caller',
      `${open}  - { deny: x, who: [level-two], can: [refund], reason: Level two stops at 7777. }\n`,
    ],
  ])('say nothing of a rule for %s', (_name, rules) => {
    const { outcome, reason } = decided(rules);
    expect(outcome).toBe('deny');
    expect(reason.user).not.toMatch(/7777|boss|level|finance|x\b/);
  });
});

test('a decision has an id of its own and the hash of its policies', () => {
  const bundle = bundleOf(open);
  const [one, two] = [bundle.decide(asked()), bundle.decide(asked())];
  expect(one.id).not.toBe(two.id);
  expect(one.bundle).toBe(bundle.hash);
});

test('an empty policy denies every intent', () => {
  const { bundle } = load(['api: intent-policy/1\nrules: []\n']);
  for (const one of catalogue) expect(bundle?.decide(asked({ intent: one })).outcome).toBe('deny');
});

describe('a value that nobody gave is shown before it decides what is changed, whatever the rules say', () => {
  const all = '  - { allow: all, can: [view, refund, purge] }\n';
  const shown = (given: Parameters<typeof asked>[0], bundle = bundleOf(all)) =>
    bundle.decide(asked(given)).obligations.map(told);
  const input = { order_id: 'A-1', note: 'n', lines: [{ sku: 'x' }, { sku: 'y' }] };
  const said = { '/order_id': 'user', '/note': 'user', '/lines': 'user' } as const;

  test.each([
    ['by a model', { ...said, '/order_id': 'model' }],
    ['by a backend', { ...said, '/order_id': 'backend' }],
    ['in one item of many', { ...said, '/lines/1/sku': 'model' }],
    ['where nobody told the source', { '/note': 'user', '/lines': 'user' }],
    ['where nothing has a source', {}],
  ] as const)('%s', (_name, provenance) => {
    expect(shown({ input, provenance })).toEqual(['confirm by self (values-nobody-gave)']);
  });

  test.each([
    ['all was said', { input, provenance: said }],
    ['all was typed', {}],
    ['only what decides nothing was made up', { input, provenance: { ...said, '/note': 'model' } }],
    ['nothing is changed', { intent: getOrder, input: { order_id: 'A-1' }, provenance: { '/order_id': 'model' } }],
    ['there is no such value', { input: { note: 'n' }, provenance: { '/note': 'model' } }],
  ] as const)('not where %s', (_name, given) => expect(shown(given)).toEqual([]));

  test('sinks of the policy are meant too, and what a rule asks for stays as strict', () => {
    const sinks = `sinks: { orders.refund@2: [/in/note] }\nrules:\n`;
    const rules = '  - { allow: all, can: [refund], obligations: [{ confirm: { by: other-human, ttl: 30s } }] }\n';
    const { bundle } = load([`${head.replace('rules:\n', sinks)}${rules}`]);
    const { obligations } = bundle?.decide(asked({ input, provenance: { ...said, '/note': 'model' } })) ?? {};
    expect(obligations).toEqual([{ type: 'confirm', by: 'other-human', ttlMs: 30_000, rule: 'all' }]);
    const plain = load([`${head.replace('rules:\n', sinks)}${all}`]).bundle;
    expect(shown({ input, provenance: { ...said, '/note': 'model' } }, plain)).toHaveLength(1);
  });
});
