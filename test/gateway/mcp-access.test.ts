import { randomUUID } from 'node:crypto';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeProof } from '../../policies/tokens/possession.ts';
import { connectMcp } from './mcp-client.ts';
import { gatewayForTest, startGateway, type TestGateway } from './start.ts';
import { tokensForTest } from './tokens-world.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const initialize = (capabilities: object = {}) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities, clientInfo: { name: 'test', version: '1' } },
});
const listTools = { jsonrpc: '2.0', id: 2, method: 'tools/list', params: {} };
const both = { accept: 'application/json, text/event-stream' };

const post = async (
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = { authorization: 'Bearer key-writer' },
) => {
  const answer = await request(`${url}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...both, ...headers },
    body: JSON.stringify(body),
  });
  const text = await answer.body.text();
  return { status: answer.statusCode, headers: answer.headers, text };
};
const issuer = (name: string) =>
  `{ issuer: "${name}", audience: ostiary, jwks: "https://login.example/jwks.json", purposes: [work] }`;

describe('without a credential that is good', () => {
  test.each([
    { name: 'none', headers: {}, code: 'credentials.missing', challenge: 'Bearer' },
    {
      name: 'one that nobody has',
      headers: { authorization: 'Bearer made-up' },
      code: 'credentials.invalid',
      challenge: 'Bearer error="invalid_token"',
    },
  ])('$name: 401, whatever is asked, and it is recorded', async ({ headers, code, challenge }) => {
    const before = gateway.onDisk().length;
    for (const body of [initialize(), listTools, { ...listTools, method: 'tools/call', params: { name: 'ask' } }]) {
      const answer = await post(gateway.url, body, headers);
      expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, challenge]);
      expect(JSON.parse(answer.text)).toMatchObject({
        jsonrpc: '2.0',
        id: null,
        error: { code: -32_000, data: { code, status: 401 } },
      });
    }
    const found = () =>
      gateway
        .onDisk()
        .slice(before)
        .filter((entry) => entry.door === 'mcp' && entry.code === code);
    await expect.poll(() => found().length).toBe(3);
  });

  test('where somebody gives out tokens, the challenge says where to look', async () => {
    const { url } = await gatewayForTest({ issuers: issuer('https://login.example') });
    const { host } = new URL(url);
    const answer = await post(url, initialize(), {});
    const metadata = `http://${host}/.well-known/oauth-protected-resource/mcp`;
    expect(answer.headers['www-authenticate']).toBe(`Bearer resource_metadata="${metadata}"`);
    for (const address of [metadata, metadata.replace('/mcp', '')])
      expect(await (await fetch(address)).json()).toEqual({
        resource: `http://${host}/mcp`,
        authorization_servers: ['https://login.example'],
        bearer_methods_supported: ['header'],
      });
  });

  test('where nobody does, there is nothing to look up', async () => {
    const answer = await fetch(`${gateway.url}/.well-known/oauth-protected-resource/mcp`);
    expect(answer.status).toBe(404);
  });
});

describe('the host that is called, and the page that calls', () => {
  const credential = { authorization: 'Bearer key-writer' };
  test.each([
    { host: 'localhost:1', status: 200 },
    { host: '[::1]:80', status: 200 },
    { host: 'evil.example.com', status: 403 },
    { host: 'localhost:99999', status: 403 },
    { host: 'a b', status: 403 },
    { host: 'localhost.evil.example.com', status: 403 },
    { host: '127.0.0.1', origin: 'http://localhost:3000', status: 200 },
    { host: '127.0.0.1', origin: 'https://evil.example.com', status: 403 },
    { host: '127.0.0.1', origin: 'null', status: 403 },
    { host: '127.0.0.1', origin: 'not an origin', status: 403 },
  ])('host $host, origin $origin: $status', async ({ host, origin, status }) => {
    const answer = await post(gateway.url, initialize(), { ...credential, host, ...(origin && { origin }) });
    expect(answer.status).toBe(status);
    if (status === 403) expect(JSON.parse(answer.text).error.data.code).toBe('request.origin');
  });

  test('are judged before the credential, and for the metadata too', async () => {
    const host = 'evil.example.com';
    expect((await post(gateway.url, initialize(), { host })).status).toBe(403);
    const { url } = await gatewayForTest({ issuers: issuer('https://login.example') });
    const answer = await request(`${url}/.well-known/oauth-protected-resource/mcp`, { headers: { host } });
    await answer.body.dump();
    expect(answer.statusCode).toBe(403);
  });

  test('may be others where the configuration names them', async () => {
    const { url } = await gatewayForTest({
      config: 'doors: { mcp: { hosts: [tools.example], origins: [pages.example] } }',
    });
    const named = { ...credential, host: 'tools.example', origin: 'https://pages.example' };
    expect((await post(url, initialize(), named)).status).toBe(200);
    expect((await post(url, initialize(), { ...named, host: 'pages.example' })).status).toBe(403);
  });
});

