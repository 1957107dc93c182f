import { describe, expect, test } from 'vitest';
import type { Input } from '../../intents/json.ts';
import type { Asked } from '../../policies/types.ts';
import { asked, bundleOf, head, intent, load, refund } from './set-up.ts';

// Ways in which CASL 7.0.1's own conditions and wildcards let through what nobody meant to allow. It is our index of
// rules and nothing more; each test holds one of them shut.

const under = (condition: string, input: Input, given: Partial<Asked> = {}) => {
  const decide = (rule: string) => bundleOf(rule).decide(asked({ input, ...given })).outcome === 'permit';
  return {
    allowed: decide(`  - { allow: x, can: [refund], when: { ${condition} } }\n`),
    denied: !decide(`  - { allow: x, can: [refund] }\n  - { deny: y, can: [refund], when: { ${condition} } }\n`),
  };
};
/** Neither lets an allow pass nor a deny be passed. */
const unknown = { allowed: false, denied: true };

describe('$lt and $lte are true of what cannot be compared', () => {
  const values = {
    'a missing value': undefined,
    null: null,
    NaN: Number.NaN,
    'a text': 'abc',
    'an empty text': '',
    digits: '5',
    'an object': {},
    'a list': [],
    true: true,
  };
  test.each(Object.entries(values))('%s', (_name, amount) => {
    const input = { order_id: 'A', ...(amount === undefined ? {} : { amount }) } as Input;
    for (const test of ['lt: 100', 'lte: 100', 'gt: 0', 'gte: 0', 'eq: 5', 'ne: 5', 'in: [5]', 'notIn: [5]'])
      expect(under(`/in/amount: { ${test} }`, input)).toEqual(unknown);
  });

  test('an infinity, which JSON.parse makes of 1e999', () => {
    expect(under('/in/amount: { gte: -100 }', { amount: Number.POSITIVE_INFINITY })).toEqual(unknown);
    expect(under('/in/amount: { lte: 100 }', { amount: Number.NEGATIVE_INFINITY })).toEqual(unknown);
  });
});

test('a list passes a limit where any of its items does', () => {
  expect(under('/in/amount: { lte: 100 }', { amount: [50, 500] })).toEqual(unknown);
  expect(under('/in/note: { eq: ok }', { note: ['ok', 'not ok'] })).toEqual(unknown);
  expect(under('/in/note: { matches: "^ok$" }', { note: ['ok'] })).toEqual(unknown);
});

test('an unknown operator never matches, so that a misspelt deny never fires', () => {
  for (const written of ['$lte: 5', 'lessThan: 5', '$or: [{ eq: 5 }]', 'not: { eq: 5 }']) {
    const { bundle, told } = load([`${head}  - { deny: x, can: [refund], when: { /in/amount: { ${written} } } }\n`]);
    expect(bundle).toBeUndefined();
    expect(told[0]).toContain('is not an operator');
  }
});

test("can('x', 'Type') passes over conditions", () => {
  const rule = '  - { allow: x, can: [refund], when: { /in/amount: { lte: 100 } } }\n';
  expect(bundleOf(rule).decide(asked({ input: {} })).outcome).toBe('deny');
});

test.each(['__caslSubjectType__', '__proto__', 'constructor', 'prototype', 'toString'])(
  'a member %s of the input chooses nothing',
  (name) => {
    const input = JSON.parse(`{ "order_id": "A", ${JSON.stringify(name)}: { "amount": 5, "lte": 1 } }`) as Input;
    expect(under('/in/amount: { lte: 100 }', input)).toEqual(unknown);
    const other = JSON.parse(`{ "amount": 5, ${JSON.stringify(name)}: "all" }`) as Input;
    expect(under('/in/amount: { lte: 100 }', other)).toEqual({ allowed: true, denied: true });
  },
);

