import { createServer as createTcpServer } from 'node:net';
import fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { restBackend } from '../../../adapters/backends/rest.ts';
import type { RestBinding } from '../../../intents/contract.ts';
import type { Input } from '../../../intents/json.ts';
import type { Backend } from '../../../intents/ports.ts';
import { context, secret } from './contract.ts';
import { listen, options } from './rest-world.ts';

let server: Awaited<ReturnType<typeof listen>>;
let backend: Backend;
beforeAll(async () => {
  const app = fastify({ forceCloseConnections: true });
  app.route({
    method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    url: '/v1/*',
    exposeHeadRoute: false,
    handler: (request, reply) => {
      const { method, url, body, headers } = request;
      reply.send({ method, url, body: body ?? 'none', type: headers['content-type'] ?? 'none', key: headers['x-key'] });
    },
  });
  const says = (url: string, status: number, type: string | undefined, body: string | Buffer, headers = {}) =>
    app.get(url, (_, reply) => {
      reply.hijack();
      reply.raw.writeHead(status, { ...(type === undefined ? {} : { 'content-type': type }), ...headers }).end(body);
    });
  says('/says/no-content', 204, undefined, '');
  says('/says/empty', 200, 'text/plain', '');
  says('/says/problem', 200, 'application/problem+json; charset=utf-8', '{"a":1}');
  says('/says/broken', 200, 'application/json', '{"a":');
  says('/says/latin1', 200, 'application/json', Buffer.from('"\xe9"', 'latin1'));
  says('/says/untyped', 200, undefined, '{"a":1}');
  says('/says/zipped', 200, 'application/json', '{"a":1}', { 'content-encoding': 'gzip' });
  says('/says/elsewhere', 302, 'application/json', '{}', { location: '/v1/secret' });
  says('/says/large-error', 500, 'text/plain', 'x'.repeat(50_000));
  says('/says/large-chunks', 200, 'application/json', `"${'x'.repeat(50_000)}"`, { 'transfer-encoding': 'chunked' });
  says('/says/unavailable', 503, 'text/plain', '');
  says('/says/teapot', 418, 'text/plain', '');
  server = await listen(app);
  backend = restBackend(options(server.origin));
});
afterAll(async () => {
  await backend.close();
  await server.stop();
});

const compile = (binding: Partial<RestBinding>) =>
  backend.compile({ kind: 'rest', backend: 'echo', method: 'GET', path: '/v1/x', ...binding });
const send = (binding: Partial<RestBinding>, input: Input) => compile(binding).call(input, context());

describe('fields go by name', () => {
  const path = '/v1/orders/{id}';
  const input = { id: 'A 1', tags: ['a&b', 'c'], n: 2, yes: false };
  test.each(['GET', 'DELETE'] as const)('to the query of a %s', async (method) =>
    expect(await send({ method, path }, input)).toMatchObject({
      value: { method, url: '/v1/orders/A%201?tags=a%26b&tags=c&n=2&yes=false', body: 'none', type: 'none' },
    }),
  );

  test.each(['POST', 'PUT', 'PATCH'] as const)('to the body of a %s', async (method) =>
    expect(await send({ method, path }, input)).toMatchObject({
      value: {
        method,
        url: '/v1/orders/A%201',
        body: { tags: ['a&b', 'c'], n: 2, yes: false },
        type: 'application/json',
      },
    }),
  );

  test('an input that is all path leaves an empty object', async () =>
    expect(await send({ method: 'POST', path }, { id: '1' })).toMatchObject({ value: { body: {} } }));

  test('except what a template has already used', async () =>
    expect(
      await send({ method: 'POST', path, query: { n: '$.n' }, headers: { 'X-Key': '$.tags.0' } }, input),
    ).toMatchObject({ value: { url: '/v1/orders/A%201?n=2', body: { yes: false }, key: 'a&b' } }));

  test('HEAD has no answer', async () =>
    expect(await send({ method: 'HEAD', path }, { id: '1' })).toEqual({ ok: true, value: null }));

  test.each([{ q: { a: 1 } }, { q: [[1]] }, { q: null }, { q: '\ud800' }])('a query cannot say %j', async (input) =>
    expect(await send({ path: '/v1/x' }, input)).toMatchObject({ code: 'upstream.rejected', reached: 'no' }),
  );
});

