import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { handles, heapInUse } from './handles.ts';
import { closed, openTo, type Said, talk } from './raw-http.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());
const good: TestGateway['answers']['with'] = (_request, response) =>
  void response.setHeader('content-type', 'application/json').end('{"id":"N-1"}');
beforeEach(() => {
  gateway.answers.with = good;
  gateway.received.length = 0;
});

const host = 'host: x\r\n';
const json = 'content-type: application/json\r\n';
const bearer = 'authorization: Bearer key-writer\r\n';
const post = (path: string, body: string, more = '') =>
  `POST ${path} HTTP/1.1\r\n${host}${bearer}${json}content-length: ${Buffer.byteLength(body)}\r\n${more}\r\n${body}`;
const add = post('/v1/intents/notes.add', '{"text":"hello"}');
const get = post('/v1/intents/notes.get', '{"note_id":"N-1"}');
const chunked = (...chunks: string[]) =>
  `POST /v1/intents/notes.add HTTP/1.1\r\n${host}${bearer}${json}transfer-encoding: chunked\r\n\r\n${chunks.join('')}`;
const long = (length: number) => 'x'.repeat(length);
const keyed = (key: string) => post('/v1/intents/notes.add', '{"text":"hello"}', `idempotency-key: ${key}\r\n`);

/** One answer in our words, recorded under its id. */
const refused = async (answers: readonly Said[], status: number, code: string) => {
  const [answer] = answers;
  expect(answers.map((one) => [one.status, one.problem?.code])).toEqual([[status, code]]);
  expect(answer?.headers['content-type']).toContain('application/problem+json');
  expect(answer?.problem).toMatchObject({ status, code, title: expect.any(String), detail: expect.any(String) });
  const request = String(answer?.headers['ostiary-request-id']);
  expect(answer?.problem?.instance).toBe(`urn:ostiary:request:${request}`);
  expect(await gateway.entries(request)).toEqual([expect.objectContaining({ kind: 'outcome', code })]);
};

