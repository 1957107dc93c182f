import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startOrders } from './graphql-world.ts';
import type { TestGateway } from './start.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startOrders({
    '/orders/A-1': { id: 'A-1', customer_id: 'C-1' },
    '/customers/C-1': { id: 'C-1', name: 'Ada' },
  });
});
afterAll(() => gateway.stop());

/** Whatever it is, it is answered in the protocol, and nobody hears of our insides. */
const answered = async (body: unknown) => {
  const { status, text, body: told } = await gateway.call('POST', '/graphql', body);
  expect(status).toBeLessThan(500);
  expect(text).not.toMatch(/TypeError|RangeError|node_modules|\.ts:\d/);
  if (told?.data === undefined) expect(told?.errors?.length).toBeGreaterThan(0);
  for (const { extensions } of told?.errors ?? []) expect(extensions.code).not.toBe('internal');
};

const word = fc.constantFrom(
  ...[
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    ':',
    '!',
    '$',
    '@',
    '...',
    '"',
    '"""',
    'query',
    'mutation',
    'subscription',
    'fragment',
  ],
  ...[
    'on',
    'orders_get',
    'notes_add',
    'order_id',
    '"A-1"',
    'id',
    'customer',
    '__typename',
    '_entities',
    '$a',
    'Order',
    '1',
    '-',
    '#',
  ],
);

test('documents of any words are answered', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 30 }), (words) => answered({ query: words.join(' ') })),
    { numRuns: 150 },
  );
}, 30_000);

test('bodies of any shape are answered', async () => {
  const anything = fc.jsonValue({ maxDepth: 3 });
  const body = fc.oneof(
    anything,
    fc.record(
      {
        query: fc.oneof(anything, fc.constant('{ orders_get(order_id: "A-1") { id } }')),
        variables: anything,
        operationName: anything,
        extensions: anything,
      },
      { requiredKeys: [] },
    ),
  );
  await fc.assert(
    fc.asyncProperty(body, (one) => answered(JSON.stringify(one))),
    { numRuns: 150 },
  );
}, 30_000);

test('variables of any value reach no further than the contract lets them', async () => {
  const query = `query ($id: ID!, $status: OrdersListStatus, $least: Int64, $things: [_Any!]!) {
    orders_get(order_id: $id) { id customer { name } }
    orders_list(status: $status, least: $least) { orders { id } }
    _entities(representations: $things) { __typename }
  }`;
  const any = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom('A-1', 'open', 'in_transit', '__proto__', 2 ** 53),
  );
  const thing = fc.oneof(
    any,
    fc.record({ __typename: fc.constantFrom('Order', 'Customer', 'Query', '__proto__'), id: any }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.record({ id: any, status: any, least: any, things: fc.array(thing, { maxLength: 4 }) }),
      (variables) => answered({ query, variables }),
    ),
    { numRuns: 100 },
  );
}, 30_000);