describe('templates', () => {
  test('fill query, headers and body', async () =>
    expect(
      await send(
        {
          method: 'POST',
          query: { dry: true, until: '$.until' },
          headers: { 'x-key': '$.key' },
          body: { amount: { value: '$.amount', currency: 'EUR' }, note: '$.note' },
        },
        { amount: 20, key: 7 },
      ),
    ).toMatchObject({
      value: { url: '/v1/x?dry=true', key: '7', body: { amount: { value: 20, currency: 'EUR' } } },
    }));

  test('a body that refers to nothing is none', async () =>
    expect(await send({ method: 'POST', body: '$.none' }, {})).toMatchObject({
      value: { body: 'none', type: 'none' },
    }));

  test('result picks from the answer', async () =>
    expect(await send({ result: '$.url' }, {})).toEqual({ ok: true, value: '/v1/x' }));

  test.each(['a\r\nx-admin: 1', 'a\0', 'é', { a: 1 }])('a header cannot be %j', async (key) => {
    const { call, preview } = compile({ headers: { 'x-key': '$.key' } });
    expect(await call({ key }, context())).toMatchObject({ code: 'upstream.rejected', reached: 'no' });
    expect(() => preview({ key })).toThrow('The header "x-key" must be a scalar of printable ASCII characters.');
  });
});

describe('compile refuses', () => {
  test.each<[Partial<RestBinding>, string]>([
    [{ method: 'GET', body: {} }, 'A GET cannot have a body'],
    [{ path: '/a/../b' }, 'segment'],
    [{ query: { a: '$.' } }, 'is not a reference'],
    [{ headers: { 'x y': 'a' } }, 'Header name'],
    [{ headers: { Host: 'evil' } }, 'cannot be set by a binding'],
    [{ headers: { authorization: '$.token' } }, 'is set by the configuration of backend "echo"'],
    [{ result: 'order' }, 'is not a reference'],
  ])('%j', (binding, why) => expect(() => compile(binding)).toThrow(why));

  test.each([
    ['http://me:pw@127.0.0.1', 'holds a user or password'],
    ['http://127.0.0.1/?key=1', 'must end with its path'],
    ['ftp://127.0.0.1', 'must begin with http'],
  ])('a backend at %s', (url, why) => expect(() => restBackend(options(url))).toThrow(why));

  test('a configured header that cannot be sent', () =>
    expect(() => restBackend({ ...options('http://127.0.0.1'), headers: { a: 'b\nc' } })).toThrow(/Invalid character/));
});

describe('answers', () => {
  test.each([
    ['no-content', { ok: true, value: null }],
    ['empty', { ok: true, value: null }],
    ['problem', { ok: true, value: { a: 1 } }],
    ['broken', { ok: false, code: 'upstream.invalid', reached: 'yes' }],
    ['latin1', { ok: false, code: 'upstream.invalid', reached: 'yes' }],
    ['untyped', { ok: false, code: 'upstream.invalid', reached: 'yes' }],
    ['zipped', { ok: false, code: 'upstream.invalid', reached: 'yes' }],
    ['elsewhere', { ok: false, code: 'upstream.failed', reached: 'yes', detail: 'HTTP 302: {}' }],
    ['large-error', { ok: false, code: 'upstream.failed', reached: 'yes' }],
    ['large-chunks', { ok: false, code: 'upstream.invalid', reached: 'yes' }],
    ['unavailable', { ok: false, code: 'upstream.busy', reached: 'yes' }],
    ['teapot', { ok: false, code: 'upstream.rejected', reached: 'yes' }],
  ])('%s', async (name, reply) => {
    expect(await send({ path: `/says/${name}` }, {})).toMatchObject(reply);
    expect(await send({}, {})).toMatchObject({ ok: true });
  });

  test('detail is short', async () => {
    const reply = await send({ path: '/says/large-error' }, {});
    expect(reply).toMatchObject({ detail: expect.stringMatching(/^HTTP 500: x+$/) });
    expect(JSON.stringify(reply).length).toBeLessThan(600);
  });

  test('that are not HTTP', async () => {
    const tcp = createTcpServer((socket) => socket.on('data', () => socket.end('SSH-2.0-OpenSSH\r\n')));
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    const odd = restBackend(options(`http://127.0.0.1:${(tcp.address() as { port: number }).port}`));
    const { call } = odd.compile({ kind: 'rest', backend: 'echo', method: 'GET', path: '/' });
    expect(await call({}, context())).toMatchObject({ code: 'upstream.invalid', reached: 'maybe' });
    await odd.close();
    tcp.close();
  });
});

