import { expect, test } from 'vitest';
import { loadCatalogue } from '../../../intents/load.ts';
import { readSources } from '../../../intents/source.ts';

const intent = (call: string) => `intent: orders.refund
version: 1.0.0
title: Refund an order
effect: read
input:
  type: object
  required: [order_id]
  properties:
    order_id: { type: string }
    lines: { type: array, items: { type: object, properties: { price: { type: number }, qty: { type: integer } } } }
    open: { type: object, additionalProperties: true }
    either: { anyOf: [{ type: object, properties: { left: { type: string } } }, { type: object, properties: { right: { type: string } } }] }
output:
  type: object
  required: [refund_id]
  properties:
    refund_id: { type: string }
    amount: { type: number }
    lines: { type: array, items: { type: object, properties: { name: { type: string } } } }
call:
  backend: shop
  rest: POST /refunds
${call}`;

const findings = (call: string) =>
  loadCatalogue(readSources('orders.yaml', intent(call)).sources).findings.map(
    ({ line, column, message }) => `${line}:${column} ${message}`,
  );

test.each([
  ['  body: { id: $.order_id, first: $.lines.0.price, deep: $.open.any.thing, l: $.either.left, r: $.either.right }'],
  ['  body: { sum: { jsonata: $sum(lines.(price * qty)) }, any: { jsonata: open.x.y & either.right } }'],
  ['  query: { n: { jsonata: $count(lines) } }\n  headers: { x-id: { jsonata: $uppercase(order_id) } }'],
  ['  result: { refund_id: $.id, amount: { jsonata: $sum(parts.sum) }, lines: [{ name: $.first }] }'],
  ['  result: { jsonata: \'{ "refund_id": id, "amount": sum }\' }'],
  ['  result: { refund_id: none, amount: 1.5 }'],
])('is right: %s', (call) => expect(findings(call)).toEqual([]));

test.each([
  ['  body: { id: $.ordr_id }', ['23:15 $.ordr_id refers to nothing in the input. Did you mean "order_id"?']],
  ['  body: { p: $.lines.price }', ['23:14 $.lines.price refers to nothing in the input.']],
  ['  body: { p: $.either.lft }', ['23:14 $.either.lft refers to nothing in the input. Did you mean "left"?']],
  [
    '  body:\n    sum:\n      jsonata: $sum(lines.(prise * qty))',
    ['25:28 "lines.prise" is not in the input. Did you mean "price"?'],
  ],
  [
    '  body:\n    sum:\n      jsonata: |\n        $sum(\n          lines.(price * qtyy)\n        )',
    ['27:26 "lines.qtyy" is not in the input. Did you mean "qty"?'],
  ],
  ["  query: { n: { jsonata: '$count(lins)' } }", ['23:34 "lins" is not in the input. Did you mean "lines"?']],
  ['  query: { n: { jsonata: "a.(b" } }', ['23:27 This is not JSONata: Expected ")" before end of expression.']],
  ['  query: { n: { jsonata: $now() } }', ['23:26 $now is not taken here: it is another each time.']],
  [
    '  result: { refnd_id: $.id, refund_id: $.id }',
    ['23:23 "refnd_id" is not a property of the output. Did you mean "refund_id"?'],
  ],
  ['  result: { amount: $.sum }', ['23:11 "refund_id" is required in the output, and nothing fills it.']],
  ['  result: { refund_id: 7 }', ['23:24 7 does not fit the output: must be string.']],
  [
    '  result: { refund_id: $.id, lines: [{ nam: $.n }] }',
    ['23:45 "nam" is not a property of the output. Did you mean "name"?'],
  ],
  [
    '  result: { jsonata: \'{ "refund_id": id, "amout": sum }\' }',
    ['23:42 "amout" is not a property of the output. Did you mean "amount"?'],
  ],
])('is wrong: %s', (call, expected) => expect(findings(call)).toEqual(expected));
