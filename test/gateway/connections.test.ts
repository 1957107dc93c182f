import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { gatewayForTest, startGateway, type TestGateway } from './start.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const open = (url: string): Socket => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  return socket;
};
const answerTo = (bytes: string): Promise<string> =>
  new Promise((resolve) => {
    const socket = open(gateway.url);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += String(chunk);
    });
    socket.on('close', () => resolve(answer));
    socket.write(bytes);
  });
const newest = () => gateway.onDisk().at(-1);
const half = `POST /v1/ask HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"te`;

test.each([
  ['no HTTP at all', 'HELLO\r\n\r\n', 400, 'request.malformed'],
  [
    'two lengths',
    'POST /v1/ask HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
    'request.malformed',
  ],
  [
    '20 KB of headers',
    `GET /livez HTTP/1.1\r\nhost: x\r\nx-y: ${'y'.repeat(20_000)}\r\n\r\n`,
    431,
    'request.headers_too_large',
  ],
  ['half a body, and nothing more', half, 408, 'request.timeout'],
  ['half a header, and nothing more', 'GET /livez HTTP/1.1\r\nho', 408, 'request.timeout'],
])('%s', async (_name, bytes, status, code) => {
  const before = gateway.onDisk().length;
  const [head = '', body = ''] = (await answerTo(bytes)).split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(head).toContain('content-type: application/problem+json');
  const problem = JSON.parse(body) as Record<string, unknown>;
  expect(problem).toMatchObject({ status, code, detail: expect.any(String) });
  const request = String(problem.instance).replace('urn:ostiary:request:', '');
  expect(head).toContain(`ostiary-request-id: ${request}`);
  expect(await gateway.entries(request)).toEqual([expect.objectContaining({ code })]);
  // That of the connection is the only one: a request that was cut off with it has none of its own.
  await delay(100);
  expect(gateway.onDisk().slice(before)).toHaveLength(1);
});

test.each([
  ['/v1/intents/%zz', 404],
  [`/v1/intents/${'x'.repeat(300)}`, 404],
  [`/v1/confirmations/${'x'.repeat(300)}`, 404],
  ['/v1/ask/', 404],
  ['//v1/ask', 404],
  ['/v1/../v1/ask', 404],
  ['/', 404],
])('an address that is none, %s', async (path, status) => {
  const answer = await gateway.call('POST', path, {});
  expect([answer.status, answer.body.code]).toEqual([status, 'request.not_found']);
  expect(answer.headers['content-type']).toContain('application/problem+json');
  const request = String(answer.headers['ostiary-request-id']);
  expect(await gateway.entries(request)).toEqual([expect.objectContaining({ code: 'request.not_found' })]);
});

test.each([
  ['PUT', '/v1/ask', 'POST'],
  ['GET', '/v1/ask', 'POST'],
  ['DELETE', '/v1/intents/notes.get', 'POST, GET'],
  ['POST', '/v1/intents', 'GET'],
  ['POST', '/livez', 'GET'],
] as const)('%s %s: a method it does not take, and which it does', async (method, path, allow) => {
  const { status, body, headers } = await gateway.call(method, path);
  expect([status, body.code, headers.allow]).toEqual([405, 'request.method', allow]);
});

test('fifty that never send the rest keep nobody else waiting', async () => {
  const patient = await gatewayForTest({ limits: 'body: 64KB, depth: 16, text: 500, deadline: 20s' });
  const waiting = Array.from({ length: 50 }, () => open(patient.url));
  for (const socket of waiting) socket.write(half);
  await delay(50);
  expect((await patient.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' })).status).toBe(200);
  // None of them was given up before.
  expect(waiting.filter((socket) => socket.closed)).toEqual([]);
});

test('one that hangs up in the middle of its body is recorded as that', async () => {
  const socket = open(gateway.url);
  socket.write(half);
  await delay(50);
  socket.destroy();
  await expect.poll(newest).toMatchObject({ outcome: 'failed', code: 'client.closed' });
});

test('the scheme of a credential is written in any case, and a key may come by its own header', async () => {
  for (const headers of [
    { authorization: 'bearer key-writer' },
    { authorization: 'BEARER  key-writer' },
    { 'x-api-key': 'key-writer' },
  ]) {
    const { status } = await gateway.call('GET', '/v1/intents', undefined, { key: null, headers });
    expect([headers, status]).toEqual([headers, 200]);
  }
});

test.each([
  ['by both headers', ['Authorization: Bearer key-writer', 'x-api-key: key-reader']],
  ['by one header twice', ['Authorization: Bearer key-writer', 'authorization: Bearer key-reader']],
  ['the same twice', ['X-API-Key: key-writer', 'X-API-Key: key-writer']],
])('two credentials, %s, are none: which of them something in front has seen is not known', async (_name, lines) => {
  gateway.received.length = 0;
  for (const path of ['/v1/intents/notes.get', '/v1/ask', '/graphql', '/mcp', '/v1/token/revoke']) {
    const socket = open(gateway.url);
    let told = '';
    socket.on('data', (data) => {
      told += String(data);
    });
    const body = path === '/v1/token/revoke' ? '' : '{"text":"show note N-1"}';
    const type = path === '/v1/token/revoke' ? 'application/x-www-form-urlencoded' : 'application/json';
    socket.write(
      `${[`POST ${path} HTTP/1.1`, 'Host: x', 'Connection: close', ...lines, `Content-Type: ${type}`, 'Accept: application/json, text/event-stream', `Content-Length: ${body.length}`].join('\r\n')}\r\n\r\n${body}`,
    );
    await new Promise((resolve) => socket.once('close', resolve));
    expect([path, told.split('\r\n')[0]]).toEqual([path, expect.stringMatching(/^HTTP\/1.1 4\d\d /)]);
    expect([path, told]).toEqual([path, expect.stringContaining(path === '/mcp' ? '' : 'credentials.invalid')]);
  }
  expect(gateway.received).toEqual([]);
});

test.each([
  ['Bearer', 'credentials.missing'],
  ['Basic a2V5LXdyaXRlcg==', 'credentials.missing'],
  ['Bearerkey-writer', 'credentials.missing'],
  ['key-writer', 'credentials.missing'],
  ['Bearer key-write', 'credentials.invalid'],
  ['Bearer KEY-WRITER', 'credentials.invalid'],
  ['Bearer key-writer key-writer', 'credentials.invalid'],
  [`Bearer ${'x'.repeat(8_200)}`, 'credentials.invalid'],
  ['Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ3cml0ZXIifQ.', 'credentials.invalid'],
])('the credential "%s"', async (authorization, code) => {
  gateway.received.length = 0;
  for (const [method, path, body] of [
    ['POST', '/v1/ask', { text: 'show note N-1' }],
    ['POST', '/v1/intents/notes.get', { note_id: 'N-1' }],
    ['POST', '/v1/explain', { intent: 'notes.get', input: { note_id: 'N-1' } }],
    ['POST', '/v1/confirmations/none', { confirm: true }],
    ['GET', '/v1/intents', undefined],
    ['GET', '/v1/intents/notes.get', undefined],
    ['GET', '/openapi.json', undefined],
  ] as const) {
    const answer = await gateway.call(method, path, body, { key: null, headers: { authorization } });
    expect([path, answer.status, answer.body.code]).toEqual([path, 401, code]);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(await gateway.entries(String(answer.headers['ostiary-request-id']))).toHaveLength(1);
  }
  expect(gateway.received).toEqual([]);
});