describe('preview', () => {
  test('says what would be sent', () => {
    const { preview } = compile({ method: 'POST', path: '/v1/orders/{id}', query: { dry: true } });
    expect(preview({ id: 'A-1', amount: 20 })).toEqual({
      operation: `POST ${server.origin}/v1/orders/A-1?dry=true`,
      payload: { amount: 20 },
    });
  });
  test('has no payload where there is no body', () => expect(compile({}).preview({}).payload).toBe(null));
  test('says nothing of configured headers', () =>
    expect(JSON.stringify(compile({}).preview({}))).not.toContain(secret));
});

test('a call that waits for a connection is not sent once its signal fires', async () => {
  let arrived = 0;
  const app = fastify({ forceCloseConnections: true });
  app.get('/slow', async () => {
    arrived += 1;
    await new Promise((resolve) => setTimeout(resolve, 150));
    return { ok: true };
  });
  const slow = await listen(app);
  const one = restBackend({ ...options(slow.origin), connections: 1 });
  const { call } = one.compile({ kind: 'rest', backend: 'echo', method: 'GET', path: '/slow' });
  const first = call({}, context());
  const second = await call({}, context(AbortSignal.timeout(50)));
  expect(second).toMatchObject({ code: 'upstream.timeout', reached: 'no' });
  expect(await first).toEqual({ ok: true, value: { ok: true } });
  expect(await call({}, context())).toMatchObject({ ok: true });
  expect([arrived, slow.openSockets()]).toEqual([2, 1]);
  await one.close();
  await slow.stop();
});

describe('what the configuration adds to the query', () => {
  const keyed = async (binding: Partial<RestBinding>, input: Input) => {
    const own = restBackend({ ...options(server.origin), query: { api_key: 'k&y-1f9a', v: '2' } });
    const compiled = own.compile({ kind: 'rest', backend: 'echo', method: 'GET', path: '/v1/x', ...binding });
    const reply = await compiled.call(input, context());
    await own.close();
    return { reply, preview: compiled.preview };
  };

  test('goes with every call, and is shown to nobody', async () => {
    const { reply, preview } = await keyed({}, { q: 'a' });
    expect(reply).toMatchObject({ value: { url: '/v1/x?q=a&api_key=k%26y-1f9a&v=2' } });
    expect(JSON.stringify(preview({ q: 'a' }))).not.toContain('1f9a');
    expect((await keyed({ method: 'POST' }, {})).reply).toMatchObject({
      value: { url: '/v1/x?api_key=k%26y-1f9a&v=2' },
    });
  });

  test.each([
    [{}, { api_key: 'mine' }],
    [{ query: { q: '$.q' }, styles: { query: { q: { style: 'form', explode: true } } } }, { q: { api_key: 'mine' } }],
  ] as const)('cannot be replaced by an input: %j %j', async (binding, input) =>
    expect((await keyed(binding, input)).reply).toMatchObject({ code: 'upstream.rejected', reached: 'no' }),
  );

  test('cannot be written by a binding', async () =>
    expect(keyed({ query: { api_key: '$.q' } }, {})).rejects.toThrow('"api_key" in the query is set by'));
});
