import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineIntent, isDefinedIntent } from '../../intents/define.ts';
import { loadCatalogue } from '../../intents/load.ts';

const written = {
  name: 'orders.get',
  version: '1.0.0',
  title: 'Show an order',
  effect: 'read',
  examples: ['show order [order_id: A-1001]'],
  input: z.object({ order_id: z.string().regex(/^A-\d{4}$/), detail: z.enum(['short', 'full']).default('short') }),
  call: { backend: 'shop', rest: 'GET /orders/{order_id}' },
} as const;

test('a contract in code is the same contract', () => {
  const defined = defineIntent(written);
  expect(isDefinedIntent(defined)).toBe(true);
  const { catalogue, findings } = loadCatalogue([defined]);
  expect(findings).toEqual([]);
  expect(catalogue.find('orders.get')?.input).toMatchObject({
    type: 'object',
    required: ['order_id'],
    additionalProperties: false,
    properties: {
      order_id: { type: 'string', pattern: '^A-\\d{4}$' },
      detail: { enum: ['short', 'full'], default: 'short' },
    },
  });
});

test('a mistake in code is told with the line of the call', () => {
  const { findings } = loadCatalogue([
    defineIntent({ ...written, call: { backend: 'shop', rest: 'GET /orders/{id}' } }),
  ]);
  expect(findings[0]).toMatchObject({
    code: 'intent.binding',
    message: '{id} in the path is not a property of the input.',
  });
  expect(findings[0]?.file).toMatch(/define\.test\.ts$/);
  expect(findings[0]?.line).toBeGreaterThan(25);
});
