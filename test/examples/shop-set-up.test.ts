import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Shop, startShop } from '../../examples/shop/start.ts';
import { loadSetup } from '../../gateway/setup.ts';
import { type Wired, wire } from '../../gateway/wire.ts';
import type { Input } from '../../intents/json.ts';

const folder = mkdtempSync(join(tmpdir(), 'shop-'));
let shop: Shop;
let wired: Wired;
beforeAll(async () => {
  shop = await startShop({ ports: { orders: 0, catalogue: 0, shipping: 0 } });
  const { setup, findings } = await loadSetup('examples/shop', {
    ORDERS_URL: shop.orders,
    CATALOGUE_URL: shop.catalogue,
    SHIPPING_ADDRESS: shop.shipping,
  });
  expect(findings).toEqual([]);
  if (setup === undefined) throw new Error('The shop does not load.');
  const store = { url: pathToFileURL(folder).href };
  wired = await wire({ ...setup, config: { ...setup.config, store } }, () => {});
});
afterAll(async () => {
  await wired?.close();
  await shop?.close();
  rmSync(folder, { recursive: true, force: true });
});

test('the shop has what an example should: three kinds of backend, three kinds of effect, enough intents', () => {
  const { intents } = wired.gate.catalogue;
  expect(intents.length).toBeGreaterThanOrEqual(18);
  expect(new Set(intents.map(({ call }) => call.kind))).toEqual(new Set(['rest', 'graphql', 'grpc']));
  expect(new Set(intents.map(({ effect }) => effect))).toEqual(new Set(['read', 'write', 'destructive']));
  expect(intents.filter(({ examples }) => examples.length < 6)).toEqual([]);
});

test('every binding is known to its backend', async () => {
  expect(await wired.probe(AbortSignal.timeout(5_000))).toEqual([]);
});

test.each([
  { key: 'demo-support', id: 'dana', type: 'user' },
  { key: 'demo-shopper-bot', id: 'shopper-bot', type: 'agent' },
  { key: 'demo-auditor', id: 'aram', type: 'user' },
])('$key is the key of $id', async ({ key, id, type }) =>
  expect(await wired.gate.authenticator.authenticate(key, new Date())).toMatchObject({ id, type }),
);

