import fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graphqlBackend } from '../../../adapters/backends/graphql.ts';
import type { GraphqlBinding } from '../../../intents/contract.ts';
import type { Input } from '../../../intents/json.ts';
import { context } from './contract.ts';
import { startGraphql } from './graphql-world.ts';
import { listen, options } from './rest-world.ts';

let world: Awaited<ReturnType<typeof startGraphql>>;
beforeAll(async () => {
  world = await startGraphql();
});
afterAll(() => world.stop());

const compile = (document: string, more: Partial<GraphqlBinding> = {}, backend = world.backend) =>
  backend.compile({ kind: 'graphql', backend: 'echo', document, ...more });
const send = (document: string, input: Input = {}, more: Partial<GraphqlBinding> = {}) =>
  compile(document, more).call(input, context());

const order = 'query order($id: ID!) { order(id: $id) { id status } }';
const place =
  'mutation place($lines: [Line!]!, $note: String) { placed: place(lines: $lines, note: $note) { status lines } }';

describe('variables', () => {
  test('go by name', async () =>
    expect(await send(order, { id: 'A-1', other: 1 })).toEqual({ ok: true, value: { id: 'A-1', status: 'open' } }));

  test('or by template, the rest by name', async () =>
    expect(
      await send(
        place,
        { items: ['x', 'y'], note: 'n' },
        { variables: { lines: [{ sku: '$.items.0' }, { sku: '$.items.1' }] } },
      ),
    ).toEqual({ ok: true, value: { status: 'n', lines: ['x', 'y'] } }));

  test('cannot change the document', async () =>
    expect(await send(order, { id: '") { id } } #' })).toMatchObject({ value: { id: '") { id } } #' } }));

  test('reads own members only', () =>
    expect(compile('query ($constructor: ID) { order(id: $constructor) { id } }').preview({}).payload).toEqual({}));
});

describe('the value', () => {
  test('is the one root field, by its alias', async () =>
    expect(await send('{ mine: order(id: "1") { id } }')).toEqual({ ok: true, value: { id: '1' } }));
  test('is null where that is', async () =>
    expect(await send(order, { id: 'none' })).toEqual({ ok: true, value: null }));
  test('is all data where there are two', async () =>
    expect(await send('{ a: order(id: "1") { id } b: order(id: "2") { id } }')).toEqual({
      ok: true,
      value: { a: { id: '1' }, b: { id: '2' } },
    }));
  test('is all data where the root is a fragment', async () =>
    expect(await send('{ ...Root } fragment Root on Query { order(id: "1") { id } }')).toEqual({
      ok: true,
      value: { order: { id: '1' } },
    }));
  test('is what result picks from the data', async () =>
    expect(await send(order, { id: 'A-1' }, { result: '$.order.status' })).toEqual({ ok: true, value: 'open' }));
});

describe('errors', () => {
  test('beside data are not dropped', async () =>
    expect(await send(order, { id: 'partial' })).toMatchObject({
      ok: false,
      code: 'upstream.failed',
      reached: 'yes',
      detail: expect.stringContaining('Partial answer'),
    }));
  test('of the schema are a failure', async () =>
    expect(await send('{ nothing }')).toMatchObject({ code: 'upstream.failed', reached: 'yes' }));
  test('of a root that may not be null are a failure', async () =>
    expect(await send('{ strict(id: "1") { id } }')).toMatchObject({ code: 'upstream.failed', reached: 'yes' }));

  test.each([
    [400, '{"errors":[{"message":"Variable $id"}]}', 'upstream.rejected'],
    [400, '{"errors":[{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}]}', 'upstream.denied'],
    [502, '<html>', 'upstream.failed'],
    [503, '{}', 'upstream.busy'],
    [200, '[]', 'upstream.invalid'],
    [200, '{"data":[1]}', 'upstream.invalid'],
    [200, '{"errors":[null]}', 'upstream.failed'],
    [200, '', 'upstream.invalid'],
  ])('HTTP %i %s', async (status, body, code) => {
    const app = fastify();
    app.post('/graphql', (_, reply) => reply.code(status).type('application/graphql-response+json').send(body));
    const server = await listen(app);
    const backend = graphqlBackend(options(`${server.origin}/graphql`));
    const reply = await compile(order, {}, backend).call({ id: '1' }, context());
    expect(reply).toMatchObject({ ok: false, code, reached: 'yes' });
    await backend.close();
    await server.stop();
  });
});

describe('compile refuses', () => {
  test.each([
    ['query {\n  order(id: ', /line 2, column 13: Syntax Error/],
    ['subscription { a }', /subscription cannot be called/],
    ['query a { x } query b { y }', /must hold one operation; it holds 2/],
    ['fragment A on B { c }', /it holds 0/],
    ['type A { b: C } { d }', /one operation and its fragments/],
  ])('%j', (document, why) => expect(() => compile(document)).toThrow(why));

  test('a variable that is not declared', () =>
    expect(() => compile(order, { variables: { ident: '$.id' } })).toThrow('no variable $ident; it has $id.'));
});

test('preview says operation and variables', () => {
  expect(compile(order).preview({ id: 'A-1' })).toEqual({ operation: 'query order', payload: { id: 'A-1' } });
  expect(compile('{ a: order(id: "1") { id } }').preview({}).operation).toBe('query { a }');
});

describe('probe', () => {
  const signal = AbortSignal.timeout(5000);
  test('says which documents the schema does not know', async () => {
    const backend = graphqlBackend(options(`${world.origin}/graphql`));
    compile(order, {}, backend);
    expect(await backend.probe(signal)).toEqual([]);
    compile('query lost {\n  oder(id: "1") { id }\n}', {}, backend);
    compile('query typed($id: Int) { order(id: $id) { id } }', {}, backend);
    expect(await backend.probe(signal)).toEqual([
      expect.stringMatching(/^query lost: line 2: Cannot query field "oder"/),
      expect.stringMatching(/^query typed: line 1: Variable "\$id"/),
    ]);
    await backend.close();
  });

  test('rejects where the schema cannot be read', async () => {
    const backend = graphqlBackend(options(`${world.origin}/elsewhere`));
    await expect(backend.probe(signal)).rejects.toThrow('The schema of backend "echo" cannot be read: HTTP 404');
    await backend.close();
  });
});
