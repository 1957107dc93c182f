import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectMcp, tell } from './mcp-client.ts';
import { startGateway, type TestGateway } from './start.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ config: 'doors: { mcp: { compact_above: 2 } }' });
});
afterAll(() => gateway.stop());

test('a caller with few intents has a tool for each, one with many the compact ones', async () => {
  const names = async (key: string) =>
    (await (await connectMcp(gateway.url, { key })).listTools()).tools.map(({ name }) => name);
  expect(await names('key-reader')).toEqual(['notes_get', 'notes_list', 'ask']);
  expect(await names('key-writer')).toEqual(['search', 'describe', 'call', 'ask']);
});

test('search finds by meaning and by words, and nothing that is hidden', async () => {
  const client = await connectMcp(gateway.url);
  const search = async (query: string, more: object = {}) => {
    const { structuredContent } = await tell(client, 'search', { query, ...more });
    return structuredContent.intents.map(({ intent }: { intent: string }) => intent);
  };
  expect((await search('write something down'))[0]).toBe('notes.add');
  expect((await search('Wipe'))[0]).toBe('notes.wipe');
  expect(await search('look under the carpet', { limit: 20 })).not.toContain('notes.hidden');
  expect(await search('note', { limit: 1 })).toHaveLength(1);
});

test('describe gives contracts, and says what there is not', async () => {
  const client = await connectMcp(gateway.url);
  const { body } = await gateway.call('GET', '/v1/intents/notes.add');
  const { structuredContent } = await tell(client, 'describe', { intents: ['notes.add', 'notes.hidden', 'no.such'] });
  expect(structuredContent.intents).toEqual([
    body,
    { intent: 'notes.hidden', unknown: 'There is no intent "notes.hidden" for this caller.' },
    { intent: 'no.such', unknown: 'There is no intent "no.such" for this caller.' },
  ]);
});

test('call goes down the same road, with its question for a yes', async () => {
  const asked: string[] = [];
  const client = await connectMcp(gateway.url, {
    person: (message) => {
      asked.push(message);
      return { action: 'accept', content: { confirm: true } };
    },
  });
  const got = await tell(client, 'call', { intent: 'notes.get', input: { note_id: 'N-1' } });
  expect(got.structuredContent).toMatchObject({ id: 'N-1' });
  expect(await tell(client, 'call', { intent: 'notes.hidden' })).toMatchObject({
    isError: true,
    structuredContent: { code: 'intent.unknown' },
  });
  expect((await tell(client, 'call', { intent: 'notes.wipe' })).isError).toBeUndefined();
  expect(asked).toHaveLength(1);
});

test.each([
  ['search', {}],
  ['search', { query: 'x', limit: 0 }],
  ['search', { query: 'x', limit: 2.5 }],
  ['describe', { intents: [] }],
  ['describe', { intents: Array(11).fill('notes.get') }],
  ['call', {}],
  ['call', { intent: 'notes.get', input: [] }],
])('%s refuses %j', async (name, given) => {
  const client = await connectMcp(gateway.url);
  await expect(tell(client, name, given)).rejects.toMatchObject({ code: -32_602 });
});

test('of many intents neither resources nor prompts list each', async () => {
  const client = await connectMcp(gateway.url);
  expect((await client.listResources()).resources.map(({ uri }) => uri)).toEqual(['ostiary://catalogue']);
  expect((await client.listPrompts()).prompts).toEqual([]);
  const { messages } = await client.getPrompt({ name: 'notes_list' });
  expect(messages[0]?.content).toEqual({
    type: 'text',
    text: 'List notes. Use the tool "call" with the intent notes.list.',
  });
});
