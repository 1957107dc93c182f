import { describe, expect, test } from 'vitest';
import type { Input } from '../../../../intents/json.ts';
import { compileSlotReader } from '../../../../intents/resolve/slots/read.ts';
import { intentNamed, intentOf, now, resolveRef } from '../shop.ts';

const read = (name: string, text: string) => {
  const { input, slots, unread } = compileSlotReader(intentNamed(name), resolveRef).read(text, { now });
  const words = Object.fromEntries(slots.map(({ pointer, span }) => [pointer, text.slice(span?.start, span?.end)]));
  return { input, words, unread: unread.map(({ start, end }) => text.slice(start, end)) };
};

test.each<[string, string, Input]>([
  ['orders.refund', 'refund order A-1001', { order_id: 'A-1001' }],
  ['orders.refund', 'refund €20 on A-1001', { order_id: 'A-1001', amount: 20, currency: 'EUR' }],
  ['orders.refund', 'refund twenty dollars for A-1001', { order_id: 'A-1001', amount: 20, currency: 'USD' }],
  ['orders.refund', 'refund Ａ-１００１', { order_id: 'A-1001' }],
  ['orders.refund', 'refund A-1001, it arrived damaged', { order_id: 'A-1001', reason: 'damaged' }],
  ['orders.list', 'show open orders since 3 May, at most 20', { status: 'open', since: '2026-05-03', limit: 20 }],
  ['catalogue.search', 'do you have desk lamps under 30 euros?', { query: 'desk lamps', max_price: 30 }],
  ['catalogue.search', 'find products called "super lamp"', { query: 'super lamp' }],
  ['catalogue.search', 'query: tea pots, please', { query: 'tea pots' }],
  ['catalogue.set-price', 'set price of SKU-100 to 1,299.00 dollars', { sku: 'SKU-100', price: 1299, currency: 'USD' }],
  ['shipments.reschedule', 'move the delivery of A-1001 to 3 May', { order_id: 'A-1001', day: '2027-05-03' }],
  [
    'customers.note',
    'add a note to order A-1001 saying please ring twice',
    { order_id: 'A-1001', note: 'please ring twice' },
  ],
  ['orders.cancel', 'cancel A-1001 and notify the customer', { order_id: 'A-1001', notify: true }],
])('%s: %s', (name, text, input) => expect(read(name, text).input).toEqual(input));

test('a span is how the value is written', () => {
  expect(read('orders.refund', 'refund twenty dollars on a-1001').words).toEqual({
    '/order_id': 'a-1001',
    '/amount': 'twenty',
    '/currency': 'dollars',
  });
});

describe('what is not certain is not read', () => {
  test.each<[string, string, Input, string[]]>([
    ['two orders for one slot', 'refund order A-1001 and A-1002', {}, ['A-1001', 'A-1002']],
    ['thousands or decimals', 'refund 1.200 euros on A-1001', { order_id: 'A-1001', currency: 'EUR' }, ['1.200']],
    ['another number', 'refund A-1001 after 3 weeks', { order_id: 'A-1001' }, ['3']],
    ['an almost-identifier', 'refund A-10011', {}, ['A-10011']],
    ['a currency it does not know', 'refund 20 pounds on A-1001', { order_id: 'A-1001', amount: 20 }, ['pounds']],
  ])('%s', (_name, text, input, unread) => {
    const found = read('orders.refund', text);
    expect(found.input).toEqual(input);
    expect(found.unread).toEqual(unread);
  });

  test('a number that fits two slots alike goes to neither, unless just one is required', () => {
    const properties = { width: { type: 'number' }, height: { type: 'number' } };
    const loose = compileSlotReader(intentOf('box.make', 'write', [], properties), resolveRef);
    expect(loose.read('make a box 20', { now })).toMatchObject({ input: {}, unread: [{ start: 11, end: 13 }] });
    expect(loose.read('make a box of width 20', { now }).input).toEqual({ width: 20 });
    expect(loose.read('make a box: height 3, width 20', { now }).input).toEqual({ width: 20, height: 3 });
    const strict = compileSlotReader(intentOf('box.make', 'write', [], properties, ['height']), resolveRef);
    expect(strict.read('make a box 20', { now }).input).toEqual({ height: 20 });
  });
});

test('two slots of one kind are told apart by the words that stand before them in the examples', () => {
  const id = { type: 'string', pattern: '^A-\\d{4}$' };
  const merge = intentOf(
    'orders.merge',
    'write',
    ['merge [from: A-1001] into [into: A-1002]'],
    { into: id, from: id },
    ['from', 'into'],
  );
  expect(compileSlotReader(merge, resolveRef).read('please merge A-2001 into A-2002', { now }).input).toEqual({
    from: 'A-2001',
    into: 'A-2002',
  });
});

test('free text that the examples write in quotation marks is read in quotation marks only', () => {
  const intent = intentOf(
    'parcels.redirect',
    'write',
    ['the address of [order_id: A-1001] is "[address: Am Markt 1, Bremen]"'],
    {
      order_id: { $ref: 'ontology:Order.id' },
      address: { type: 'string' },
    },
  );
  const reader = compileSlotReader(intent, resolveRef);
  expect(reader.read('the address of A-1001 is wrong', { now }).input).toEqual({ order_id: 'A-1001' });
  expect(reader.read('send A-1001 to "Kirchweg 4, Jena"', { now }).input).toEqual({
    order_id: 'A-1001',
    address: 'Kirchweg 4, Jena',
  });
});

test('lists and nested members', () => {
  const intent = intentOf('orders.export', 'read', ['export [ids: A-1001] to [address/city: Berlin]'], {
    ids: { type: 'array', items: { $ref: 'ontology:Order.id' } },
    address: {
      type: 'object',
      properties: { city: { type: 'string' }, zip: { type: 'string', pattern: '^Z\\d{5}$' } },
    },
  });
  const { input, slots } = compileSlotReader(intent, resolveRef).read(
    'export A-1001, A-1002 and A-1003 to Paris, Z12345',
    { now },
  );
  expect(input).toEqual({ ids: ['A-1001', 'A-1002', 'A-1003'], address: { city: 'Paris', zip: 'Z12345' } });
  expect(slots.map(({ pointer }) => pointer)).toEqual(['/ids', '/address/city', '/address/zip']);
});

test('a slot may be called __proto__', () => {
  const intent = intentOf('odd.one', 'read', [], { ['__proto__']: { type: 'number' } });
  const { input } = compileSlotReader(intent, resolveRef).read('it is 7', { now });
  expect(Object.getPrototypeOf(input)).toBe(Object.prototype);
});

test('locates whole tokens only', () => {
  const reader = compileSlotReader(intentNamed('customers.note'), resolveRef);
  const at = (text: string, value: string) => reader.locate(text, '/note', value, { now });
  expect(at('in 2013', '13')).toBeUndefined();
  expect(at('see A-13', '13')).toBeUndefined();
  expect(at('see 1.13', '13')).toBeUndefined();
  expect(at('see 13.', '13')).toEqual({ start: 4, end: 6 });
  expect(at('ring Twice, please', 'twice')).toEqual({ start: 5, end: 10 });
  expect(at('ring twice', '')).toBeUndefined();
  expect(reader.locate('for a-1001', '/order_id', 'A-1001', { now })).toEqual({ start: 4, end: 10 });
});
