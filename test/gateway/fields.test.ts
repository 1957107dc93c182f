import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify from 'fastify';
import { buildSchema, graphql } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startOrders } from './graphql-world.ts';
import { startGateway, type TestGateway } from './start.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startOrders({
    '/orders/A-1': { id: 'A-1', customer_id: 'C-1', status: 'open', total: 12, tags: ['a'] },
    '/orders': { orders: [{ id: 'A-1', customer_id: 'C-1' }] },
  });
});
afterAll(() => gateway.stop());
const calls = (intent: string, query: string, sent: { key?: string; headers?: Record<string, string> } = {}) =>
  gateway.call('POST', `/v1/intents/${intent}${query}`, intent === 'orders.get' ? { order_id: 'A-1' } : {}, sent);

test.each([
  { name: 'one', query: '?fields=id', seen: { id: 'A-1' } },
  { name: 'some', query: '?fields=id,/total', seen: { id: 'A-1', total: 12 } },
  { name: 'said twice', query: '?fields=id&fields=status,id', seen: { id: 'A-1', status: 'open' } },
  { name: 'none at all', query: '?fields=', seen: {} },
])('of an output the members that are named come back: $name', async ({ query, seen }) => {
  expect((await calls('orders.get', query)).body).toEqual(seen);
});

test.each([
  {
    name: 'a name that is nowhere',
    query: '?fields=nothing',
    pointer: '/nothing',
    detail: 'The output has no "nothing".',
  },
  {
    name: 'a misspelt one',
    query: '?fields=id,statsu',
    pointer: '/statsu',
    detail: 'The output has no "statsu". Did you mean "status"?',
  },
])('$name is told, and the backend is not asked', async ({ query, pointer, detail }) => {
  const { status, body } = await calls('orders.get', query);
  expect({ status, code: body.code, errors: body.errors }).toEqual({
    status: 400,
    code: 'request.fields',
    errors: [{ pointer, detail }],
  });
});

test('inside a list too, and to nobody who may not know of the intent', async () => {
  const told = await calls('orders.list', '?fields=orders/idd');
  expect(told.body.errors).toEqual([{ pointer: '/orders/idd', detail: '/orders has no "idd". Did you mean "id"?' }]);
  const hidden = await gateway.call('POST', '/v1/intents/customers.get?fields=idd', { id: 'C-1' }, { key: 'reader' });
  expect(hidden.body.code).toBe('intent.unknown');
});

test('members are named through lists', async () =>
  expect((await calls('orders.list', '?fields=orders/id')).body).toEqual({ orders: [{ id: 'A-1' }] }));

test('what a policy hides or masks stays so', async () => {
  expect((await calls('orders.get', '?fields=id,total', { key: 'reader' })).body).toEqual({ id: 'A-1', total: '***' });
  const got = await gateway.call(
    'POST',
    '/v1/intents/notes.get?fields=secret,email',
    { note_id: 'N-1' },
    { key: 'reader' },
  );
  expect(got.body).toEqual({ email: 'a***@example.com' });
});

test('the least of an output is its identifiers', async () => {
  const least = await calls('orders.get', '', { headers: { prefer: 'respond-async, return=minimal' } });
  expect(least.body).toEqual({ id: 'A-1', customer_id: 'C-1' });
  expect(least.headers['preference-applied']).toBe('return=minimal');
  const none = await calls('orders.list', '', { headers: { prefer: 'return=minimal' } });
  expect(none.headers['preference-applied']).toBeUndefined();
  expect(none.body.orders).toHaveLength(1);
});

test('whether an intent is there is not told by the way', async () => {
  const headers = { prefer: 'return=minimal' };
  const [hidden, nowhere] = [
    await gateway.call('POST', '/v1/intents/customers.get', { id: 'C-1' }, { key: 'reader', headers }),
    await gateway.call('POST', '/v1/intents/customers.lost', { id: 'C-1' }, { key: 'reader', headers }),
  ];
  expect([hidden.status, nowhere.status]).toEqual([404, 404]);
  expect(Object.keys(hidden.headers)).toEqual(Object.keys(nowhere.headers));
});

test('too many names are refused', async () =>
  expect((await calls('orders.get', `?fields=${Array.from({ length: 101 }, (_, n) => n).join()}`)).body.code).toBe(
    'request.invalid',
  ));

test('a GraphQL backend is asked for what is wanted, and for all where the contract requires members', async () => {
  const asked: string[] = [];
  const backend = fastify();
  const schema = buildSchema(
    'type Query { thing(id: ID!): Thing } type Thing { id: ID name: String parts: [Part] } type Part { size: Int color: String }',
  );
  const thing = { id: 'T-1', name: 'n', parts: [{ size: 1, color: 'red' }] };
  backend.post<{ Body: { query: string; variables: Record<string, unknown> } }>('/graphql', async ({ body }) => {
    if (!body.query.includes('__schema')) asked.push(body.query.replaceAll(/\s+/g, ' ').trim());
    return graphql({ schema, source: body.query, variableValues: body.variables, rootValue: { thing: () => thing } });
  });
  const address = await backend.listen({ host: '127.0.0.1', port: 0 });
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-fields-'));
  mkdirSync(join(folder, 'intents'));
  const intent = (name: string, more: string) =>
    `intent: ${name}\nversion: 1.0.0\ntitle: Show a thing\neffect: read\ninput: { type: object, required: [id], properties: { id: { type: string } } }\noutput: { type: object, ${more} properties: { id: { type: string }, name: { type: string }, parts: { type: array, items: { type: object, properties: { size: { type: integer }, color: { type: string } } } } } }\ncall: { backend: things, graphql: "query thing($id: ID!) { thing(id: $id) { id name parts { size color } } }" }\n`;
  writeFileSync(
    join(folder, 'intents/things.yaml'),
    `${intent('things.get', '')}---\n${intent('things.strict', 'required: [id],')}`,
  );
  const one = await startGateway({
    folder,
    backend: `http://127.0.0.1:1" }, things: { kind: graphql, url: "${address}/graphql`,
    policy: (text) =>
      `${text.replace('rules:', '  things: { intents: [things.get@1, things.strict@1], effect: read }\nrules:')}  - { allow: things, who: [writer], can: [things], for: [work] }\n`,
  });
  try {
    const query = '{ things_get(id: "T-1") { name parts { size } } }';
    const told = await one.call('POST', '/graphql', { query });
    expect(told.body).toEqual({ data: { things_get: { name: 'n', parts: [{ size: 1 }] } } });
    expect((await one.call('POST', '/v1/intents/things.get?fields=id', { id: 'T-1' })).body).toEqual({ id: 'T-1' });
    expect((await one.call('POST', '/v1/intents/things.strict?fields=name', { id: 'T-1' })).body).toEqual({
      name: 'n',
    });
    expect((await one.call('POST', '/v1/intents/things.get', { id: 'T-1' })).body).toEqual(thing);
    const all = 'query thing($id: ID!) { thing(id: $id) { id name parts { size color } } }';
    expect(asked).toEqual([
      'query thing($id: ID!) { thing(id: $id) { name parts { size } } }',
      'query thing($id: ID!) { thing(id: $id) { id } }',
      all,
      all,
    ]);
  } finally {
    await one.stop();
    await backend.close();
  }
});
