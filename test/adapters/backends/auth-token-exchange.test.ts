import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify from 'fastify';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { tokenExchange } from '../../../adapters/backends/auth-token-exchange.ts';
import { restBackend } from '../../../adapters/backends/rest.ts';
import type { Backend } from '../../../intents/ports.ts';
import { gatewayForTest } from '../../gateway/start.ts';
import { context, limits } from './contract.ts';
import { listen } from './rest-world.ts';

let clock = 0;
let asked: URLSearchParams[] = [];
let revoked: string[] = [];
let refusal: { status: number; error: string } | undefined;
let server: Awaited<ReturnType<typeof listen>>;
let backend: Backend;

/** An authorization server that gives `for-SUBJECT-n`, and a backend that says who it is called for. */
beforeEach(async () => {
  [clock, asked, revoked, refusal] = [0, [], [], undefined];
  const app = fastify({ forceCloseConnections: true });
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) =>
    done(null, body),
  );
  app.post('/token', ({ headers, body }, reply) => {
    const parameters = new URLSearchParams(String(body));
    asked.push(parameters);
    if (headers.authorization !== `Basic ${Buffer.from('gate:keep+it').toString('base64')}`)
      return reply.code(401).send({ error: 'invalid_client' });
    const subject = parameters.get('subject_token') ?? '';
    if (refusal !== undefined) return reply.code(refusal.status).send({ error: refusal.error, subject });
    return reply.send({
      access_token: `for-${subject.slice(0, 20)}-${asked.length}`,
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      token_type: 'Bearer',
      expires_in: 100,
    });
  });
  app.get('/base/notes/:id', ({ headers: { authorization = '' } }, reply) =>
    reply.code(revoked.includes(authorization) ? 401 : 200).send({ id: authorization, text: authorization }),
  );
  app.get('/broken', ({ headers }, reply) => reply.code(500).send(headers));
  server = await listen(app);
  backend = restBackend({
    name: 'notes',
    url: new URL(server.origin),
    ...limits,
    headers: {},
    token: tokenExchange({
      name: 'notes',
      tokenUrl: new URL('/token', server.origin),
      clientId: 'gate',
      clientSecret: 'keep it',
      audience: 'notes-api',
      scope: 'read',
      timeoutMs: 2_000,
      now: () => clock,
    }),
  });
});
afterEach(async () => {
  await backend.close();
  await server.stop();
});

const get = (subjectToken: string | undefined, path = '/base/notes/1') =>
  backend
    .compile({ kind: 'rest', backend: 'notes', method: 'GET', path, ...(path === '/broken' ? {} : { result: '$.id' }) })
    .call({}, { ...context(), ...(subjectToken === undefined ? {} : { subjectToken }) });
const told = (token: string) => ({ ok: true, value: `Bearer ${token}` });

test('each caller gets a token of their own, once for calls at once and for those after', async () => {
  expect(await Promise.all([get('ada'), get('ada'), get('ben'), get('ada')])).toEqual([
    told('for-ada-1'),
    told('for-ada-1'),
    told('for-ben-2'),
    told('for-ada-1'),
  ]);
  clock = 89_000;
  expect(await get('ben')).toEqual(told('for-ben-2'));
  expect(asked.map((one) => Object.fromEntries(one))[0]).toEqual({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: 'ada',
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    audience: 'notes-api',
    scope: 'read',
  });
  expect(asked).toHaveLength(2);
});

test('another before it expires, and another, once, where the backend does not take it', async () => {
  await get('ada');
  clock = 91_000;
  expect(await get('ada')).toEqual(told('for-ada-2'));
  revoked = ['Bearer for-ada-2'];
  expect(await get('ada')).toEqual(told('for-ada-3'));
  revoked = ['Bearer for-ada-3', 'Bearer for-ada-4'];
  expect(await get('ada')).toMatchObject({ ok: false, code: 'upstream.denied' });
  expect(asked).toHaveLength(4);
});

test('a caller without a token that can be exchanged is told so, and nothing is sent', async () => {
  expect(await get(undefined)).toMatchObject({ ok: false, code: 'upstream.on_behalf', reached: 'no' });
  expect(asked).toHaveLength(0);
});

test.each([
  [400, 'invalid_grant', 'upstream.on_behalf'],
  [400, 'invalid_target', 'upstream.on_behalf'],
  [400, 'invalid_scope', 'upstream.denied'],
  [401, 'invalid_client', 'upstream.denied'],
  [500, 'Secret: Ada', 'upstream.denied'],
])('%i %s is %s, without a token in its words, and is not kept', async (status, error, code) => {
  refusal = { status, error };
  const refused = await get('secret-of-ada');
  expect(refused).toMatchObject({ ok: false, code, reached: 'no' });
  expect(JSON.stringify(refused)).not.toMatch(/secret/i);
  refusal = undefined;
  expect(await get('secret-of-ada')).toMatchObject({ ok: true });
});

test('a token that a backend says back stays out of the log', async () => {
  const failed = await get('ada', '/broken');
  expect(failed).toMatchObject({ ok: false, code: 'upstream.failed', detail: expect.stringContaining('Bearer ***') });
  expect(JSON.stringify(failed)).not.toContain('for-ada');
});

test('through the gateway: the JWT of the caller is exchanged, an API key cannot be', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-exchange-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true });
  writeFileSync(
    join(folder, 'jwks.json'),
    JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'EdDSA' }] }),
  );
  const gateway = await gatewayForTest({
    folder,
    backend: `${server.origin}/base`,
    issuers: `{ issuer: "https://issuer.test", audience: notes, jwks: "file:./jwks.json" }`,
  });
  const config = join(folder, 'ostiary.yaml');
  writeFileSync(
    config,
    readFileSync(config, 'utf8').replace(
      'timeout: 400ms',
      `timeout: 5s, query: { api_key: "k&y" }, auth: { kind: token_exchange, token_url: "${server.origin}/token", client_id: gate, client_secret: keep it, audience: notes-api }`,
    ),
  );
  await gateway.reload();
  const jwt = await new SignJWT({
    sub: 'eve',
    iss: 'https://issuer.test',
    aud: 'notes',
    roles: ['writer'],
    purposes: ['work'],
  })
    .setProtectedHeader({ alg: 'EdDSA', kid: 'k' })
    .setExpirationTime('5m')
    .sign(privateKey);
  const get = (headers?: Record<string, string>) =>
    gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' }, headers && { key: null, headers });
  const { status, body } = await get({ authorization: `Bearer ${jwt}` });
  expect([status, body.id]).toEqual([200, `Bearer for-${jwt.slice(0, 20)}-1`]);
  expect(asked[0]?.get('subject_token')).toBe(jwt);

  const refused = await get();
  expect([refused.status, refused.body.code]).toEqual([403, 'upstream.on_behalf']);
  expect(refused.body.detail).toContain('it is called on behalf of its callers');
  await gateway.entries(String(refused.headers['ostiary-request-id']));
  expect(JSON.stringify(gateway.onDisk())).not.toContain(jwt);
});
