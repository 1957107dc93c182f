import { describe, expect, test } from 'vitest';
import { isAtLeast, rightVersion } from '../../../intents/versions/change.ts';
import { compareCatalogues } from '../../../intents/versions/compare.ts';
import { contract, load, none } from './contracts.ts';

const compare = (before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>) => {
  const [found] = compareCatalogues(load(contract(before)), load(contract({ version: '1.99.0', ...after })));
  return { level: found?.level, texts: found?.changes.map(({ level, text }) => `${level}: ${text}`) };
};

/** The same member of an input, or of an output, under two schemas. */
const member = (part: 'input' | 'output', before: unknown, after: unknown) => {
  const of = (schema: unknown) =>
    schema === undefined
      ? { type: 'object', properties: { order_id: { type: 'string' } } }
      : { type: 'object', properties: { order_id: { type: 'string' }, it: schema } };
  return compare({ [part]: of(before), sinks: [], call }, { [part]: of(after), sinks: [], call }).level;
};
const call = { backend: 'orders', rest: 'POST /refunds' };

describe('a value of a contract', () => {
  const string = { type: 'string' };
  test.each([
    { name: 'a type more', before: string, after: { type: ['string', 'null'] }, input: 'minor', output: 'major' },
    {
      name: 'integer to number',
      before: { type: 'integer' },
      after: { type: 'number' },
      input: 'minor',
      output: 'major',
    },
    { name: 'another type', before: string, after: { type: 'integer' }, input: 'major', output: 'major' },
    { name: 'a value more', before: { enum: ['a'] }, after: { enum: ['a', 'b'] }, input: 'minor', output: 'major' },
    {
      name: 'values in another order',
      before: { enum: ['a', 'b'] },
      after: { enum: ['b', 'a'] },
      input: 'patch',
      output: 'patch',
    },
    { name: 'another constant', before: { const: 1 }, after: { const: 2 }, input: 'major', output: 'major' },
    {
      name: 'a longer text',
      before: { ...string, maxLength: 5 },
      after: { ...string, maxLength: 9 },
      input: 'minor',
      output: 'major',
    },
    {
      name: 'a shorter text',
      before: { ...string, minLength: 5 },
      after: { ...string, minLength: 1 },
      input: 'minor',
      output: 'major',
    },
    { name: 'no pattern', before: { ...string, pattern: '^a' }, after: string, input: 'minor', output: 'major' },
    {
      name: 'another pattern',
      before: { ...string, pattern: '^a' },
      after: { ...string, pattern: '^b' },
      input: 'major',
      output: 'major',
    },
    { name: 'no format', before: { ...string, format: 'date' }, after: string, input: 'minor', output: 'major' },
    {
      name: 'a lower bound',
      before: { type: 'number', minimum: 1 },
      after: { type: 'number', minimum: 0 },
      input: 'minor',
      output: 'major',
    },
    {
      name: 'a bound that is open no more',
      before: { type: 'number', exclusiveMinimum: 0 },
      after: { type: 'number', minimum: 0 },
      input: 'minor',
      output: 'major',
    },
    {
      name: 'finer steps',
      before: { type: 'integer', multipleOf: 10 },
      after: { type: 'integer', multipleOf: 5 },
      input: 'minor',
      output: 'major',
    },
    {
      name: 'more items',
      before: { type: 'array', maxItems: 2 },
      after: { type: 'array', maxItems: 3 },
      input: 'minor',
      output: 'major',
    },
    {
      name: 'items that may be the same',
      before: { type: 'array', uniqueItems: true },
      after: { type: 'array' },
      input: 'minor',
      output: 'major',
    },
    {
      name: 'wider items',
      before: { type: 'array', items: { enum: ['a'] } },
      after: { type: 'array', items: string },
      input: 'minor',
      output: 'major',
    },
    {
      name: 'any members',
      before: { type: 'object', additionalProperties: false },
      after: { type: 'object', additionalProperties: true },
      input: 'minor',
      output: 'major',
    },
    {
      name: 'a member that is typed now',
      before: { type: 'object', additionalProperties: true },
      after: { type: 'object', properties: { a: string }, additionalProperties: true },
      input: 'major',
      output: 'minor',
    },
    {
      name: 'an alternative more',
      before: { anyOf: [string] },
      after: { anyOf: [string, { type: 'null' }] },
      input: 'minor',
      output: 'major',
    },
    {
      name: 'one of more, apart',
      before: { oneOf: [tagged('a')] },
      after: { oneOf: [tagged('a'), tagged('b')] },
      input: 'minor',
      output: 'major',
    },
    {
      name: 'one of more, not apart',
      before: { oneOf: [string] },
      after: { oneOf: [string, { maxLength: 3 }] },
      input: 'major',
      output: 'major',
    },
    {
      name: 'other words',
      before: { ...string, description: 'a' },
      after: { ...string, title: 'b' },
      input: 'patch',
      output: 'patch',
    },
    { name: 'a member more', before: undefined, after: string, input: 'minor', output: 'minor' },
    { name: 'a class', before: string, after: { ...string, 'x-class': 'personal' }, input: 'minor', output: 'major' },
    { name: 'no class', before: { ...string, 'x-class': 'personal' }, after: string, input: 'minor', output: 'minor' },
    { name: 'a default', before: string, after: { ...string, default: 'x' }, input: 'major', output: 'minor' },
    {
      name: 'a member with a default',
      before: undefined,
      after: { ...string, default: 'x' },
      input: 'minor',
      output: 'minor',
    },
    {
      name: 'a member whose default does not fit it',
      before: undefined,
      after: { ...string, default: 1 },
      input: 'major',
      output: 'minor',
    },
  ])('$name: $input in an input, $output in an output', ({ before, after, input, output }) => {
    expect(member('input', before, after)).toBe(input);
    expect(member('output', before, after)).toBe(output);
  });

  test.each([
    { name: 'a type less', before: { type: ['string', 'null'] }, after: string, input: 'major', output: 'minor' },
    { name: 'a value less', before: { enum: ['a', 'b'] }, after: { enum: ['a'] }, input: 'major', output: 'minor' },
    {
      name: 'a shorter text',
      before: { ...string, maxLength: 9 },
      after: { ...string, maxLength: 5 },
      input: 'major',
      output: 'minor',
    },
    { name: 'a pattern', before: string, after: { ...string, pattern: '^a' }, input: 'major', output: 'minor' },
    { name: 'a format', before: string, after: { ...string, format: 'date' }, input: 'major', output: 'minor' },
    { name: 'a member less', before: string, after: undefined, input: 'major', output: 'major' },
    {
      name: 'closed',
      before: { type: 'object', additionalProperties: true },
      after: { type: 'object', additionalProperties: false },
      input: 'major',
      output: 'minor',
    },
    {
      name: 'an alternative less',
      before: { anyOf: [string, { type: 'null' }] },
      after: { anyOf: [string] },
      input: 'major',
      output: 'minor',
    },
    { name: 'no default', before: { ...string, default: 'x' }, after: string, input: 'major', output: 'minor' },
    {
      name: 'another default',
      before: { ...string, default: 'x' },
      after: { ...string, default: 'y' },
      input: 'major',
      output: 'minor',
    },
  ])('the other way round, $name: $input in an input, $output in an output', ({ before, after, input, output }) => {
    expect(member('input', before, after)).toBe(input);
    expect(member('output', before, after)).toBe(output);
  });
});

