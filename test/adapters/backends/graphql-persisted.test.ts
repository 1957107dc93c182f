import { createHash } from 'node:crypto';
import fastify from 'fastify';
import { buildSchema, GraphQLError, graphql } from 'graphql';
import { expect, onTestFinished, test } from 'vitest';
import { type GraphqlOptions, graphqlBackend } from '../../../adapters/backends/graphql.ts';
import type { CallContext } from '../../../intents/ports.ts';
import { context } from './contract.ts';
import { listen, options } from './rest-world.ts';

const schema = buildSchema(`
  type Order { id: ID!, status: String }
  type Query { order(id: ID!): Order }
  type Mutation { cancel(id: ID!): Order }
`);
const rootValue = {
  order: ({ id }: { id: string }) => {
    if (id === 'missing') throw new GraphQLError('No such order.', { extensions: { code: 'NOT_FOUND' } });
    return { id, status: () => (id === 'partial' ? Promise.reject(new Error('half')) : 'open') };
  },
  cancel: ({ id }: { id: string }) => ({ id, status: 'cancelled' }),
};

interface Asked {
  readonly query?: string;
  readonly documentId?: string;
  readonly variables?: Record<string, unknown>;
  readonly extensions?: { persistedQuery?: { version: number; sha256Hash: string } };
}
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const error = (message: string, code: string) => ({ errors: [{ message, extensions: { code } }] });

/** A server that executes for real, keeps documents as it is told, and takes lists of operations. */
const startServer = async ({
  keeps = 'automatic',
  batches = true,
}: {
  keeps?: 'automatic' | 'nothing' | 'trusted';
  batches?: boolean;
}) => {
  const documents = new Map<string, string>();
  const received: { body: Asked | Asked[]; headers: Record<string, unknown> }[] = [];
  const answer = ({ query, documentId, variables, extensions }: Asked) => {
    const hash = extensions?.persistedQuery?.sha256Hash ?? documentId?.replace(/^sha256:/, '');
    if (keeps === 'trusted' && query !== undefined) return error('Documents alone.', 'FORBIDDEN');
    if (hash !== undefined && keeps === 'nothing')
      return error('PersistedQueryNotSupported', 'PERSISTED_QUERY_NOT_SUPPORTED');
    if (hash !== undefined && query !== undefined) {
      if (sha256(query) !== hash) return error('provided sha does not match query', 'BAD_REQUEST');
      documents.set(hash, query);
    }
    const source = query ?? documents.get(hash ?? '');
    if (source === undefined) return error('PersistedQueryNotFound', 'PERSISTED_QUERY_NOT_FOUND');
    return graphql({ schema, rootValue, source, variableValues: variables ?? {} });
  };
  const app = fastify({ forceCloseConnections: true });
  app.post<{ Body: Asked | Asked[] }>('/graphql', async ({ body, headers }, reply) => {
    received.push({ body, headers });
    if (!Array.isArray(body)) return answer(body);
    const held = body.find(({ variables }) => typeof variables?.id === 'string' && variables.id.startsWith('hold'));
    if (held !== undefined) return new Promise<never>(() => {});
    if (batches) return Promise.all(body.map(answer));
    return reply.code(400).send(error('Lists are not taken.', 'BAD_REQUEST'));
  });
  app.setErrorHandler((_error, _request, reply) => reply.code(500).send('broken'));
  const server = await listen(app);
  onTestFinished(server.stop);
  return {
    openSockets: server.openSockets,
    documents,
    received,
    backend(more: Partial<GraphqlOptions>) {
      const backend = graphqlBackend({ ...options(`${server.origin}/graphql`), timeoutMs: 10_000, ...more });
      onTestFinished(() => backend.close());
      const compile = (document: string) => backend.compile({ kind: 'graphql', backend: 'shop', document });
      return { ...backend, compile };
    },
  };
};
const order = 'query order($id: ID!) { order(id: $id) { id status } }';
const cancel = 'mutation ($id: ID!) { cancel(id: $id) { status } }';
const calls = (count: number, id = (index: number) => `A-${index}`) => Array.from({ length: count }, (_, at) => id(at));
const from = (id: string, more: Partial<CallContext> = {}): CallContext => ({
  ...context(),
  headers: { 'x-request-id': `r-${id}` },
  ...more,
});