test('what every object inherits is not there', () => {
  const stranger = intent('orders.refund@2', 'write', { constructor: { type: 'string' } });
  const rules = `${head}  - { allow: x, can: [refund], when: { /in/constructor: { present: true } } }\n`;
  const { bundle } = load([rules], [stranger]);
  expect(bundle).toBeUndefined();
  const alone = rules.replace(/ {2}(view|purge): .*\n/g, '');
  expect(load([alone], [stranger]).bundle?.decide(asked({ intent: stranger, input: {} })).outcome).toBe('deny');
  expect(
    load([alone], [stranger]).bundle?.decide(
      asked({ intent: stranger, input: { constructor: 'x' } as unknown as Input }),
    ).outcome,
  ).toBe('permit');
});

describe('names that are wildcards to CASL are names', () => {
  const names = ['manage@1', 'all@1', 'any@1', 'crud@1'];

  const intents = [...names.map((id) => intent(id, 'write', {})), refund];
  test.each(names)('%s', (id) => {
    const text = `api: intent-policy/1
capabilities: { some: { intents: [${id}] }, others: { intents: [${[...names.filter((name) => name !== id), refund.id].join(', ')}] } }
rules:
  - { allow: x, can: [some] }
`;
    const { bundle } = load([text], intents);
    const permitted = intents.filter((one) => bundle?.decide(asked({ intent: one, input: {} })).outcome === 'permit');
    expect(permitted.map((one) => one.id)).toEqual([id]);
  });
});

test('what CASL is given for its wildcards names no intent', () => {
  const bundle = bundleOf('  - { allow: x, can: [view, refund, purge] }\n');
  for (const id of ['\0*@1', '\0*', 'manage', 'all'])
    expect(bundle.decide(asked({ intent: { ...refund, id } })).outcome).toBe('deny');
});

test.each(['/token/constructor/name', '/token/__proto__', '/token/toString', '/token/roles/constructor'])(
  '%s is no claim of anybody',
  (path) => {
    expect(under(`${path}: { present: true }`, { order_id: 'A' })).toEqual({ allowed: false, denied: false });
  },
);

test('names are not joined by commas', () => {
  const { bundle, told } = load([
    `${head.replace('orders.get@1', '"orders.get@1,orders.refund@2"')}  - { allow: x, can: [view] }\n`,
  ]);
  expect(bundle).toBeUndefined();
  expect(told[0]).toContain('an intent is written with its major');
  expect(under('/in/note: { in: ["a,b"] }', { note: 'a' }).allowed).toBe(false);
});

test('no pattern is slow on any input', () => {
  const note = `${'a'.repeat(50_000)}!`;
  const begun = process.cpuUsage();
  for (const pattern of ['^(a+)+$', '^(a|a)*$', '^(a|aa)+$', '(.*a){12}$', '([a-zA-Z]+)*$'])
    expect(under(`/in/note: { matches: ${JSON.stringify(pattern)} }`, { note }).allowed).toBe(
      pattern === '([a-zA-Z]+)*$',
    );
  expect(process.cpuUsage(begun).user / 1_000).toBeLessThan(5_000);
});

test('an undefined owner matches nothing', () => {
  const { bundle } = load([`${head}  - { allow: x, can: [refund], when: { /in/note: { eq: } } }\n`]);
  expect(bundle).toBeUndefined();
  expect(under('/in/note: { eq: dana }', { note: undefined } as never)).toEqual(unknown);
});

test('rules without fields do not hide those with fields, and a field list opens no other', () => {
  const rules = `  - { allow: narrow, can: [refund], priority: 1, fields: [/id] }
  - { allow: wide, can: [refund] }
`;
  expect(bundleOf(rules).decide(asked()).fields).toEqual(['/id']);
});

test('a deny holds wherever it stands: CASL would let the last rule win', () => {
  const rules = ['  - { deny: no, can: [refund] }\n', '  - { allow: yes, can: [refund] }\n'];
  for (const order of [rules, rules.toReversed()])
    expect(bundleOf(order.join('')).decide(asked()).outcome).toBe('deny');
});
