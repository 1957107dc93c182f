import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Answerer, gatewayForTest, startGateway, type TestGateway } from './start.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.received.length = 0;
});

const json =
  (status: number, body = '{"error":"no"}'): Answerer =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  };
const troubles: [string, Answerer, { read: [number, string]; write: [number, string, string] }][] = [
  ['hangs', () => {}, { read: [504, 'upstream.timeout'], write: [504, 'upstream.unknown', 'unknown'] }],
  [
    'resets',
    (request) => request.socket.destroy(),
    { read: [502, 'upstream.failed'], write: [504, 'upstream.unknown', 'unknown'] },
  ],
  [
    'answers HTML',
    (_request, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>hi</h1>'),
    { read: [502, 'upstream.invalid'], write: [504, 'upstream.unknown', 'unknown'] },
  ],
  [
    'answers broken JSON',
    json(200, '{"id":'),
    { read: [502, 'upstream.invalid'], write: [504, 'upstream.unknown', 'unknown'] },
  ],
  [
    'answers too much',
    json(200, JSON.stringify({ id: 'x'.repeat(20_000) })),
    { read: [502, 'upstream.invalid'], write: [504, 'upstream.unknown', 'unknown'] },
  ],
  ['fails', json(500), { read: [502, 'upstream.failed'], write: [504, 'upstream.unknown', 'unknown'] }],
  [
    'sends elsewhere',
    (_request, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    { read: [502, 'upstream.failed'], write: [504, 'upstream.unknown', 'unknown'] },
  ],
  ['finds nothing', json(404), { read: [404, 'upstream.not_found'], write: [404, 'upstream.not_found', 'failed'] }],
  ['conflicts', json(409), { read: [409, 'upstream.conflict'], write: [409, 'upstream.conflict', 'failed'] }],
  ['rejects', json(422), { read: [422, 'upstream.rejected'], write: [422, 'upstream.rejected', 'failed'] }],
  ['refuses our credentials', json(401), { read: [502, 'upstream.denied'], write: [502, 'upstream.denied', 'failed'] }],
  ['is busy', json(429), { read: [503, 'upstream.busy'], write: [503, 'upstream.busy', 'failed'] }],
];

describe.each(troubles)('a backend that %s', (_name, answer, expected) => {
  beforeEach(() => {
    gateway.answers.with = answer;
  });
  test('under a read', async () => {
    const { status, body, headers } = await gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' });
    expect([status, body.code, body.outcome]).toEqual([...expected.read, 'failed']);
    const entries = await gateway.entries(String(headers['ostiary-request-id']));
    expect(entries).toEqual([expect.objectContaining({ kind: 'outcome', outcome: 'failed', code: expected.read[1] })]);
    if (status === 503) expect(headers['retry-after']).toBe('1');
    expect((await gateway.call('GET', '/readyz')).status).toBe(200);
  });
  test('under a write: unknown where it may have acted, and written down before it heard', async () => {
    let ahead: unknown;
    gateway.answers.with = (request, response, text) => {
      ahead = gateway.onDisk().find((entry) => entry.request === request.headers['x-request-id']);
      answer(request, response, text);
    };
    const { status, body, headers } = await gateway.call('POST', '/v1/intents/notes.add', { text: 'hello' });
    expect([status, body.code, body.outcome]).toEqual(expected.write);
    expect(ahead).toMatchObject({ kind: 'ahead', intent: 'notes.add@1.0.0', input: { text: 'hello' } });
    const entries = await gateway.entries(String(headers['ostiary-request-id']));
    expect(entries.map(({ kind, outcome }) => [kind, outcome])).toEqual([
      ['ahead', undefined],
      ['outcome', expected.write[2]],
    ]);
    expect(gateway.received).toHaveLength(1);
  });
});

test('a backend that is down: nothing was done, and that is what is said', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const down = await gatewayForTest({ backend: `http://127.0.0.1:${port}` });
  for (const [name, input] of [
    ['notes.get', { note_id: 'N-1' }],
    ['notes.add', { text: 'x' }],
  ] as const) {
    const { status, body } = await down.call('POST', `/v1/intents/${name}`, input);
    expect([status, body.code, body.outcome]).toEqual([502, 'upstream.unreachable', 'failed']);
  }
  expect((await down.call('GET', '/livez')).status).toBe(200);
});

test('what the contract and the policy hide does not leave, and nothing of the caller reaches the backend', async () => {
  gateway.answers.with = json(200, '{"id":"N-1","text":"hello","email":"ada@example.com","secret":"s","extra":1}');
  const headers = { 'x-canary': 'tweet', cookie: 'a=b', 'x-forwarded-for': '1.2.3.4' };
  const writer = await gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' }, { headers });
  expect(writer.body).toEqual({ id: 'N-1', text: 'hello', email: 'ada@example.com' });
  const reader = await gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' }, { key: 'reader' });
  expect(reader.body).toEqual({ id: 'N-1', text: 'hello', email: 'a***@example.com' });
  const [sent] = gateway.received;
  expect(sent?.url).toBe('/base/notes/N-1');
  expect(JSON.stringify(sent?.headers)).not.toMatch(/tweet|key-writer|1\.2\.3\.4|a=b/);
});

test('one call more than the backend may have at once is refused, and others go on', async () => {
  const held: (() => void)[] = [];
  gateway.answers.with = (_request, response) =>
    held.push(() => response.setHeader('content-type', 'application/json').end('{}'));
  const calls = [1, 2].map(() => gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' }));
  while (held.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  const third = await gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' });
  expect([third.status, third.body.code, third.headers['retry-after']]).toEqual([503, 'admit.busy', '1']);
  for (const release of held) release();
  expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([200, 200]);
  gateway.answers.with = json(200, '{}');
  expect((await gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' })).status).toBe(200);
});

test('to explain calls nobody, and is recorded', async () => {
  const { body, status } = await gateway.call('POST', '/v1/explain', { intent: 'notes.add', input: { text: 'hi' } });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    outcome: 'explained',
    decision: { outcome: 'permit' },
    would_call: { backend: 'notes', payload: { text: 'hi' } },
  });
  const refused = await gateway.call(
    'POST',
    '/v1/explain',
    { intent: 'notes.add', input: { text: 'hi' } },
    { key: 'reader' },
  );
  expect(refused.body).toMatchObject({ outcome: 'explained', decision: { outcome: 'deny' } });
  expect(gateway.received).toHaveLength(0);
  expect(await gateway.entries(String(body.request))).toEqual([expect.objectContaining({ outcome: 'explained' })]);
});

test.each([
  ['notes.get', '{"note_id":"N-1"}', { outcome: 'failed', code: 'client.closed' }],
  ['notes.add', '{"text":"hello"}', { outcome: 'unknown', detail: expect.stringContaining('the caller hung up') }],
])('a caller of %s that hangs up takes the backend call along', async (name, body, recorded) => {
  let closed = false;
  const arrived = new Promise<void>((resolve) => {
    gateway.answers.with = (request) => {
      request.socket.once('close', () => {
        closed = true;
      });
      resolve();
    };
  });
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
  socket.write(
    `POST /v1/intents/${name} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer key-writer\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  await arrived;
  socket.destroy();
  await expect.poll(() => closed).toBe(true);
  await expect.poll(() => gateway.onDisk().at(-1)).toMatchObject(recorded);
});
