import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGateway, type TestGateway } from './start.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const answering = (text: string) => {
  gateway.answers.with = (_request, response) => response.setHeader('content-type', 'application/json').end(text);
};
const get = (key?: string) =>
  gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' }, key === undefined ? {} : { key });

test('of a list, each caller sees the fields of theirs, and what the contract does not list nobody', async () => {
  answering(
    JSON.stringify({
      owner: 'Ada',
      next: 'token',
      notes: [
        { id: 'N-1', text: 'one', email: 'ada@example.com', secret: 's' },
        { id: 'N-2', email: 7 },
        { id: 'N-3', email: null },
        {},
        'not a note',
      ],
    }),
  );
  const list = (key: string) => gateway.call('POST', '/v1/intents/notes.list', {}, { key });
  expect((await list('writer')).body).toEqual({
    owner: 'Ada',
    notes: [
      { id: 'N-1', text: 'one', email: 'ada@example.com' },
      { id: 'N-2', email: 7 },
      { id: 'N-3', email: null },
      {},
      'not a note',
    ],
  });
  expect((await list('reader')).body).toEqual({
    notes: [{ id: 'N-1', email: 'a***@example.com' }, { id: 'N-2', email: '***' }, { id: 'N-3', email: null }, {}],
  });
});

test('a conversation shows no more than a call', async () => {
  answering('{"id":"N-1","text":"hello","email":"ada@example.com","secret":"s"}');
  const { body, text } = await gateway.call(
    'POST',
    '/v1/ask',
    { text: 'show note N-1', trace: true },
    { key: 'reader' },
  );
  expect(body.output).toEqual({ id: 'N-1', text: 'hello', email: 'a***@example.com' });
  expect(text).not.toMatch(/ada@|secret/);
});

test('an explanation tells which fields would be seen, and what would be hidden in them', async () => {
  const { body } = await gateway.call(
    'POST',
    '/v1/explain',
    { intent: 'notes.get', input: { note_id: 'N-1' } },
    { key: 'reader' },
  );
  expect(body.decision).toMatchObject({
    fields: ['/id', '/text', '/email'],
    obligations: [{ type: 'redact', fields: { '/email': 'mail-mask' } }],
  });
});

test.each([
  ['{"id":"N-1","__proto__":{"text":"x"}}', { id: 'N-1' }],
  ['{"constructor":1,"toString":2,"id":"N-1"}', { id: 'N-1' }],
  ['{"id":{"deep":{"er":1}}}', { id: { deep: { er: 1 } } }],
  ['{}', {}],
  ['[]', []],
  ['null', null],
  ['', null],
])('a backend that answers %j', async (answer, expected) => {
  answering(answer);
  const { status, body } = await get();
  expect([status, body]).toEqual([200, expected]);
});

test.each([
  ['a list in a list in a list', `${'['.repeat(4_000)}${']'.repeat(4_000)}`],
  ['an object in an object in an object', `${'{"id":'.repeat(1_000)}1${'}'.repeat(1_000)}`],
])('an answer that goes on inside, %s, is refused: a read failed, a write is unknown', async (_name, answer) => {
  answering(answer);
  const read = await get();
  expect(read.body).toMatchObject({ status: 502, code: 'output.invalid', outcome: 'failed' });
  const write = await gateway.call('POST', '/v1/intents/notes.add', { text: 'hello' });
  expect(write.body).toMatchObject({ status: 502, code: 'output.invalid', outcome: 'unknown' });
  for (const { headers } of [read, write])
    expect((await gateway.entries(String(headers['ostiary-request-id']))).at(-1)).toMatchObject({
      code: 'output.invalid',
    });
});