describe('a session', () => {
  const begin = async (key = 'writer') => {
    const credential = { authorization: `Bearer key-${key}` };
    const answer = await post(gateway.url, initialize({ elicitation: {} }), credential);
    return { ...credential, 'mcp-session-id': String(answer.headers['mcp-session-id']) };
  };

  test('is begun for clients that can ask people, and for nobody else', async () => {
    expect((await begin())['mcp-session-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect((await post(gateway.url, initialize())).headers['mcp-session-id']).toBeUndefined();
  });

  test('is its own holder’s alone', async () => {
    const mine = await begin();
    expect((await post(gateway.url, listTools, mine)).status).toBe(200);
    expect((await post(gateway.url, listTools, { ...mine, authorization: 'Bearer key-reader' })).status).toBe(404);
    expect((await post(gateway.url, listTools, { ...mine, 'mcp-session-id': 'made-up' })).status).toBe(404);
  });

  test('is one of so many that a holder may have', async () => {
    const mine = await Promise.all(Array.from({ length: 51 }, () => begin()));
    const theirs = await begin('reader');
    const alive = await Promise.all(mine.map(async (one) => (await post(gateway.url, listTools, one)).status === 200));
    expect(alive.filter(Boolean)).toHaveLength(50);
    expect((await post(gateway.url, listTools, theirs)).status).toBe(200);
  });

  test('ends when its client says so', async () => {
    const mine = await begin();
    const ended = await request(`${gateway.url}/mcp`, { method: 'DELETE', headers: mine });
    await ended.body.dump();
    expect(ended.statusCode).toBe(200);
    expect((await post(gateway.url, listTools, mine)).status).toBe(404);
  });
});

test.each(['of 2026', 'of 2025'] as const)(
  'a client %s that listens, and asks its person, does not hold up the stop',
  async (revision) => {
    const limits = 'body: 64KB, depth: 16, text: 500, deadline: 30s';
    const { url, close } = await gatewayForTest({ limits });
    const asked = Promise.withResolvers<void>();
    const client = await connectMcp(url, {
      revision,
      onTools() {},
      person() {
        asked.resolve();
        return new Promise(() => {});
      },
    });
    client.callTool({ name: 'notes_wipe' }).catch(() => {});
    await asked.promise;
    await close();
  },
);

test('a caller has so many streams open, and others have theirs', async () => {
  const envelope = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const params = { notifications: { toolsListChanged: true }, _meta: envelope };
  const streams: { destroy(): void }[] = [];
  const listen = async (key: string) => {
    const { statusCode, body } = await request(`${gateway.url}/mcp`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'subscriptions/listen',
        ...both,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params }),
    });
    streams.push(body.on('error', () => {}));
    return statusCode;
  };
  for (let open = 0; open < 10; open++) expect(await listen('key-writer')).toBe(200);
  expect(await listen('key-writer')).toBe(503);
  expect(await listen('key-reader')).toBe(200);
  for (const stream of streams.splice(0)) stream.destroy();
  await expect.poll(() => listen('key-writer')).toBe(200);
  for (const stream of streams) stream.destroy();
});

test('a proof that a token is bound to is asked for, and taken once', async () => {
  const { gateway: guarded, app, mint } = await tokensForTest();
  const { token } = await mint();
  const proof = (url: string) =>
    makeProof(app, { method: 'POST', url, credential: token }, { jti: randomUUID(), now: new Date() });
  const called = {
    ...listTools,
    method: 'tools/call',
    params: { name: 'notes_get', arguments: { note_id: 'N-1' } },
  };
  const send = async (dpop?: string) =>
    post(guarded.url, called, { authorization: `DPoP ${token}`, ...(dpop && { dpop }) });
  const once = await proof(`${guarded.url}/mcp`);
  const good = await send(once);
  expect([good.status, good.text]).toEqual([200, expect.stringContaining('"structuredContent":{"id":"N-1"')]);
  for (const bad of [undefined, once, await proof(`${guarded.url}/v1/intents`)]) {
    const answer = await send(bad);
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([
      401,
      'DPoP error="invalid_dpop_proof", algs="ES256 ES384 EdDSA"',
    ]);
  }
});

test.each([
  { name: 'several messages at once', body: [listTools, listTools], status: 400, code: -32_600 },
  { name: 'no message', body: 'hello', status: 400, code: -32_600 },
])('refuses $name', async ({ body, code }) => {
  const answer = await post(gateway.url, body);
  expect([400, 422]).toContain(answer.status);
  expect(JSON.parse(answer.text).error.code).toBe(code);
});

test.each(['GET', 'DELETE'] as const)('%s without a session is refused', async (method) => {
  const answer = await request(`${gateway.url}/mcp`, {
    method,
    headers: { authorization: 'Bearer key-writer', ...both },
  });
  await answer.body.dump();
  expect(answer.statusCode).toBe(405);
});