function tagged(kind: string) {
  return { type: 'object', required: ['kind'], properties: { kind: { const: kind } }, additionalProperties: false };
}

const of = (properties: object, required: readonly string[]) => ({
  type: 'object',
  properties: { order_id: { type: 'string' }, ...properties },
  required: ['order_id', ...required],
});
test.each([
  {
    name: 'a member that is required now',
    part: 'input',
    before: of({ a: {} }, []),
    after: of({ a: {} }, ['a']),
    level: 'major',
  },
  {
    name: 'required, with the default it had',
    part: 'input',
    before: of({ a: { default: 1 } }, []),
    after: of({ a: { default: 1 } }, ['a']),
    level: 'minor',
  },
  { name: 'required no more', part: 'input', before: of({ a: {} }, ['a']), after: of({ a: {} }, []), level: 'minor' },
  { name: 'new and required', part: 'input', before: of({}, []), after: of({ a: {} }, ['a']), level: 'major' },
  {
    name: 'new and required, with a default',
    part: 'input',
    before: of({}, []),
    after: of({ a: { default: 1 } }, ['a']),
    level: 'minor',
  },
  {
    name: 'required of an output',
    part: 'output',
    before: of({ a: {} }, []),
    after: of({ a: {} }, ['a']),
    level: 'minor',
  },
  {
    name: 'required of an output no more',
    part: 'output',
    before: of({ a: {} }, ['a']),
    after: of({ a: {} }, []),
    level: 'major',
  },
])('$name: $level', ({ part, before, after, level }) => {
  expect(compare({ [part]: before }, { [part]: after }).level).toBe(level);
});

test.each([
  { name: 'does more', before: { effect: 'write' }, after: { effect: 'destructive' }, level: 'major' },
  { name: 'does less', before: { effect: 'destructive' }, after: { effect: 'write' }, level: 'minor' },
  { name: 'only reads', before: { effect: 'write' }, after: { effect: 'read' }, level: 'major' },
  { name: 'a sink more', before: { sinks: [] }, after: {}, level: 'minor' },
  { name: 'a sink less', before: {}, after: { sinks: [] }, level: 'major' },
  { name: 'a ceiling of purposes', before: {}, after: { purposes: ['support'] }, level: 'major' },
  {
    name: 'a purpose more',
    before: { purposes: ['support'] },
    after: { purposes: ['support', 'fraud'] },
    level: 'minor',
  },
  {
    name: 'a purpose less',
    before: { purposes: ['support', 'fraud'] },
    after: { purposes: ['support'] },
    level: 'major',
  },
  { name: 'no ceiling', before: { purposes: ['support'] }, after: {}, level: 'minor' },
  { name: 'may be sent again', before: {}, after: { idempotent: true }, level: 'minor' },
  { name: 'may not be sent again', before: { idempotent: true }, after: {}, level: 'major' },
  { name: 'answers held to their schema', before: {}, after: { output_mode: 'strict' }, level: 'minor' },
  { name: 'answers let through', before: { output_mode: 'strict' }, after: {}, level: 'major' },
  { name: 'no schema of answers', before: {}, after: { output: undefined }, level: 'major' },
  {
    name: 'the same called otherwise',
    before: {},
    after: { call: { backend: 'orders', rest: 'POST /orders/{order_id}/refunds', body: {} } },
    level: 'patch',
  },
  { name: 'another call', before: {}, after: { call }, level: 'minor' },
  { name: 'is to go', before: {}, after: { deprecated: { since: '2026-11-01' } }, level: 'minor' },
  { name: 'another title', before: {}, after: { title: 'Give money back' }, level: 'patch' },
  { name: 'other examples', before: {}, after: { examples: ['money back for [order_id: A-1001]'] }, level: 'patch' },
])('a contract, $name: $level', ({ before, after, level }) => {
  expect(compare(before, after).level).toBe(level);
});

