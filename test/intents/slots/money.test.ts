import { describe, expect, test } from 'vitest';
import type { Input, JsonSchema } from '../../../intents/json.ts';
import { compileSlotReader } from '../../../intents/resolve/slots/read.ts';
import { intentNamed, intentOf, now, resolveRef } from '../resolve/shop.ts';

const properties: Record<string, JsonSchema> = {
  amount: { type: 'number' },
  currency: { type: 'string', pattern: '^[A-Z]{3}$' },
};
const pay = compileSlotReader(intentOf('bills.pay', 'write', ['pay a bill'], properties), resolveRef);

test.each<[string, string | undefined, Input]>([
  ['pay 20 dollars', undefined, { amount: 20, currency: 'USD' }],
  ['pay 20 dollars', 'EUR', { amount: 20, currency: 'USD' }],
  ['pay 20 dollars', 'CAD', { amount: 20, currency: 'CAD' }],
  ['pay $20', 'AUD', { amount: 20, currency: 'AUD' }],
  ['pay 20 Canadian dollars', undefined, { amount: 20, currency: 'CAD' }],
  ['pay 20 US dollars', 'CAD', { amount: 20, currency: 'USD' }],
  ['pay 20 Hong Kong dollars', 'CAD', { amount: 20, currency: 'HKD' }],
  ['pay US$20', 'CAD', { amount: 20, currency: 'USD' }],
  ['pay A$20.50', undefined, { amount: 20.5, currency: 'AUD' }],
  ['pay 20 euros', 'CAD', { amount: 20, currency: 'EUR' }],
  ['pay 20 USD', 'CAD', { amount: 20, currency: 'USD' }],
  ['pay 20', 'CAD', { amount: 20 }],
])('%s, to a caller whose currency is %s', (text, currency, input) =>
  expect(pay.read(text, { now, ...(currency === undefined ? {} : { currency }) }).input).toEqual(input),
);

test('a dollar that the slot does not take is not bent into one that it takes', () => {
  const reader = compileSlotReader(intentNamed('orders.refund'), resolveRef);
  const { input, unread } = reader.read('refund 20 Canadian dollars on A-1001', { now });
  expect(input).toEqual({ order_id: 'A-1001', amount: 20 });
  expect(unread.length).toBe(1);
});

describe('a percentage', () => {
  const reading = (schema: JsonSchema, name: string, effect: 'read' | 'write') =>
    compileSlotReader(
      intentOf('loans.quote', effect, [], { [name]: { type: 'number', ...schema } }, [name]),
      resolveRef,
    ).read(`quote a loan with an interest rate of 5%`, { now }).input;
  test.each<['read' | 'write', JsonSchema, string, Input]>([
    ['write', {}, 'interest_rate', { interest_rate: 5 }],
    ['read', {}, 'interest_rate', { interest_rate: 5 }],
    ['read', { description: 'Interest rate in percent.' }, 'interest_rate', { interest_rate: 5 }],
    ['write', { maximum: 1 }, 'interest_rate', { interest_rate: 0.05 }],
    ['read', { description: 'Interest rate as a decimal.' }, 'interest_rate', { interest_rate: 0.05 }],
  ])('to a %s with %j', (effect, schema, name, input) => expect(reading(schema, name, effect)).toEqual(input));
});