/** Such a connection is not used again: nobody knows where the next request would begin. */
const unreadable: [string, string, number, string][] = [
  ['no HTTP', 'HELLO\r\n\r\n', 400, 'request.malformed'],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'request.malformed'],
  ['a method that nobody knows', `FOO / HTTP/1.1\r\n${host}\r\n`, 400, 'request.malformed'],
  ['a null byte in a header', `GET /livez HTTP/1.1\r\n${host}a: b\0c\r\n\r\n`, 400, 'request.malformed'],
  ['a folded header', `GET /livez HTTP/1.1\r\n${host}a: b\r\n c\r\n\r\n`, 400, 'request.malformed'],
  ['a space before the colon', 'GET /livez HTTP/1.1\r\nhost : x\r\n\r\n', 400, 'request.malformed'],
  ['bare line feeds', 'GET /livez HTTP/1.1\nhost: x\n\n', 400, 'request.malformed'],
  [
    'one length twice',
    `POST /v1/ask HTTP/1.1\r\n${host}content-length: 2\r\ncontent-length: 2\r\n\r\n{}`,
    400,
    'request.malformed',
  ],
  [
    'two lengths',
    `POST /v1/ask HTTP/1.1\r\n${host}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`,
    400,
    'request.malformed',
  ],
  ['a length below 0', `POST /v1/ask HTTP/1.1\r\n${host}content-length: -2\r\n\r\n{}`, 400, 'request.malformed'],
  [
    'a length beyond any',
    `POST /v1/ask HTTP/1.1\r\n${host}content-length: 9${'9'.repeat(30)}\r\n\r\n{}`,
    400,
    'request.malformed',
  ],
  [
    'a length and chunks',
    `POST /v1/ask HTTP/1.1\r\n${host}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
    'request.malformed',
  ],
  ['a chunk of no length', chunked('zz\r\n{}\r\n0\r\n\r\n'), 400, 'request.malformed'],
  ['a chunk that is longer than it says', chunked('1\r\n{}\r\n0\r\n\r\n'), 400, 'request.malformed'],
  ['20 KB about a chunk', chunked(`2;${long(20_000)}\r\n{}\r\n0\r\n\r\n`), 400, 'request.malformed'],
  ['20 KB behind the chunks', chunked(`2\r\n{}\r\n0\r\nt: ${long(20_000)}\r\n\r\n`), 431, 'request.headers_too_large'],
  ['20 KB in one header', `GET /livez HTTP/1.1\r\n${host}a: ${long(20_000)}\r\n\r\n`, 431, 'request.headers_too_large'],
  ['2,500 headers', `GET /livez HTTP/1.1\r\n${host}${'abc:1\r\n'.repeat(2_500)}\r\n`, 431, 'request.headers_too_large'],
  ['20 KB of address', `GET /${long(20_000)} HTTP/1.1\r\n${host}\r\n`, 431, 'request.headers_too_large'],
  [
    'a body that says it is 100 GB',
    `POST /v1/ask HTTP/1.1\r\n${host}${json}content-length: 99999999999\r\n\r\n{}`,
    413,
    'request.too_large',
  ],
  [
    'more chunks than a body has',
    chunked(...Array.from({ length: 20 }, () => `2000\r\n${long(0x2000)}\r\n`)),
    413,
    'request.too_large',
  ],
];

describe('what cannot be read is refused, recorded, and the connection closed', () => {
  test.each(unreadable)('%s', async (_name, bytes, status, code) => {
    await refused(await talk(gateway.url, bytes), status, code);
    expect(gateway.received).toEqual([]);
  });
});

describe('what everybody may read differently is refused and recorded', () => {
  test.each<[string, string, number, string]>([
    ['no host', 'GET /livez HTTP/1.1\r\n\r\n', 400, 'request.malformed'],
    ['two hosts', 'GET /livez HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n', 400, 'request.malformed'],
    [
      'two media types',
      post('/v1/intents/notes.add', '{"text":"a"}', 'content-type: text/plain\r\n'),
      415,
      'request.media_type',
    ],
    [
      'two credentials',
      post('/v1/intents/notes.add', '{"text":"a"}', 'authorization: Bearer key-nobody\r\n'),
      401,
      'credentials.invalid',
    ],
    [
      'two keys',
      post('/v1/intents/notes.add', '{"text":"a"}', 'idempotency-key: a\r\nidempotency-key: b\r\n'),
      400,
      'idempotency.key',
    ],
    ['a key of 256 characters', keyed(long(256)), 400, 'idempotency.key'],
    ['a quoted key of 256 characters', keyed(`"${long(256)}"`), 400, 'idempotency.key'],
    ['an empty key', keyed(''), 400, 'idempotency.key'],
    ['a key that is not ASCII', keyed('\u00e9'), 400, 'idempotency.key'],
    ['a member twice', post('/v1/intents/notes.add', '{"text":"a","text":"b"}'), 400, 'request.malformed'],
    [
      'a member twice, one of them escaped',
      post('/v1/intents/notes.add', '{"text":"a","t\\u0065xt":"b"}'),
      400,
      'request.malformed',
    ],
    [
      'a member twice, deep inside',
      post('/v1/ask', '{"text":"hi","input":{"a":[{"b":1,"c":2},{"b":1,"b":2}]}}'),
      400,
      'request.malformed',
    ],
  ])('%s', async (_name, bytes, status, code) => {
    await refused(await talk(gateway.url, bytes, 1), status, code);
    expect(gateway.received).toEqual([]);
  });

  test('a coding that is none is refused, whatever comes behind it', async () => {
    const bytes = `POST /v1/intents/notes.wipe HTTP/1.1\r\n${host}${bearer}transfer-encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`;
    const answers = await talk(gateway.url, bytes);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([400]));
    expect(gateway.received).toEqual([]);
  });

  test('colons and braces in texts are no members', async () => {
    const text = '{"a":1,"a":2}:\\":';
    const [answer] = await talk(gateway.url, post('/v1/intents/notes.add', JSON.stringify({ text })), 1);
    expect(answer?.status).toBe(200);
    expect(JSON.parse(gateway.received[0]?.body ?? '')).toEqual({ text });
  });

  test('a key of 255 characters is one', async () => {
    expect((await talk(gateway.url, keyed(long(255)), 1))[0]?.status).toBe(200);
  });

  test.each([
    ['an expectation', `GET /livez HTTP/1.1\r\n${host}expect: tea\r\n\r\n`],
    ['another protocol', `GET /livez HTTP/1.1\r\n${host}connection: upgrade\r\nupgrade: websocket\r\n\r\n`],
    ['a whole address', `GET http://elsewhere.example/livez HTTP/1.1\r\n${host}\r\n`],
    ['HTTP/1.0 without a host', 'GET /livez HTTP/1.0\r\n\r\n'],
  ])('%s changes nothing', async (_name, bytes) => {
    expect((await talk(gateway.url, bytes, 1)).map(({ status }) => status)).toEqual([200]);
  });

  test('nothing is tunnelled: the connection is closed', async () => {
    expect(await talk(gateway.url, `CONNECT x:443 HTTP/1.1\r\n${host}\r\n`)).toEqual([]);
  });
});

describe.each(['/graphql', '/mcp'])('%s takes no other bytes than the rest', (path) => {
  test.each<[string, string, number, string]>([
    ['half a body', '{"query":', 400, 'request.malformed'],
    ['a member twice', '{"query":"{a}","query":"{b}","id":1,"id":2}', 400, 'request.malformed'],
    ['5,000 levels', `${'['.repeat(5_000)}${']'.repeat(5_000)}`, 400, 'request.too_deep'],
    ['70 KB', `{"query":"${long(70_000)}"}`, 413, 'request.too_large'],
  ])('%s', async (_name, body, status, code) => {
    const bytes = post(path, body, 'accept: application/json, text/event-stream\r\n');
    const [answer] = await talk(gateway.url, bytes, 1);
    expect([answer?.status, answer?.body]).toEqual([status, expect.any(String)]);
    const request = String(answer?.headers['ostiary-request-id']);
    expect(await gateway.entries(request)).toEqual([expect.objectContaining({ kind: 'outcome', code })]);
  });
});