test('what an ontology says counts in every contract that refers to it', () => {
  const input = { type: 'object', properties: { order_id: { $ref: 'ontology:Order.id' } }, required: ['order_id'] };
  const world = (pattern: string, version: string) =>
    load(
      `${JSON.stringify({ ontology: 'shop', entities: { Order: { id: { type: 'string', pattern } } } })}\n---\n${contract({ input, version })}`,
    );
  const [found] = compareCatalogues(world('^A-', '1.0.0'), world('^B-', '1.0.1'));
  expect(found).toMatchObject({ level: 'major', right: '2.0.0', changes: [{ path: ['input', 'order_id'] }] });
});

test('a reference written out changes nothing', () => {
  const world = (schema: object) =>
    load(
      `${JSON.stringify({ ontology: 'shop', types: { Currency: { enum: ['EUR', 'USD'] } } })}\n---\n${contract({ input: of({ currency: schema }, []) })}`,
    );
  expect(compareCatalogues(world({ $ref: 'ontology:Currency' }), world({ enum: ['EUR', 'USD'] }))).toEqual([]);
});

test('a recursive schema is compared once', () => {
  const tree = (label: object) => ({
    type: 'object',
    properties: { label, below: { type: 'array', items: { $ref: 'schema:tree' } } },
  });
  const world = (label: object) =>
    load(
      `${JSON.stringify({ schemas: { tree: tree(label) } })}\n---\n${contract({ input: of({ tree: { $ref: 'schema:tree' } }, []) })}`,
    );
  const [wider] = compareCatalogues(world({ type: 'string', maxLength: 3 }), world({ type: 'string' }));
  expect(wider?.level).toBe('minor');
  const [narrower] = compareCatalogues(world({ type: 'string' }), world({ type: 'string', maxLength: 3 }));
  expect(narrower?.level).toBe('major');
});

test.each([
  { before: '1.4.2', level: 'major', right: '2.0.0' },
  { before: '1.4.2', level: 'minor', right: '1.5.0' },
  { before: '1.4.2', level: 'patch', right: '1.4.3' },
  { before: '1.4.2', level: undefined, right: '1.4.2' },
  { before: '0.4.2', level: 'major', right: '1.0.0' },
] as const)('$level after $before is $right', ({ before, level, right }) => {
  expect(rightVersion(before, level)).toBe(right);
  expect(isAtLeast(right, before)).toBe(true);
});

const wider = { input: of({ note: { type: 'string' } }, []) };
test.each([
  {
    name: 'a bump too small',
    after: [contract({ version: '1.4.3', ...wider })],
    refused: [/changed by a minor from 1.4.2, and says it is 1.4.3: 1.5.0 would be right/],
  },
  { name: 'no bump', after: [contract({ title: 'Another' })], refused: [/1.4.3 would be right/] },
  { name: 'the right bump', after: [contract({ version: '1.5.0', ...wider })], refused: [] },
  { name: 'a bump larger than it must be', after: [contract({ version: '1.6.0', title: 'Another' })], refused: [] },
  { name: 'a version that goes back', after: [contract({ version: '1.4.1' })], refused: [/back to 1.4.1/] },
  {
    name: 'a new major beside it',
    after: [contract(), contract({ version: '2.0.0', effect: 'destructive' })],
    refused: [],
  },
  { name: 'a new major in its place', after: [contract({ version: '2.0.0', effect: 'destructive' })], refused: [] },
  { name: 'a contract that is gone', after: [], refused: [/orders.refund@1 is gone/] },
])('$name', ({ after, refused }) => {
  const now = after.length === 0 ? none : load(after.join('\n---\n'));
  const found = compareCatalogues(load(contract()), now).flatMap((one) => one.refused ?? []);
  expect(found).toHaveLength(refused.length);
  for (const [index, pattern] of refused.entries()) expect(found[index]).toMatch(pattern);
});

test('a contract that is new is told of', () => {
  expect(compareCatalogues(none, load(contract()))).toMatchObject([{ name: 'orders.refund', level: 'minor' }]);
});