describe('every intent does what it says and answers in its own schema', () => {
  const calls: { id: string; input: Input; answer: unknown }[] = [
    { id: 'orders.get@1', input: { order_id: 'A-1001' }, answer: { id: 'A-1001', total: 79.8, currency: 'EUR' } },
    { id: 'orders.search@1', input: { status: 'open', limit: 2 }, answer: { count: 3 } },
    {
      id: 'orders.refund@2',
      input: { order_id: 'A-1001', amount: 20, currency: 'EUR', reason: 'damaged' },
      answer: { refund_id: 'R-2005', left: 59.8 },
    },
    {
      id: 'orders.list-refunds@1',
      input: { order_id: 'A-1001' },
      answer: { refunds: [{ refund_id: 'R-2005', amount: 20 }] },
    },
    { id: 'orders.cancel-refund@1', input: { refund_id: 'R-2005' }, answer: { status: 'cancelled' } },
    {
      id: 'orders.add-note@1',
      input: { order_id: 'A-1001', note: 'Called back.' },
      answer: { notes: [{ text: 'Called back.' }] },
    },
    { id: 'orders.set-status@1', input: { order_id: 'A-1010', status: 'packed' }, answer: { status: 'packed' } },
    {
      id: 'orders.change-email@1',
      input: { order_id: 'A-1010', email: 'i@example.org' },
      answer: { email: 'i@example.org' },
    },
    { id: 'orders.cancel@1', input: { order_id: 'A-1010' }, answer: { status: 'cancelled', refunded: 51 } },
    { id: 'customers.erase@1', input: { email: 'lea@example.org' }, answer: { orders: ['A-1007', 'A-1016'] } },
    { id: 'catalogue.product@1', input: { sku: 'LMP-01' }, answer: { name: 'Desk lamp Arc', price: 39.9 } },
    {
      id: 'catalogue.search@1',
      input: { text: 'lamps', max_price: 50, limit: 10 },
      answer: { total: 1, products: [{ sku: 'LMP-01' }] },
    },
    {
      id: 'catalogue.stock@1',
      input: { sku: 'LMP-01' },
      answer: { available: 93, warehouses: [{ on_hand: 64 }, { on_hand: 30 }] },
    },
    { id: 'catalogue.low-stock@1', input: { below: 1 }, answer: { products: [{ sku: 'MUG-02', available: 0 }] } },
    {
      id: 'catalogue.set-price@1',
      input: { sku: 'LMP-01', price: 35, currency: 'EUR' },
      answer: { old_price: 39.9, new_price: 35 },
    },
    { id: 'catalogue.restock@1', input: { sku: 'MUG-02', quantity: 5, warehouse: 'LYON' }, answer: { available: 5 } },
    { id: 'catalogue.discontinue@1', input: { sku: 'VAS-01' }, answer: { discontinued: true } },
    {
      id: 'shipping.track@1',
      input: { order_id: 'A-1003' },
      answer: { status: 'IN_TRANSIT', expected_at: '2026-11-24T18:00:00Z' },
    },
    { id: 'shipping.parcel@1', input: { tracking_number: 'SH-700002' }, answer: { order_id: 'A-1003' } },
    {
      id: 'shipping.quote@1',
      input: { country: 'AT', weight_kg: 4, service: 'STANDARD' },
      answer: { offers: [{ carrier: 'Kestrel', price: 7.3 }] },
    },
    {
      id: 'shipping.carriers@1',
      input: { country: 'US' },
      answer: { carriers: [{ name: 'Tideline' }, { name: 'Swiftway' }] },
    },
    {
      id: 'shipping.book@1',
      input: { order_id: 'A-1005', carrier: 'Kestrel', service: 'EXPRESS' },
      answer: { tracking_number: 'SH-700009' },
    },
    {
      id: 'shipping.change-address@1',
      input: { tracking_number: 'SH-700009', address: 'Storgatan 1, Malmo' },
      answer: { address: 'Storgatan 1, Malmo' },
    },
    { id: 'shipping.cancel@1', input: { tracking_number: 'SH-700009' }, answer: { status: 'CANCELLED' } },
  ];

  test.each(calls)('$id', async ({ id, input, answer }) => {
    const compiled = wired.gate.compiled.get(id);
    if (compiled === undefined) throw new Error(`There is no intent ${id}.`);
    expect(compiled.check(input)).toMatchObject({ missing: [], wrong: [] });
    const reply = await compiled.plan.call(input, { signal: AbortSignal.timeout(5_000), headers: {} });
    if (!reply.ok) throw new Error(`${reply.code}: ${reply.detail}`);
    const { value, broken } = compiled.shape(reply.value);
    expect(broken).toEqual([]);
    expect(value).toMatchObject(answer as object);
  });

  test('none is left out', () => {
    expect(calls.map(({ id }) => id).sort()).toEqual([...wired.gate.compiled.keys()].sort());
  });
});

test.each([
  { id: 'orders.get@1', input: { order_id: 'A-9999' }, code: 'upstream.not_found' },
  { id: 'orders.cancel@1', input: { order_id: 'A-1003' }, code: 'upstream.conflict' },
  { id: 'orders.refund@2', input: { order_id: 'A-1004' }, code: 'upstream.rejected' },
  { id: 'catalogue.product@1', input: { sku: 'XXX-99' }, code: 'upstream.not_found' },
  { id: 'shipping.track@1', input: { order_id: 'A-1002' }, code: 'upstream.not_found' },
  { id: 'shipping.cancel@1', input: { tracking_number: 'SH-700002' }, code: 'upstream.conflict' },
])('a refusal of a backend keeps its meaning: $id $code', async ({ id, input, code }) => {
  const reply = await wired.gate.compiled
    .get(id)
    ?.plan.call(input, { signal: AbortSignal.timeout(5_000), headers: {} });
  expect(reply).toMatchObject({ ok: false, code, reached: 'yes' });
});
