import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fastify from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clientCredentials } from '../../../adapters/backends/auth-client-credentials.ts';
import { restBackend } from '../../../adapters/backends/rest.ts';
import type { Backend } from '../../../intents/ports.ts';
import { context, limits } from './contract.ts';
import { listen } from './rest-world.ts';

const secret = 'p&ss:word é';
let clock = 0;
let asked: { authorization: string | undefined; body: string }[] = [];
let revoked: string[] = [];
let tokenStatus = 200;
let server: Awaited<ReturnType<typeof listen>>;
let backend: Backend;
const zips = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync };

beforeEach(async () => {
  [clock, asked, revoked, tokenStatus] = [0, [], [], 200];
  const app = fastify({ forceCloseConnections: true });
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) =>
    done(null, body),
  );
  app.post('/token', ({ headers, body }, reply) => {
    asked.push({ authorization: headers.authorization, body: String(body) });
    reply
      .code(tokenStatus)
      .send({ access_token: `token-${asked.length}`, token_type: 'Bearer', expires_in: 100, secret });
  });
  app.get<{ Params: { name: keyof typeof zips }; Querystring: { n: string } }>('/zip/:name', (request, reply) => {
    const { name } = request.params;
    const bytes = zips[name](JSON.stringify('x'.repeat(Number(request.query.n))));
    reply.header('content-encoding', name).type('application/json').send(bytes);
  });
  app.get('/who', ({ headers }, reply) => {
    const authorization = headers.authorization ?? '';
    reply.code(revoked.includes(authorization) ? 401 : 200).send({ authorization });
  });
  server = await listen(app);
  const tokenUrl = new URL('/token', server.origin);
  const token = clientCredentials({
    name: 'echo',
    tokenUrl,
    clientId: 'me',
    clientSecret: secret,
    scope: 'a b',
    timeoutMs: 2_000,
    now: () => clock,
  });
  backend = restBackend({ name: 'echo', url: new URL(server.origin), ...limits, headers: {}, token });
});
afterEach(async () => {
  await backend.close();
  await server.stop();
});
const get = (path: string, input = {}) =>
  backend.compile({ kind: 'rest', backend: 'echo', method: 'GET', path }).call(input, context());
const token = (n: number) => ({ ok: true, value: { authorization: `Bearer token-${n}` } });

describe('client credentials', () => {
  test('one token for calls at once, and for those after', async () => {
    expect(await Promise.all([get('/who'), get('/who'), get('/who')])).toEqual([token(1), token(1), token(1)]);
    clock = 89_000;
    expect(await get('/who')).toEqual(token(1));
    expect(asked).toEqual([
      {
        authorization: `Basic ${Buffer.from('me:p%26ss%3Aword+%C3%A9').toString('base64')}`,
        body: 'grant_type=client_credentials&scope=a+b',
      },
    ]);
  });

  test('another before it expires', async () => {
    await get('/who');
    clock = 91_000;
    expect(await get('/who')).toEqual(token(2));
  });

  test('another, once, where the backend does not take it', async () => {
    revoked = ['Bearer token-1'];
    expect(await get('/who')).toEqual(token(2));
    revoked = ['Bearer token-2', 'Bearer token-3'];
    const refused = await get('/who');
    expect(refused).toMatchObject({ ok: false, code: 'upstream.denied' });
    expect(asked).toHaveLength(3);
    expect(JSON.stringify(refused)).not.toContain('token-2');
  });

  test('none: nothing is sent, and no secret is told', async () => {
    tokenStatus = 400;
    const refused = await get('/who');
    expect(refused).toMatchObject({ ok: false, code: 'upstream.denied', reached: 'no' });
    expect(JSON.stringify(refused)).not.toContain(secret);
  });
});

describe('compressed answers', () => {
  test.each(Object.keys(zips))('%s, up to the limit once it is undone', async (name) => {
    expect(await get(`/zip/${name}`, { n: 100 })).toEqual({ ok: true, value: 'x'.repeat(100) });
    expect(await get(`/zip/${name}`, { n: 300_000 })).toMatchObject({
      code: 'upstream.invalid',
      detail: `The answer has more than ${limits.maxBytes} bytes.`,
    });
  });
});
