import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGateway, type TestGateway } from './start.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const deep = `{"text":${'['.repeat(5_000)}${']'.repeat(5_000)}}`;
/** An input that fits, for every intent there is. */
const valid = { 'notes.get': { note_id: 'N-1' }, 'notes.add': { text: 'hello' }, 'notes.wipe': {}, 'notes.hidden': {} };
const json = { 'content-type': 'application/json' };

test.each([
  ['malformed JSON', 'POST', '/v1/ask', '{"text":', {}, 400, 'request.malformed', undefined],
  ['an empty body', 'POST', '/v1/ask', '', { headers: json }, 400, 'request.malformed', undefined],
  ['invalid UTF-8', 'POST', '/v1/ask', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), {}, 400, 'request.malformed', undefined],
  [
    'another media type',
    'POST',
    '/v1/ask',
    'text=hello',
    { headers: { 'content-type': 'text/plain' } },
    415,
    'request.media_type',
    undefined,
  ],
  ...['1e999', '-1e400', '[{"a":1E+309}]', '9'.repeat(400)].map(
    (number) =>
      [
        `a number beyond all numbers, ${number.slice(0, 20)}`,
        'POST',
        '/v1/intents/notes.add',
        `{"text":"hello","times":${number}}`,
        {},
        400,
        'request.malformed',
        undefined,
      ] as const,
  ),
  ['a list', 'POST', '/v1/ask', [1], {}, 422, 'request.invalid', ''],
  ['a string', 'POST', '/v1/intents/notes.get', '"x"', {}, 422, 'request.invalid', ''],
  ['text of the wrong type', 'POST', '/v1/ask', { text: 7 }, {}, 422, 'request.invalid', '/text'],
  ['no text', 'POST', '/v1/ask', {}, {}, 422, 'request.invalid', '/text'],
  ['blank text', 'POST', '/v1/ask', { text: '  ' }, {}, 422, 'request.invalid', '/text'],
  ['too long a text', 'POST', '/v1/ask', { text: 'x'.repeat(501) }, {}, 422, 'request.invalid', '/text'],
  ['an unknown member', 'POST', '/v1/ask', { text: 'hello', txet: 1 }, {}, 422, 'request.invalid', '/txet'],
  [
    '__proto__',
    'POST',
    '/v1/ask',
    '{"text":"show note N-1","__proto__":{"a":1}}',
    {},
    400,
    'request.malformed',
    undefined,
  ],
  [
    'constructor.prototype',
    'POST',
    '/v1/intents/notes.get',
    '{"constructor":{"prototype":{"a":1}}}',
    {},
    400,
    'request.malformed',
    undefined,
  ],
  ['10 MB', 'POST', '/v1/ask', `{"text":"${'x'.repeat(10_000_000)}"}`, {}, 413, 'request.too_large', undefined],
  ['5,000 levels', 'POST', '/v1/ask', deep, {}, 400, 'request.too_deep', undefined],
  ['a missing field', 'POST', '/v1/intents/notes.get', {}, {}, 422, 'input.invalid', '/note_id'],
  ['a field of the wrong type', 'POST', '/v1/intents/notes.get', { note_id: 7 }, {}, 422, 'input.invalid', '/note_id'],
  [
    'a field nobody knows',
    'POST',
    '/v1/intents/notes.get',
    { note_id: 'N-1', nte: 1 },
    {},
    422,
    'input.invalid',
    '/nte',
  ],
  ['an unknown intent', 'POST', '/v1/intents/notes.gt', {}, {}, 404, 'intent.unknown', undefined],
  ['an unknown major', 'POST', '/v1/intents/notes.get@9', { note_id: 'N-1' }, {}, 404, 'intent.unknown', undefined],
  ['a major that is none', 'POST', '/v1/intents/notes.get@x', { note_id: 'N-1' }, {}, 404, 'intent.unknown', undefined],
  ['no credential', 'POST', '/v1/ask', { text: 'show note N-1' }, { key: null }, 401, 'credentials.missing', undefined],
  [
    'a forged credential',
    'POST',
    '/v1/ask',
    { text: 'show note N-1' },
    { key: 'forged' },
    401,
    'credentials.invalid',
    undefined,
  ],
  [
    'a token that is none',
    'POST',
    '/v1/intents/notes.get',
    { note_id: 'N-1' },
    { key: null, headers: { authorization: 'Bearer a.b.c' } },
    401,
    'credentials.invalid',
    undefined,
  ],
  [
    'a scheme nobody knows',
    'GET',
    '/v1/intents',
    undefined,
    { key: null, headers: { authorization: 'Basic eDp5' } },
    401,
    'credentials.missing',
    undefined,
  ],
  [
    'a purpose the key does not carry',
    'POST',
    '/v1/ask',
    { text: 'show note N-1', purpose: 'fun' },
    {},
    403,
    'purpose.not_allowed',
    undefined,
  ],
  [
    'an unknown confirmation',
    'POST',
    '/v1/confirmations/none',
    { confirm: true },
    {},
    404,
    'confirm.unknown',
    undefined,
  ],
  ['a confirmation without an answer', 'POST', '/v1/confirmations/none', {}, {}, 422, 'request.invalid', '/confirm'],
  ['an unknown address', 'GET', '/v2/ask', undefined, {}, 404, 'request.not_found', undefined],
  ['a wrong method', 'PUT', '/v1/ask', { text: 'x' }, {}, 405, 'request.method', undefined],
] as const)('%s', async (_name, method, path, body, options, status, code, pointer) => {
  const answer = await gateway.call(method, path, body, options);
  expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
  expect(answer.headers['content-type']).toContain('application/problem+json');
  expect(answer.body).toMatchObject({
    type: expect.stringContaining(code),
    title: expect.any(String),
    status,
    detail: expect.any(String),
  });
  if (pointer !== undefined) expect(answer.body.errors).toContainEqual(expect.objectContaining({ pointer }));
  const request = String(answer.headers['ostiary-request-id']);
  expect(answer.body.instance).toBe(`urn:ostiary:request:${request}`);
  expect(await gateway.entries(request)).toEqual([expect.objectContaining({ kind: 'outcome', code })]);
  // And the process is none the worse for it.
  expect((await gateway.call('GET', '/livez')).status).toBe(200);
  expect((await gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' })).status).toBe(200);
});

test('no secret and no stack is in any answer, and no key in the log', () => {
  expect(JSON.stringify(gateway.onDisk())).not.toMatch(/key-(writer|forged)/);
});

test.each([
  ['POST', '/v1/intents/notes.hidden', {}],
  ['POST', '/v1/intents/notes.hidden', { wrong: 1 }],
  ['POST', '/v1/intents/notes.hidden@1', {}],
  ['POST', '/v1/intents/notes.hidden@2', {}],
  ['POST', '/v1/explain', { intent: 'notes.hidden' }],
  ['POST', '/v1/explain', { intent: 'notes.hidden@1', input: { wrong: 1 } }],
  ['GET', '/v1/intents/notes.hidden', undefined],
])('a hidden intent answers exactly as one that does not exist: %s %s %j', async (method, path, body) => {
  const other = (text: string) => text.replaceAll('notes.hidden', 'notes.hiddem');
  const hidden = await gateway.call(method, path, body);
  const none = await gateway.call(method, other(path), body && JSON.parse(other(JSON.stringify(body))));
  // The id and the times of a request are its own.
  const plain = ({ status, text, headers }: typeof hidden) => [
    status,
    other(text)
      .replaceAll(String(headers['ostiary-request-id']), 'ID')
      .replaceAll(/"ms":[\d.]+/g, '"ms":0'),
    Object.keys(headers),
  ];
  expect(plain(none)).toEqual(plain(hidden));
});

test('words that mean a hidden intent are out of scope, and nothing names it', async () => {
  const asked = await gateway.call('POST', '/v1/ask', { text: 'look under the carpet' });
  expect(asked.body.outcome).toBe('out_of_scope');
  expect(asked.text).not.toContain('hidden');
  expect(asked.text).not.toContain('carpet');
  expect(gateway.received.some(({ url }) => url.includes('hidden'))).toBe(false);
});

test.each(['writer', 'reader', 'nobody'])(
  'what %s sees listed is what %s can call, at every place that lists',
  async (key) => {
    const listed = (await gateway.call('GET', '/v1/intents', undefined, { key })).body.intents as { intent: string }[];
    const document = (await gateway.call('GET', '/openapi.json', undefined, { key })).body.paths as object;
    const names = listed.map(({ intent }) => intent);
    expect(Object.keys(document)).toEqual(names.map((name) => `/v1/intents/${name}`));
    for (const [name, input] of Object.entries(valid)) {
      const { status } = await gateway.call('POST', `/v1/intents/${name}`, input, { key });
      expect([name, status === 404 || status === 403]).toEqual([name, !names.includes(name)]);
      expect((await gateway.call('GET', `/v1/intents/${name}`, undefined, { key })).status).toBe(
        names.includes(name) ? 200 : 404,
      );
    }
  },
);

test('a path value that would leave its place never reaches the backend', async () => {
  const before = gateway.received.length;
  for (const note_id of ['.', '..', '']) {
    const { status, body } = await gateway.call('POST', '/v1/intents/notes.get', { note_id });
    expect([status, body.code]).toEqual([422, 'upstream.rejected']);
  }
  expect(gateway.received.length).toBe(before);
});