describe('several requests on one connection', () => {
  test('are answered in their order', async () => {
    const wrong = post('/v1/intents/notes.get', '{"note_id":7}');
    const answers = await talk(gateway.url, [add, wrong, get, wrong].join(''), 4);
    expect(answers.map(({ status }) => status)).toEqual([200, 422, 200, 422]);
  });

  test('garbage behind a write does not take the place of its answer', async () => {
    let release = () => {};
    gateway.answers.with = (request, response, body) => {
      release = () => good(request, response, body);
    };
    const answers = talk(gateway.url, `${add}\0\0garbage\r\n\r\n`);
    await expect.poll(() => gateway.received.length).toBe(1);
    release();
    const [first, second, ...more] = await answers;
    expect([first?.status, first?.body]).toEqual([200, '{"id":"N-1"}']);
    expect(more).toEqual([]);
    if (second !== undefined) await refused([second], 400, 'request.malformed');
    expect(second?.status).toBe(400);
    const entries = await gateway.entries(String(first?.headers['ostiary-request-id']));
    expect(entries.map(({ kind, outcome }) => [kind, outcome])).toEqual([
      ['ahead', undefined],
      ['outcome', 'completed'],
    ]);
  });

  test('a body that is longer than it says is garbage as well', async () => {
    const answers = await talk(gateway.url, `${add}"}]}`);
    expect(answers.map(({ status }) => status)).toEqual([200, 400]);
    expect(gateway.received).toHaveLength(1);
  });
});

/** Says a byte now and then, and goes on for as long as it is listened to. */
const drip = async (begin: string, byte: string): Promise<number | undefined> => {
  const socket = openTo(gateway.url);
  let said = '';
  socket.on('data', (chunk) => {
    said += String(chunk);
  });
  socket.write(begin);
  const dripping = setInterval(() => socket.write(byte), 50);
  await closed(socket);
  clearInterval(dripping);
  return Number(said.split(' ')[1]);
};

describe('slow callers', () => {
  test.each([
    ['headers', `GET /livez HTTP/1.1\r\n${host}a: `, 'x'],
    ['a header a time', `GET /livez HTTP/1.1\r\n${host}`, 'a: b\r\n'],
    ['a body', `POST /v1/ask HTTP/1.1\r\n${host}${bearer}${json}content-length: 60000\r\n\r\n{"text":"`, 'x'],
    ['chunks', chunked('1\r\n{\r\n'), '1\r\n \r\n'],
  ])('%s, byte by byte: they have as long as any request, and others go on', async (_name, begin, byte) => {
    const slow = Array.from({ length: 40 }, () => drip(begin, byte));
    const [answer] = await talk(gateway.url, get, 1);
    expect(answer?.status).toBe(200);
    // Some are cut off in the middle of what they say, and may not hear why.
    const told = (await Promise.all(slow)).filter((status) => !Number.isNaN(status));
    expect(new Set(told)).toEqual(new Set([408]));
  });

  test('a caller who does not take the answers is not waited for', async () => {
    const socket = openTo(gateway.url);
    socket.pause();
    const bytes = `GET /openapi.json HTTP/1.1\r\n${host}${bearer}\r\n`.repeat(4_000);
    socket.write(bytes);
    // It is the gateway that ends it; here that is seen only when something is read.
    await expect.poll(() => handles().TCPSocketWrap, { timeout: 20_000, interval: 200 }).toBeLessThanOrEqual(3);
    expect((await talk(gateway.url, get, 1))[0]?.status).toBe(200);
  }, 40_000);
});

test('none of it leaves anything behind: no socket, no timer, no memory', async () => {
  const once = async () => {
    for (const [, bytes] of unreadable) await talk(gateway.url, bytes);
    for (const bytes of [add.slice(0, -5), get.slice(0, 30)]) {
      const socket = openTo(gateway.url).resume();
      socket.end(bytes);
      await closed(socket);
    }
    await talk(gateway.url, `${add}garbage\r\n\r\n`);
  };
  for (let times = 0; times < 3; times++) await once();
  const settled = async () => {
    await expect.poll(() => handles().TCPSocketWrap ?? 0, { timeout: 10_000 }).toBeLessThanOrEqual(3);
    return { heap: heapInUse(), timers: handles().Timeout ?? 0 };
  };
  const before = await settled();
  for (let times = 0; times < 12; times++) await once();
  const after = await settled();
  expect(after.timers).toBeLessThanOrEqual(before.timers + 2);
  // 300 bad connections later: what one leaves would be there 300 times.
  expect(after.heap - before.heap).toBeLessThan(2_000_000);
}, 60_000);
