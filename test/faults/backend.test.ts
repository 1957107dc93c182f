import { expect, test } from 'vitest';
import { gatewayForTest } from '../gateway/start.ts';
import { type Act, answered, rawBackend } from './raw-backend.ts';

const say =
  (bytes: string | Buffer): Act =>
  (socket) =>
    socket.write(bytes);
const sayAndLeave =
  (bytes: string | Buffer): Act =>
  (socket) =>
    socket.end(bytes);
const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

/** A read fails; of a write nobody knows, unless the code says so. */
const faults: [string, Act, string][] = [
  ['hangs', () => {}, 'upstream.timeout'],
  ['hangs in the middle of its headers', say(head), 'upstream.timeout'],
  ['hangs in the middle of its answer', say(`${head}content-length: 99\r\n\r\n{"id":`), 'upstream.timeout'],
  [
    'says a byte now and then, and is never done',
    (socket) => {
      socket.write(`${head}transfer-encoding: chunked\r\n\r\n`);
      const dripping = setInterval(() => socket.write('1\r\n \r\n'), 20);
      socket.on('close', () => clearInterval(dripping));
    },
    'upstream.timeout',
  ],
  ['says "wait" without end', say('HTTP/1.1 102 Processing\r\n\r\n'.repeat(50)), 'upstream.timeout'],
  ['closes without an answer', (socket) => socket.end(), 'upstream.failed'],
  ['resets', (socket) => socket.resetAndDestroy(), 'upstream.failed'],
  ['closes in the middle of its headers', sayAndLeave(head), 'upstream.failed'],
  ['closes in the middle of its answer', sayAndLeave(`${head}content-length: 99\r\n\r\n{"id":`), 'upstream.failed'],
  [
    'closes in the middle of a chunk',
    sayAndLeave(`${head}transfer-encoding: chunked\r\n\r\n40\r\n{"id":`),
    'upstream.failed',
  ],
  [
    'resets in the middle of its answer',
    (socket) => socket.write(`${head}content-length: 99\r\n\r\n{"id":`, () => socket.resetAndDestroy()),
    'upstream.failed',
  ],
  [
    'answers bytes that are no HTTP',
    say(Buffer.from([0x16, 0x03, 0x01, 0x00, 0xff, 0x0a, 0x0d, 0x0a])),
    'upstream.invalid',
  ],
  ['answers another protocol', say('220 mail.example ESMTP\r\n'), 'upstream.invalid'],
  ['answers a status that is none', say(answered('{}', 'HTTP/1.1 abc OK')), 'upstream.invalid'],
  [
    'answers a chunk of no length',
    say(`${head}transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`),
    'upstream.invalid',
  ],
  ['answers two lengths', say(`${head}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`), 'upstream.failed'],
  ['answers 1 MB of headers', say(`${head}a: ${'x'.repeat(1_000_000)}\r\n\r\n`), 'upstream.invalid'],
  ['answers more than it may, and says so', say(`${head}content-length: 99999999999\r\n\r\n{`), 'upstream.invalid'],
  [
    'answers more than it may, and does not say so',
    say(`${head}transfer-encoding: chunked\r\n\r\n${'1000\r\n'.concat('x'.repeat(0x1000), '\r\n').repeat(10)}`),
    'upstream.invalid',
  ],
  [
    'answers half a character',
    say(
      Buffer.concat([Buffer.from(answered('{"id":"123"}').slice(0, -5)), Buffer.from([0xe2, 0x82, 0x31, 0x22, 0x7d])]),
    ),
    'upstream.invalid',
  ],
  ['answers JSON that is cut off', say(answered('{"id":"N-1"')), 'upstream.invalid'],
  [
    'answers what is not compressed as it says',
    say(answered('{}', 'HTTP/1.1 200 OK\r\ncontent-encoding: gzip')),
    'upstream.invalid',
  ],
];

test('whatever a backend does, both callers hear what is known, both outcomes are recorded, and the next call works', async () => {
  const backend = await rawBackend();
  const gateway = await gatewayForTest({ backend: backend.url });
  const works = backend.act;
  for (const [name, act, code] of faults) {
    backend.act = act;
    backend.received.length = 0;
    const [read, write] = await Promise.all([
      gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' }),
      gateway.call('POST', '/v1/intents/notes.add', { text: name }),
    ]);
    expect([name, read.body?.code, read.body?.outcome]).toEqual([name, code, 'failed']);
    expect([name, write.status, write.body?.code, write.body?.outcome]).toEqual([
      name,
      504,
      'upstream.unknown',
      'unknown',
    ]);
    // Each was sent once, whatever came of it.
    expect([name, backend.received.length]).toEqual([name, 2]);
    const [ofRead, ofWrite] = await Promise.all(
      [read, write].map(({ headers }) => gateway.entries(String(headers['ostiary-request-id']))),
    );
    expect([name, ofRead?.map(({ kind, code: told }) => [kind, told])]).toEqual([name, [['outcome', code]]]);
    expect([name, ofWrite?.map(({ kind }) => kind)]).toEqual([name, ['ahead', 'outcome']]);
    backend.act = works;
    const next = await gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' });
    expect([name, next.status, next.body]).toEqual([name, 200, { id: 'N-1' }]);
  }
  // No connection of all those is kept but the good ones.
  await expect.poll(backend.open).toBeLessThanOrEqual(2);
}, 60_000);

test('an answer after the deadline is nobody’s: not of that call, nor of the next', async () => {
  const backend = await rawBackend();
  const gateway = await gatewayForTest({ backend: backend.url });
  const works = backend.act;
  const late: (() => void)[] = [];
  backend.act = (socket) => late.push(() => socket.write(answered('{"id":"LATE"}')));
  const [read, write] = await Promise.all([
    gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' }),
    gateway.call('POST', '/v1/intents/notes.add', { text: 'hello' }),
  ]);
  expect([read.body.code, write.body.code]).toEqual(['upstream.timeout', 'upstream.unknown']);
  backend.act = works;
  for (const answer of late) answer();
  for (let times = 0; times < 3; times++) {
    const next = await gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' });
    expect(next.body).toEqual({ id: 'N-1' });
  }
  const request = String(write.headers['ostiary-request-id']);
  expect((await gateway.entries(request)).map(({ kind, outcome }) => [kind, outcome])).toEqual([
    ['ahead', undefined],
    ['outcome', 'unknown'],
  ]);
  await expect.poll(backend.open).toBeLessThanOrEqual(2);
});

test('an answer that nobody asked for is nobody’s', async () => {
  const backend = await rawBackend();
  const gateway = await gatewayForTest({ backend: backend.url });
  let calls = 0;
  backend.act = (socket) => socket.write(answered(`{"id":"N-${++calls}"}`) + answered('{"id":"EXTRA"}'));
  for (const expected of ['N-1', 'N-2', 'N-3'])
    expect((await gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' })).body).toEqual({ id: expected });
});
