import { composeServices } from '@theguild/federation-composition';
import { parse } from 'graphql';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startOrders, type World } from './graphql-world.ts';
import type { TestGateway } from './start.ts';

const world: World = {};
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startOrders(world);
});
afterAll(() => gateway.stop());
beforeEach(() => {
  for (const path of Object.keys(world)) delete world[path];
  Object.assign(world, {
    '/orders/A-1': { id: 'A-1', customer_id: 'C-1', status: 'in-transit', total: 3, pieces: 1, tags: ['a'] },
    '/orders': {
      orders: [
        { id: 'A-1', customer_id: 'C-1' },
        { id: 'A-2', customer_id: 'C-2' },
        { id: 'A-3', customer_id: 'C-1' },
        { id: 'A-4', customer_id: null },
      ],
    },
    '/customers/C-1': { id: 'C-1', name: 'Ada' },
    '/customers/C-2': { id: 'C-2', name: 'Bo' },
  });
});
const asks = (query: string, variables: object = {}, key = 'writer') =>
  gateway.call('POST', '/graphql', { query, variables }, { key });

describe('what is joined', () => {
  test('is one call for each thing, authorized and recorded', async () => {
    const before = gateway.received.length;
    const told = await asks(
      '{ orders_list { orders { id customer { name } } } orders_get(order_id: "A-1") { customer { name } } }',
    );
    expect(told.body).toEqual({
      data: {
        orders_list: {
          orders: [
            { id: 'A-1', customer: { name: 'Ada' } },
            { id: 'A-2', customer: { name: 'Bo' } },
            { id: 'A-3', customer: { name: 'Ada' } },
            { id: 'A-4', customer: null },
          ],
        },
        orders_get: { customer: { name: 'Ada' } },
      },
    });
    const urls = gateway.received.slice(before).map(({ url }) => url);
    expect(urls.filter((url) => url.includes('customers')).sort()).toEqual([
      '/base/customers/C-1',
      '/base/customers/C-2',
    ]);
    const parent = String(told.headers['ostiary-request-id']);
    await expect
      .poll(() => gateway.onDisk().filter((entry) => entry.parent === parent && entry.kind === 'outcome'))
      .toMatchObject([
        { door: 'graphql', intent: 'customers.get@1.0.0', outcome: 'completed' },
        { door: 'graphql', intent: 'customers.get@1.0.0', outcome: 'completed' },
      ]);
  });

  test('is not there for who may not read it', async () => {
    const told = await asks('{ orders_get(order_id: "A-1") { id customer { name } } }', {}, 'reader');
    expect(told.body.errors[0].message).toMatch(/^Cannot query field "customer" on type "Order"/);
    expect((await asks('{ orders_get(order_id: "A-1") { customer_id } }', {}, 'reader')).body.data.orders_get).toEqual({
      customer_id: 'C-1',
    });
  });

  test('is an error in its own place where it cannot be had', async () => {
    world['/orders/A-1'] = { id: 'A-1', customer_id: 'nobody' };
    const told = await asks('{ orders_get(order_id: "A-1") { id customer { name } } }');
    expect(told.body).toMatchObject({
      data: { orders_get: { id: 'A-1', customer: null } },
      errors: [{ path: ['orders_get', 'customer'], extensions: { code: 'input.invalid' } }],
    });
  });

  test('comes to no more calls than an operation may have', async () => {
    const one = await startOrders(world, { config: 'doors: { graphql: { at_once: 2, calls: 2 } }' });
    try {
      const told = await one.call('POST', '/graphql', { query: '{ orders_list { orders { customer { name } } } }' });
      expect(told.body.data.orders_list.orders.map(({ customer }: { customer: unknown }) => customer !== null)).toEqual(
        [true, false, true, false],
      );
      expect(told.body.errors).toMatchObject([{ extensions: { code: 'request.too_costly' } }]);
    } finally {
      await one.stop();
    }
  });
});

