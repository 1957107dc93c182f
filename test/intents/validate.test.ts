import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Intent } from '../../intents/contract.ts';
import type { Input } from '../../intents/json.ts';
import { loadCatalogue } from '../../intents/load.ts';
import { compileOutput } from '../../intents/shape.ts';
import { readSources } from '../../intents/source.ts';
import { compileInput } from '../../intents/validate.ts';

const { catalogue, findings } = loadCatalogue(
  readSources(
    'orders.yaml',
    `intent: orders.list
version: 1.0.0
title: List orders
effect: read
output_mode: drop
input:
  type: object
  required: [status]
  properties:
    status: { enum: [open, shipped] }
    limit: { type: integer, minimum: 1, default: 20 }
    day: { type: string, format: date }
    page: { type: object, properties: { size: { type: integer, default: 5 }, key: { type: string } } }
output:
  type: object
  properties:
    orders: { type: array, items: { $ref: "schema:order" } }
call: { backend: shop, rest: GET /orders }
---
schemas:
  order:
    type: object
    properties: { id: { type: string }, parent: { $ref: "schema:order" }, extra: { type: object, additionalProperties: true } }
`,
  ).sources,
);
const intent = catalogue.intents[0] as Intent;
const check = compileInput(intent, catalogue.library);

describe('an input', () => {
  test('gets its defaults, which are told apart', () => {
    expect(findings).toEqual([]);
    expect(check({ status: 'open', page: { key: 'x' } })).toEqual({
      input: { status: 'open', limit: 20, page: { size: 5, key: 'x' } },
      defaulted: ['/limit', '/page/size'],
      missing: [],
      wrong: [],
    });
  });

  test.each([
    ['missing', {}, [['/status', 'is required']]],
    [
      'a near miss of an enum',
      { status: 'opn' },
      [['/status', 'must be one of "open", "shipped". Did you mean "open"?']],
    ],
    ['the wrong type', { status: 'open', limit: 'ten' }, [['/limit', 'must be integer, not a string']]],
    [
      'an unknown member',
      { status: 'open', limt: 1 },
      [['/limt', 'is not known to this intent. Did you mean "limit"?']],
    ],
    [
      'an unknown member further in',
      { status: 'open', page: { sise: 1 } },
      [['/page/sise', 'is not known to this intent.']],
    ],
    ['below the minimum', { status: 'open', limit: 0 }, [['/limit', 'must be >= 1']]],
    ['no date', { status: 'open', day: '2026-02-30' }, [['/day', 'must be a valid date']]],
  ])('%s is told with its place', (_name, input, expected) => {
    const { missing, wrong } = check(input as Input);
    expect([...missing, ...wrong].map(({ pointer, detail }) => [pointer, detail])).toEqual(expected);
  });

  test('of any JSON at all never throws, and never changes what was given', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (input) => {
        const before = JSON.stringify(input);
        const { input: filled } = check(input as Input);
        expect(JSON.stringify(input)).toBe(before);
        expect(Object.getPrototypeOf(filled)).toBe(Object.getPrototypeOf({ ...input }));
      }),
    );
  });
});

describe('an output', () => {
  const shape = compileOutput(intent, catalogue.library);

  test('leaves with only what the contract lists, however deep', () => {
    const answer = { orders: [{ id: 'a', cost: 1, parent: { id: 'b', cost: 2 }, extra: { any: 1 } }], internal: true };
    expect(shape(answer)).toEqual({
      value: { orders: [{ id: 'a', parent: { id: 'b' }, extra: { any: 1 } }] },
      broken: [],
    });
  });

  test('that breaks the contract is told, and in mode drop loses what does not fit', () => {
    const { value, broken } = shape({ orders: [{ id: 7 }, { id: 'b' }] });
    expect(broken).toEqual([{ pointer: '/orders/0/id', detail: 'must be string' }]);
    expect(value).toEqual({ orders: [{}, { id: 'b' }] });
  });
});
