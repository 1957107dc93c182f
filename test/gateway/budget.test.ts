import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectMcp } from './mcp-client.ts';
import { startGateway, type TestGateway } from './start.ts';

let gateway: TestGateway;
const notes = Array.from({ length: 40 }, (_, index) => ({
  id: `N-${index}`,
  text: 'hello',
  email: 'ada@example.com',
}));
beforeAll(async () => {
  gateway = await startGateway();
  gateway.answers.with = (_request, response) =>
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ owner: 'Ada', notes }));
});
afterAll(() => gateway.stop());

const list = (prefer: string, key = 'writer') =>
  gateway.call('POST', '/v1/intents/notes.list', {}, { key, headers: { prefer } });

test('an answer is no larger than its caller prefers, and says what is left out', async () => {
  const { text, body, headers } = await list('max-bytes=500');
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(500);
  const kept = body.notes.length;
  expect(kept).toBeGreaterThan(3);
  expect(body).toEqual({ owner: 'Ada', notes: notes.slice(0, kept) });
  expect(headers).toMatchObject({
    'preference-applied': 'max-bytes=500',
    'ostiary-trimmed': `"/notes";kept=${kept};of=40`,
  });
});

test.each(['max-bytes=100000', 'max-bytes=1', 'max-bytes=much', 'max-bytes=-5', 'max-bytes'])(
  'with "%s" all of it comes',
  async (prefer) => {
    const { body, headers } = await list(prefer);
    expect(body.notes).toHaveLength(40);
    expect(headers['ostiary-trimmed']).toBeUndefined();
    expect(headers['preference-applied']).toBe(prefer === 'max-bytes=100000' ? prefer : undefined);
  },
);

test('what a policy hides is not what is left out, and stays hidden', async () => {
  const { body, headers } = await list('max-bytes=300', 'reader');
  expect(body.owner).toBeUndefined();
  expect(new Set(body.notes.map(({ email }: { email: string }) => email))).toEqual(new Set(['a***@example.com']));
  expect(headers['ostiary-trimmed']).toBe(`"/notes";kept=${body.notes.length};of=40`);
});

test('a refusal is never trimmed', async () => {
  const { body } = await gateway.call('POST', '/v1/intents/notes.get', {}, { headers: { prefer: 'max-bytes=20' } });
  expect(body).toMatchObject({ status: 422, code: 'input.invalid', errors: [{ pointer: '/note_id' }] });
});

test('what words come to is kept as small, and what is left out stands beside it', async () => {
  const { body } = await gateway.call(
    'POST',
    '/v1/ask',
    { text: 'list all my notes' },
    { headers: { prefer: 'max-bytes=400' } },
  );
  expect(body).toMatchObject({ outcome: 'completed', intent: 'notes.list' });
  expect(body.trimmed).toEqual([{ pointer: '/notes', kept: body.output.notes.length, of: 40 }]);
});

test('a tool is told how much its caller can take in', async () => {
  const client = await connectMcp(gateway.url);
  const told = (await client.callTool({
    name: 'notes_list',
    arguments: {},
    _meta: { 'ostiary.dev/max-bytes': 300 },
  })) as { structuredContent: { notes: unknown[] }; content: { text: string }[]; _meta: Record<string, unknown> };
  const kept = told.structuredContent.notes.length;
  expect(kept).toBeLessThan(10);
  expect(told.content[0]?.text.length).toBeLessThanOrEqual(300);
  expect(told._meta['ostiary.dev/trimmed']).toEqual([{ pointer: '/notes', kept, of: 40 }]);
});