describe('an answer', () => {
  test.each([
    { name: 'a word that is none of those listed', member: 'status', value: 'lost', wanted: 'one of OrderStatus' },
    { name: 'text for a number', member: 'total', value: 'much', wanted: 'Float' },
    { name: 'part of a whole number', member: 'pieces', value: 1.5, wanted: 'Int64' },
    { name: 'a value for a list', member: 'tags', value: 'a', wanted: 'a list' },
    { name: 'an object for text', member: 'id', value: {}, wanted: 'ID' },
  ])('that breaks its contract is an error there, and nowhere else: $name', async ({ member, value, wanted }) => {
    world['/orders/A-1'] = { id: 'A-1', placed: '2026-11-23T10:00:00Z', [member]: value };
    const told = await asks(`{ orders_get(order_id: "A-1") { placed ${member} } }`);
    expect(told.body).toMatchObject({
      data: { orders_get: { placed: '2026-11-23T10:00:00Z', [member]: null } },
      errors: [
        {
          path: ['orders_get', member],
          message: expect.stringContaining(wanted),
          extensions: { code: 'output.invalid' },
        },
      ],
    });
  });

  test('has values by their names, maps as they are, and digits of what no number can hold', async () => {
    world['/orders/A-1'] = { id: 'A-1', status: 'in-transit', pieces: '9007199254740993', extra: { 'a b': 'c' } };
    const told = await asks('{ orders_get(order_id: "A-1") { status pieces extra } }');
    expect(told.body.data.orders_get).toEqual({
      status: 'in_transit',
      pieces: '9007199254740993',
      extra: { 'a b': 'c' },
    });
  });

  test('that a policy masks is null where its type is not text, without an error', async () => {
    const told = await asks('{ orders_get(order_id: "A-1") { id total } }', {}, 'reader');
    expect(told.body).toEqual({ data: { orders_get: { id: 'A-1', total: null } } });
  });

  test('to an argument is asked for by its own value', async () => {
    const before = gateway.received.length;
    await asks('query ($status: OrdersListStatus) { orders_list(status: $status) { orders { id } } }', {
      status: 'in_transit',
    });
    expect(gateway.received[before]?.url).toBe('/base/orders?status=in-transit');
  });
});

describe('as a subgraph', () => {
  const representations = [
    { __typename: 'Customer', id: 'C-2' },
    { __typename: 'Order', id: 'A-1' },
    { __typename: 'Customer', id: 'C-9' },
    { __typename: 'Parcel', id: 'P-1' },
  ];

  test('it answers with things by their keys, each decided for this caller', async () => {
    const query = `query ($representations: [_Any!]!) {
      _entities(representations: $representations) { __typename ... on Customer { name } ... on Order { id customer { name } } }
    }`;
    world['/customers/C-9'] = null;
    const told = await asks(query, { representations });
    expect(told.body).toMatchObject({
      data: {
        _entities: [
          { __typename: 'Customer', name: 'Bo' },
          { __typename: 'Order', id: 'A-1', customer: { name: 'Ada' } },
          null,
          null,
        ],
      },
      errors: [{ path: ['_entities', 3], extensions: { code: 'request.invalid' } }],
    });
  });

  test('it takes no more of them than an operation may call', async () => {
    const many = Array.from({ length: 101 }, (_, index) => ({ __typename: 'Customer', id: `C-${index}` }));
    const told = await asks('query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }', { r: many });
    expect(told.body.errors).toMatchObject([{ extensions: { code: 'request.too_costly' } }]);
  });

  test('it composes with another that adds to its things', async () => {
    const { body } = await asks('{ _service { sdl } }');
    const { sdl } = body.data._service;
    const other = `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external"])
      type Customer @key(fields: "id") { id: ID points: Int }
      type Query { best: Customer }
    `;
    const composed = composeServices([
      { name: 'ostiary', typeDefs: parse(sdl), url: `${gateway.url}/graphql` },
      { name: 'points', typeDefs: parse(other), url: 'http://127.0.0.1:1/graphql' },
    ]);
    expect(composed.errors).toBeUndefined();
    expect(composed.supergraphSdl).toContain('type Customer');
    expect(composed.publicSdl).toContain('points: Int');
  });
});
