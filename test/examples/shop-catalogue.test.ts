import { request } from 'undici';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startCatalogue } from '../../examples/shop/backends/catalogue.ts';

let server: Awaited<ReturnType<typeof startCatalogue>>;
beforeEach(async () => {
  server = await startCatalogue({ port: 0 });
});
afterEach(() => server.close());

interface Answer {
  readonly data?: Record<string, Record<string, unknown>> | null;
  readonly errors?: { message: string; extensions?: { code?: string } }[];
}
const ask = async (query: string, variables: Record<string, unknown> = {}): Promise<Answer> => {
  const { body } = await request(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query, variables }),
  });
  return (await body.json()) as Answer;
};

const page = 'query ($text: String, $category: Category, $maxPrice: Float, $inStock: Boolean, $limit: Int) {';
const skus = `${page} search(text: $text, category: $category, maxPrice: $maxPrice, inStock: $inStock, limit: $limit) { total products { sku } } }`;

test.each([
  { name: 'everything', wanted: { limit: 50 }, found: 15 },
  { name: 'a plural', wanted: { text: 'lamps' }, found: ['LMP-01', 'LMP-02'] },
  { name: 'two words', wanted: { text: 'desk lamp' }, found: ['LMP-01'] },
  { name: 'a category below a price', wanted: { category: 'kitchen', maxPrice: 12 }, found: ['MUG-02'] },
  { name: 'what is in stock', wanted: { text: 'mug', inStock: true }, found: ['MUG-01'] },
  { name: 'what is not', wanted: { inStock: false }, found: ['MUG-02'] },
])('search finds $name', async ({ wanted, found }) => {
  const { data } = await ask(skus, wanted);
  if (typeof found === 'number') expect(data?.search?.total).toBe(found);
  else expect(data?.search?.products).toEqual(found.map((sku) => ({ sku })));
});

test('a new price holds', async () => {
  expect(await ask('mutation { setPrice(sku: "LMP-01", price: 44.5) { oldPrice newPrice currency } }')).toEqual({
    data: { setPrice: { oldPrice: 39.9, newPrice: 44.5, currency: 'EUR' } },
  });
  expect(await ask('{ product(sku: "LMP-01") { price } }')).toEqual({ data: { product: { price: 44.5 } } });
});

test('what comes in can be sold, and is no longer scarce', async () => {
  const scarce = '{ lowStock(below: 3) { products { sku } } }';
  expect((await ask(scarce)).data?.lowStock?.products).toContainEqual({ sku: 'MUG-02' });
  expect(
    await ask(
      'mutation { restock(sku: "MUG-02", quantity: 30, warehouse: LYON) { available warehouses { warehouse onHand reserved } } }',
    ),
  ).toEqual({
    data: {
      restock: {
        available: 30,
        warehouses: [
          { warehouse: 'BERLIN', onHand: 0, reserved: 0 },
          { warehouse: 'LYON', onHand: 30, reserved: 0 },
        ],
      },
    },
  });
  expect((await ask(scarce)).data?.lowStock?.products).not.toContainEqual({ sku: 'MUG-02' });
});

test('a discontinued product is off sale for good', async () => {
  const discontinue = 'mutation { discontinue(sku: "VAS-01") { discontinued available } }';
  expect(await ask(discontinue)).toEqual({ data: { discontinue: { discontinued: true, available: 0 } } });
  expect((await ask(skus, { text: 'vase' })).data?.search?.total).toBe(0);
  expect((await ask('{ product(sku: "VAS-01") { discontinued } }')).data?.product).toEqual({ discontinued: true });
  for (const again of [discontinue, 'mutation { setPrice(sku: "VAS-01", price: 1) { sku } }'])
    expect((await ask(again)).errors?.[0]?.extensions?.code).toBe('CONFLICT');
});

test.each([
  { name: 'an unknown product', query: '{ product(sku: "XXX-99") { sku } }', code: 'NOT_FOUND' },
  { name: 'the stock of one', query: '{ stock(sku: "XXX-99") { sku } }', code: 'NOT_FOUND' },
  {
    name: 'a price below zero',
    query: 'mutation { setPrice(sku: "LMP-01", price: -1) { sku } }',
    code: 'BAD_USER_INPUT',
  },
  { name: 'half a cent', query: 'mutation { setPrice(sku: "LMP-01", price: 1.005) { sku } }', code: 'BAD_USER_INPUT' },
  { name: 'no pieces', query: 'mutation { restock(sku: "LMP-01", quantity: 0) { sku } }', code: 'BAD_USER_INPUT' },
])('refused: $name', async ({ query, code }) => {
  const { data, errors } = await ask(query);
  expect(data).toBeNull();
  expect(errors?.[0]?.extensions?.code).toBe(code);
});

test('the schema can be read by introspection', async () => {
  const { data } = await ask('{ __schema { mutationType { fields { name } } } }');
  expect(data?.__schema).toEqual({
    mutationType: { fields: [{ name: 'setPrice' }, { name: 'restock' }, { name: 'discontinue' }] },
  });
});