test('a document is sent by its hash, with its text the first time alone', async () => {
  const { backend, received } = await startServer({});
  const { call } = backend({ persisted: 'automatic' }).compile(order);
  for (const id of calls(3)) expect(await call({ id }, context())).toEqual({ ok: true, value: { id, status: 'open' } });
  const sha256Hash = sha256(order);
  expect(received.map(({ body }) => body)).toEqual(
    [{}, { query: order }, {}, {}].map((text, index) => ({
      ...text,
      operationName: 'order',
      variables: { id: `A-${Math.max(0, index - 1)}` },
      extensions: { persistedQuery: { version: 1, sha256Hash } },
    })),
  );
});

test('a part of a document has a hash of its own', async () => {
  const { backend, documents } = await startServer({});
  const { call } = backend({ persisted: 'automatic' }).compile(order);
  expect(await call({ id: 'A-1' }, { ...context(), fields: ['/status'] })).toEqual({
    ok: true,
    value: { status: 'open' },
  });
  expect([...documents.keys()]).toEqual([sha256([...documents.values()][0] ?? '')]);
  expect(await call({ id: 'A-1' }, context())).toEqual({ ok: true, value: { id: 'A-1', status: 'open' } });
});

test('a server that keeps none is sent the text from then on, and does a write once', async () => {
  const { backend, received } = await startServer({ keeps: 'nothing' });
  const { call } = backend({ persisted: 'automatic' }).compile(cancel);
  for (const id of calls(2))
    expect(await call({ id }, context())).toEqual({ ok: true, value: { status: 'cancelled' } });
  expect(received.map(({ body }) => Object.keys(body).sort())).toEqual([
    ['extensions', 'variables'],
    ['query', 'variables'],
    ['query', 'variables'],
  ]);
});

test('an error of the operation itself is no reason to ask again', async () => {
  const { backend, received } = await startServer({});
  const { call } = backend({ persisted: 'automatic' }).compile(order);
  await call({ id: 'A-1' }, context());
  expect(await call({ id: 'missing' }, context())).toMatchObject({ code: 'upstream.not_found' });
  expect(received).toHaveLength(3);
});

test('a trusted document is named, and its text never sent', async () => {
  const { backend, documents, received } = await startServer({ keeps: 'trusted' });
  const shop = backend({ persisted: 'trusted' });
  const { call, narrows, preview } = shop.compile(order);
  expect(await call({ id: 'A-1' }, context())).toMatchObject({ ok: false, code: 'upstream.failed', reached: 'yes' });
  documents.set(sha256(order), order);
  expect(await call({ id: 'A-1' }, { ...context(), fields: ['/status'] })).toEqual({
    ok: true,
    value: { id: 'A-1', status: 'open' },
  });
  expect(received.every(({ body }) => !('query' in body))).toBe(true);
  // The server takes no other: no part of it, and no question for its schema.
  expect(narrows).toBeUndefined();
  expect(await shop.probe(context().signal)).toEqual([]);
  // By this a person registers it.
  expect(preview({ id: 'A-1' }).operation).toBe(`query order sha256:${sha256(order)}`);
});

test('queries that are asked at once go in one request, and each has its own answer', async () => {
  const { backend, received } = await startServer({});
  const { call } = backend({ batch: 4 }).compile(order);
  const ids = ['A-0', 'missing', 'partial', 'A-3', 'A-4'];
  const statuses: number[] = [];
  const answers = await Promise.all(
    ids.map((id) => call({ id }, from(id, { answered: (status) => statuses.push(status) }))),
  );
  expect(answers).toMatchObject([
    { ok: true, value: { id: 'A-0' } },
    { ok: false, code: 'upstream.not_found', reached: 'yes' },
    { ok: false, code: 'upstream.failed', detail: expect.stringMatching(/^Partial answer\..*half/) },
    { ok: true, value: { id: 'A-3' } },
    { ok: true, value: { id: 'A-4' } },
  ]);
  expect(JSON.stringify(answers[1])).not.toContain('half');
  expect(statuses).toEqual([200, 200, 200, 200, 200]);
  const sizes = received.map(({ body }) => (Array.isArray(body) ? body.length : 'alone'));
  expect(sizes.toSorted()).toEqual([4, 'alone']);
  expect(received.find(({ body }) => Array.isArray(body))?.headers['x-request-id']).toBe(
    'r-A-0, r-missing, r-partial, r-A-3',
  );
});

