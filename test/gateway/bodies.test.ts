import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startGateway, type TestGateway } from './start.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const json = { 'content-type': 'application/json' };
const routes = ['/v1/ask', '/v1/explain', '/v1/intents/notes.add', '/v1/confirmations/none'];
const bytes = (before: string, middle: number[], after: string) =>
  Buffer.concat([Buffer.from(before), Buffer.from(middle), Buffer.from(after)]);

const bad: [string, unknown, object, number, string][] = [
  ['half a document', '{"text":"x"', {}, 400, 'request.malformed'],
  ['two documents', '{} {}', {}, 400, 'request.malformed'],
  ['a comment', '{/* hello */}', {}, 400, 'request.malformed'],
  ['no body but a content type', '', { headers: json }, 400, 'request.malformed'],
  ['broken UTF-8 in a string', bytes('{"text":"', [0xff, 0xc0, 0x80], '"}'), {}, 400, 'request.malformed'],
  ['half a surrogate pair', '{"text":"\\ud83d"}', {}, 400, 'request.malformed'],
  ['half a surrogate pair in a name', '{"\\uDE00":1}', {}, 400, 'request.malformed'],
  ['half a surrogate pair deep inside', '{"input":{"a":["x",{"b":"\\udfff"}]}}', {}, 400, 'request.malformed'],
  ['__proto__', '{"__proto__":{"admin":true}}', {}, 400, 'request.malformed'],
  ['__proto__ deep inside', '{"input":{"a":{"__proto__":1}}}', {}, 400, 'request.malformed'],
  ['constructor.prototype', '{"constructor":{"prototype":{}}}', {}, 400, 'request.malformed'],
  ['5,000 lists', `{"text":${'['.repeat(5_000)}${']'.repeat(5_000)}}`, {}, 400, 'request.too_deep'],
  ['5,000 objects', `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`, {}, 400, 'request.too_deep'],
  ['10 MB', `{"text":"${'x'.repeat(10_000_000)}"}`, {}, 413, 'request.too_large'],
  ['text', 'hello', { headers: { 'content-type': 'text/plain' } }, 415, 'request.media_type'],
  ['a form', 'a=b', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415, 'request.media_type'],
  ['no media type', '{}', { headers: { 'content-type': ';' } }, 415, 'request.media_type'],
  ['a list', [], {}, 422, 'request.invalid'],
  ['a string', '"x"', {}, 422, 'request.invalid'],
  ['a number', '7', {}, 422, 'request.invalid'],
  ['null', 'null', {}, 422, 'request.invalid'],
];

describe.each(routes)('POST %s', (path) => {
  test.each(bad)('%s', async (_name, body, options, status, code) => {
    const before = gateway.received.length;
    const answer = await gateway.call('POST', path, body, options);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    if (code === 'request.invalid') expect(answer.body.errors).toEqual([{ pointer: '', detail: 'must be an object' }]);
    const request = String(answer.headers['ostiary-request-id']);
    expect(await gateway.entries(request)).toEqual([expect.objectContaining({ outcome: 'failed', code })]);
    expect(gateway.received.length).toBe(before);
    expect((await gateway.call('GET', '/livez')).status).toBe(200);
  });
});

test('after all that a good request still works, and nothing has grown on any prototype', async () => {
  expect((await gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' })).status).toBe(200);
  expect(({} as { admin?: boolean }).admin).toBeUndefined();
});

test.each([
  ['/v1/ask', { text: 'hello', input: [] }, '/input'],
  ['/v1/ask', { text: 'hello', input: 'x' }, '/input'],
  ['/v1/ask', { text: 'hello', purpose: 7 }, '/purpose'],
  ['/v1/ask', { text: 'hello', trace: 'yes' }, '/trace'],
  ['/v1/ask', { text: 'hello', 'a/b~c': 1 }, '/a~1b~0c'],
  ['/v1/explain', {}, '/text'],
  ['/v1/explain', { text: '' }, '/text'],
  ['/v1/explain', { text: 'hello', intent: 'notes.get' }, '/text'],
  ['/v1/explain', { intent: 'notes.get', input: 7 }, '/input'],
  ['/v1/explain', { intent: 7 }, '/intent'],
  ['/v1/explain', { intent: 'notes.get', inputs: {} }, '/inputs'],
  ['/v1/confirmations/none', { confirm: 'true' }, '/confirm'],
  ['/v1/confirmations/none', { confirm: true, input: {} }, '/input'],
])('%s %j: the fault is at %s', async (path, body, pointer) => {
  const answer = await gateway.call('POST', path, body);
  expect([answer.status, answer.body.code]).toEqual([422, 'request.invalid']);
  expect(answer.body.errors).toEqual([{ pointer, detail: expect.any(String) }]);
});

test.each([
  ['only control characters', '\u0000\u0007\u001b[2J'],
  ['only what cannot be seen', '\u200b\u2060\u00ad'],
  ['only punctuation', '?!…'],
  ['500 of the same', 'x'.repeat(500)],
])('words that are none, %s: out of scope, and recorded', async (_name, text) => {
  const { status, body } = await gateway.call('POST', '/v1/ask', { text });
  expect([status, body.outcome]).toEqual([200, 'out_of_scope']);
  expect(await gateway.entries(body.request)).toEqual([expect.objectContaining({ words: text.trim() })]);
});

test('a byte order mark and a charset change nothing', async () => {
  const { status } = await gateway.call('POST', '/v1/intents/notes.get', '\uFEFF{"note_id":"N-1"}', {
    headers: { 'content-type': 'application/json; charset=utf-8' },
  });
  expect(status).toBe(200);
});
