import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileResult, compileTemplate, slotsOf } from '../../../adapters/backends/template.ts';
import type { Input, Json } from '../../../intents/json.ts';

describe('compileTemplate', () => {
  const input: Input = { id: 'A-1', amount: 0, order: { lines: [{ sku: 'x' }] }, note: null };
  test.each<{ name: string; template: Json; value: Json | undefined }>([
    { name: 'a reference', template: '$.id', value: 'A-1' },
    { name: 'a path through a list', template: '$.order.lines.0.sku', value: 'x' },
    { name: 'zero and null, which are not absent', template: ['$.amount', '$.note'], value: [0, null] },
    { name: 'a constant', template: { a: [1, '$', 'costs $.5', true] }, value: { a: [1, '$', 'costs $.5', true] } },
    { name: 'an absent member, left out', template: { a: '$.none', b: '$.id' }, value: { b: 'A-1' } },
    { name: 'an absent item, left out', template: ['$.none', 'x'], value: ['x'] },
    { name: 'an absent whole', template: '$.none', value: undefined },
    { name: 'a path through a string', template: '$.id.length', value: undefined },
    { name: 'inherited members', template: ['$.constructor', '$.__proto__', '$.order.toString'], value: [] },
  ])('$name', ({ template, value }) => expect(compileTemplate(template)(input)).toEqual(value));

  test.each(['$.', '$.a..b', '$.lines.*.sku'])('refuses %s', (reference) =>
    expect(() => compileTemplate({ a: reference })).toThrow(`"${reference}" is not a reference`),
  );

  test('refuses __proto__ as a member', () =>
    expect(() => compileTemplate(JSON.parse('{"__proto__": "$.id"}'))).toThrow(/__proto__/));

  test('a template without references is a constant', () =>
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        if (!JSON.stringify(value).includes('"$.')) expect(compileTemplate(value as Json)({})).toEqual(value);
      }),
    ));
});

test('slotsOf names what a template reads', () =>
  expect(slotsOf({ a: '$.order.id', b: ['$.note', 1] })).toEqual(['order', 'note']));

describe('compileResult', () => {
  const answer = { order: { id: 'A-1', gone: null } };
  test.each([
    [undefined, answer],
    ['$', answer],
    ['$.order.id', 'A-1'],
    ['$.order.gone', null],
    ['$.order.none', null],
    ['$.toString', null],
  ])('%s', (result, value) => expect(compileResult(result)(answer)).toEqual(value));

  test('of nothing is null', () => expect(compileResult('$.order')(null)).toBe(null));
});
