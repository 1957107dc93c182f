import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { type Answerer, gatewayForTest } from './start.ts';

const after =
  (ms: number): Answerer =>
  (_request, response) =>
    void setTimeout(() => response.setHeader('content-type', 'application/json').end('{"id":"N-9"}'), ms);
const soon = (deadline: string) => ({ limits: `body: 64KB, depth: 16, text: 500, deadline: ${deadline}` });

test('the deadline of a request ends it before its backend does: a read failed, a write is unknown', async () => {
  const gateway = await gatewayForTest(soon('200ms'));
  gateway.answers.with = () => {};
  const read = await gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' });
  expect(read.body).toMatchObject({ status: 504, code: 'deadline.exceeded', outcome: 'failed' });
  const write = await gateway.call('POST', '/v1/intents/notes.add', { text: 'hello' });
  expect(write.body).toMatchObject({ status: 504, code: 'upstream.unknown', outcome: 'unknown' });
  for (const { headers, body } of [read, write])
    expect((await gateway.entries(String(headers['ostiary-request-id']))).at(-1)).toMatchObject({ code: body.code });
});

test('what is under way when the gateway stops is answered, kept and complete', async () => {
  const gateway = await gatewayForTest(soon('25s'));
  gateway.answers.with = after(300);
  const calls = [
    gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' }),
    gateway.call('POST', '/v1/intents/notes.add', { text: 'hello' }),
  ];
  await expect.poll(() => gateway.received.length).toBe(2);
  const started = performance.now();
  await gateway.close();
  expect(performance.now() - started).toBeLessThan(20_000);
  expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([200, 200]);
  expect(gateway.onDisk().filter(({ outcome }) => outcome === 'completed')).toHaveLength(2);
  await expect(gateway.call('GET', '/livez')).rejects.toThrow();
});

test('a read that nobody waited for is on disk when the gateway has stopped', async () => {
  const gateway = await gatewayForTest();
  await gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' });
  await gateway.close();
  // The stop may have signed it.
  const outcomes = gateway.onDisk().filter(({ kind }) => kind !== 'checkpoint');
  expect(outcomes).toEqual([expect.objectContaining({ outcome: 'completed' })]);
});

test.each([
  ['says nothing', '', '25s'],
  ['sends half a request', 'POST /v1/ask HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{', '500ms'],
  ['keeps its connection open', 'GET /livez HTTP/1.1\r\nhost: x\r\n\r\n', '25s'],
])('a connection that %s does not keep the gateway from stopping', async (_name, bytes, deadline) => {
  const gateway = await gatewayForTest(soon(deadline));
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  socket.write(bytes);
  await delay(100);
  const started = performance.now();
  await gateway.close();
  expect(performance.now() - started).toBeLessThan(20_000);
});