test('documents are persisted in lists too', async () => {
  const { backend, received } = await startServer({});
  const { call } = backend({ batch: 10, persisted: 'automatic' }).compile(order);
  const ask = () => Promise.all(calls(3).map((id) => call({ id }, context())));
  expect(await ask()).toMatchObject(calls(3).map((id) => ({ ok: true, value: { id } })));
  expect(await ask()).toMatchObject(calls(3).map((id) => ({ ok: true, value: { id } })));
  // The hashes, the texts, the hashes.
  expect(received.map(({ body }) => (body as Asked[]).map(({ query }) => query !== undefined))).toEqual([
    [false, false, false],
    [true, true, true],
    [false, false, false],
  ]);
});

test.each([
  { name: 'mutations', document: cancel, more: {} },
  { name: 'what has a key of its own', document: order, more: { headers: { 'idempotency-key': 'k' } } },
])('$name go by themselves', async ({ document, more }) => {
  const { backend, received } = await startServer({});
  const { call } = backend({ batch: 10 }).compile(document);
  await Promise.all(calls(2).map((id) => call({ id }, from(id, more))));
  expect(received.map(({ body }) => Array.isArray(body))).toEqual([false, false]);
});

test('callers with tokens of their own are never mixed', async () => {
  const { backend, received } = await startServer({});
  const { call } = backend({
    batch: 10,
    token: { token: async ({ subjectToken }) => `for-${subjectToken}`, refused: () => {}, close: async () => {} },
    headers: {},
  }).compile(order);
  await Promise.all(calls(4).map((id, at) => call({ id }, from(id, { subjectToken: at % 2 === 0 ? 'ada' : 'bob' }))));
  expect(
    received
      .map(({ body, headers }) => [headers.authorization, (body as Asked[]).map(({ variables }) => variables?.id)])
      .toSorted(),
  ).toEqual([
    ['Bearer for-ada', ['A-0', 'A-2']],
    ['Bearer for-bob', ['A-1', 'A-3']],
  ]);
});

test('a server that takes no lists says so to each', async () => {
  const { backend } = await startServer({ batches: false });
  const { call } = backend({ batch: 10 }).compile(order);
  const answers = await Promise.all(calls(2).map((id) => call({ id }, context())));
  expect(answers).toMatchObject([
    { code: 'upstream.rejected', detail: expect.stringContaining('Lists are not taken.') },
    { code: 'upstream.rejected' },
  ]);
});

test('a list that is larger than an answer may be is asked for one by one', async () => {
  const { backend, received } = await startServer({});
  const { call } = backend({ batch: 10, maxBytes: 100 }).compile(order);
  const answers = await Promise.all(calls(3).map((id) => call({ id }, context())));
  expect(answers).toMatchObject(calls(3).map((id) => ({ ok: true, value: { id } })));
  expect(received).toHaveLength(4);
});

test('whoever leaves does not take the others along, and the last of them does', async () => {
  const { backend, received, openSockets } = await startServer({});
  const { call } = backend({ batch: 10 }).compile(order);
  const [one, other, late] = [new AbortController(), new AbortController(), new AbortController()];
  late.abort();
  const first = call({ id: 'hold-1' }, from('1', { signal: one.signal }));
  let open = true;
  const second = call({ id: 'hold-2' }, from('2', { signal: other.signal })).finally(() => {
    open = false;
  });
  expect(await call({ id: 'A-3' }, from('3', { signal: late.signal }))).toMatchObject({ reached: 'no' });
  await expect.poll(() => received.length, { timeout: 10_000 }).toBe(1);
  expect((received.at(0)?.body as Asked[] | undefined)?.map(({ variables }) => variables?.id)).toEqual([
    'hold-1',
    'hold-2',
  ]);
  one.abort();
  expect(await first).toMatchObject({ code: 'upstream.timeout', reached: 'maybe' });
  expect(open).toBe(true);
  other.abort();
  expect(await second).toMatchObject({ code: 'upstream.timeout', reached: 'maybe' });
  await expect.poll(openSockets, { timeout: 10_000 }).toBe(0);
});
