import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectMcp, type Revision, type Told, tell } from './mcp-client.ts';
import { gatewayForTest, startGateway, type TestGateway } from './start.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const requestMeta = 'ostiary.dev/request';
/** What the log says of a request, without what differs between any two. */
const recorded = async (request: string) =>
  (await gateway.entries(request)).map((entry) => {
    const { request: _id, at, ms, door, decision, road, hash, confirmation, answers, ...rest } = entry;
    return { ...rest, decision: (decision as { outcome?: unknown } | undefined)?.outcome };
  });

const revisions: readonly Revision[] = ['of 2026', 'of 2025'];
describe.each(revisions)('a client %s', (revision) => {
  test.each(['writer', 'reader', 'nobody'])('is shown the tools that %s may call, and ask', async (key) => {
    const client = await connectMcp(gateway.url, { revision, key: `key-${key}` });
    const { body } = await gateway.call('GET', '/v1/intents', undefined, { key });
    const named = body.intents.map(({ intent }: { intent: string }) => intent.replaceAll('.', '_'));
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual([...named, 'ask']);
  });

  test.each([
    { name: 'an output', key: 'writer', intent: 'notes.get', input: { note_id: 'N-1' } },
    { name: 'an output with members hidden and masked', key: 'reader', intent: 'notes.get', input: { note_id: 'N-1' } },
    { name: 'a write', key: 'writer', intent: 'notes.add', input: { text: 'call back' } },
    { name: 'an input that does not fit', key: 'writer', intent: 'notes.get', input: { note_id: 7, more: true } },
    { name: 'a refusal by policy', key: 'reader', intent: 'notes.add', input: { text: 'x' } },
  ])('gets $name, decided and recorded as over HTTP', async ({ key, intent, input }) => {
    const client = await connectMcp(gateway.url, { revision, key: `key-${key}` });
    const typed = await gateway.call('POST', `/v1/intents/${intent}`, input, { key });
    const told = await tell(client, intent.replaceAll('.', '_'), input);
    expect(told.isError === true).toBe(typed.status >= 400);
    const own = { instance: undefined, decision: undefined };
    expect({ ...told.structuredContent, ...own }).toEqual({ ...typed.body, ...own });
    expect(told.content[0].text).toContain(typed.status < 400 ? typed.text : typed.body.detail);
    expect((await gateway.entries(told._meta[requestMeta])).at(-1)?.door).toBe('mcp');
    expect(await recorded(told._meta[requestMeta])).toEqual(
      await recorded(String(typed.headers['ostiary-request-id'])),
    );
  });

  test('is told the same of what is hidden and of what is not there, and both are recorded', async () => {
    const client = await connectMcp(gateway.url, { revision });
    const before = gateway.onDisk().length;
    for (const name of ['notes_hidden', 'notes_nowhere', 'nothing', 'search', 'notes_get__v7', '__proto__'])
      await expect(tell(client, name)).rejects.toMatchObject({
        code: -32_602,
        message: expect.stringMatching(`There is no tool "${name}" for this caller.`),
      });
    await expect
      .poll(
        () =>
          gateway
            .onDisk()
            .slice(before)
            .filter(({ code }) => code === 'intent.unknown').length,
      )
      .toBe(6);
  });

  describe('where a yes is needed', () => {
    test('asks the person, and does it once they say yes', async () => {
      const asked: string[] = [];
      const client = await connectMcp(gateway.url, {
        revision,
        person: (message) => {
          asked.push(message);
          return { action: 'accept', content: { confirm: true } };
        },
      });
      const before = gateway.received.length;
      const told = await tell(client, 'notes_wipe', { why: 'spring' });
      expect(told.isError).toBeUndefined();
      expect(asked).toEqual(['Wipe all notes (this cannot be taken back):\n  why: spring (given in the call)']);
      expect(gateway.received.slice(before).map(({ method }) => method)).toEqual(['DELETE']);
      const [ahead, outcome] = await gateway.entries(told._meta[requestMeta]);
      expect([ahead?.kind, outcome?.outcome, outcome?.door]).toEqual(['ahead', 'completed', 'mcp']);
    });

    test.each([
      { name: 'no', answer: { action: 'accept' as const, content: { confirm: false } } },
      { name: 'something else', answer: { action: 'accept' as const, content: { username: 'ada' } } },
      { name: 'that they decline', answer: { action: 'decline' as const } },
      { name: 'nothing, and go away', answer: { action: 'cancel' as const } },
    ])('does nothing where they say $name', async ({ answer }) => {
      const client = await connectMcp(gateway.url, { revision, person: () => answer });
      const before = gateway.received.length;
      expect(await tell(client, 'notes_wipe')).toMatchObject({
        isError: true,
        structuredContent: { outcome: 'declined' },
      });
      expect(gateway.received.length).toBe(before);
    });

    test('says what waits to a client that cannot ask', async () => {
      const client = await connectMcp(gateway.url, { revision });
      const told = await tell(client, 'notes_wipe');
      expect(told).toMatchObject({
        isError: true,
        structuredContent: { code: 'confirm.required', confirmation: { text: expect.stringContaining('Wipe') } },
      });
      const { id } = told.structuredContent.confirmation;
      expect(told.content[0].text).toContain(`POST /v1/confirmations/${id}`);
      expect((await gateway.call('POST', `/v1/confirmations/${id}`, { confirm: true })).status).toBe(200);
    });

    test('gives words no way to say yes', async () => {
      const client = await connectMcp(gateway.url, { revision });
      const told = await tell(client, 'ask', { text: 'wipe all notes' });
      expect(told.structuredContent).toMatchObject({ code: 'confirm.required' });
      expect(told.structuredContent.session).toBeUndefined();
    });
  });

  test('does nothing twice with one key, whichever door the second comes through', async () => {
    const client = await connectMcp(gateway.url, { revision });
    const key = randomUUID();
    const before = gateway.received.length;
    const add = async (text: string) =>
      (await client.callTool({
        name: 'notes_add',
        arguments: { text },
        _meta: { 'ostiary.dev/idempotency-key': key },
      })) as Told;
    const first = await add('once');
    const second = await add('once');
    expect(second.structuredContent).toEqual(first.structuredContent);
    expect(second._meta['ostiary.dev/replayed']).toBe(first._meta[requestMeta]);
    const typed = await gateway.call(
      'POST',
      '/v1/intents/notes.add',
      { text: 'once' },
      { headers: { 'idempotency-key': key } },
    );
    expect([typed.headers['idempotency-replayed'], typed.body]).toEqual(['true', first.structuredContent]);
    expect(await add('another')).toMatchObject({ structuredContent: { code: 'idempotency.mismatch' } });
    expect(gateway.received.length - before).toBe(1);
  });

  test('asks the person too where words need a yes', async () => {
    const client = await connectMcp(gateway.url, {
      revision,
      person: () => ({ action: 'accept', content: { confirm: true } }),
    });
    const before = gateway.received.length;
    expect((await tell(client, 'ask', { text: 'wipe all notes' })).isError).toBeUndefined();
    expect(gateway.received.slice(before).map(({ method }) => method)).toEqual(['DELETE']);
  });

  test('is told that a list is one page', async () => {
    const client = await connectMcp(gateway.url, { revision });
    const cursor = 'more';
    for (const list of [client.listTools({ cursor }), client.listPrompts({ cursor }), client.listResources({ cursor })])
      await expect(list).rejects.toMatchObject({ code: -32_602 });
  });

  test('asks in words, is asked back, and goes on', async () => {
    const client = await connectMcp(gateway.url, { revision });
    const first = await tell(client, 'ask', { text: 'show note' });
    expect(first.structuredContent).toMatchObject({ outcome: 'clarify', fields: [{ pointer: '/note_id' }] });
    const { session } = first.structuredContent;
    const second = await tell(client, 'ask', { text: 'N-1', session });
    expect(second.structuredContent).toMatchObject({ outcome: 'completed', output: { id: 'N-1' } });
  });

  test.each([
    { text: '' },
    { text: 7 },
    { text: 'x'.repeat(501) },
    { text: 'a', input: [] },
    { text: 'a', session: 1 },
  ])('is told what ask takes: %j', async (given) => {
    const client = await connectMcp(gateway.url, { revision });
    await expect(tell(client, 'ask', given)).rejects.toMatchObject({ code: -32_602 });
  });

  test('is told how far the understanding is, where it wants to be', async () => {
    const client = await connectMcp(gateway.url, { revision });
    const told: number[] = [];
    await client.callTool(
      { name: 'ask', arguments: { text: 'please read the note to me' } },
      { onprogress: ({ progress }) => told.push(progress) },
    );
    expect(told.length).toBeGreaterThan(0);
    expect(told).toEqual([...told].sort((a, b) => a - b));
  });

  test('takes a call back, and the backend hears of it', async () => {
    // A backend that answers when it is let go of.
    const { answers, url } = await gatewayForTest({
      limits: 'body: 64KB, depth: 16, text: 500, deadline: 30s',
    });
    const closed = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    answers.with = (request) => {
      request.socket.once('close', () => closed.resolve());
      reached.resolve();
    };
    // A client of 2025 can take a call back only in a session, which it has where it can ask people.
    const client = await connectMcp(url, { revision, person: () => ({ action: 'cancel' }) });
    const asked = new AbortController();
    const reply = client.callTool({ name: 'notes_add', arguments: { text: 'x' } }, { signal: asked.signal });
    reply.catch(() => {});
    await reached.promise;
    asked.abort();
    await expect(reply).rejects.toThrow();
    await closed.promise;
  });

  test('reads the catalogue, and fills in prompts', async () => {
    const client = await connectMcp(gateway.url, { revision, key: 'key-reader' });
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toEqual([
      'ostiary://catalogue',
      'ostiary://intents/notes.get',
      'ostiary://intents/notes.list',
    ]);
    const read = async (uri: string) => {
      const [{ text = '' } = {}] = (await client.readResource({ uri })).contents as { text?: string }[];
      return JSON.parse(text);
    };
    const listed = await gateway.call('GET', '/v1/intents', undefined, { key: 'reader' });
    expect((await read('ostiary://catalogue')).intents.map(({ intent }: { intent: string }) => intent)).toEqual(
      listed.body.intents.map(({ intent }: { intent: string }) => intent),
    );
    expect(await read('ostiary://intents/notes.get@1')).toEqual(listed.body.intents[0]);
    for (const name of ['notes.hidden', 'notes.add', '../notes.get', ''])
      await expect(client.readResource({ uri: `ostiary://intents/${name}` })).rejects.toMatchObject({ code: -32_602 });
    expect((await client.listResourceTemplates()).resourceTemplates).toHaveLength(1);

    const writer = await connectMcp(gateway.url, { revision });
    const { prompts } = await writer.listPrompts();
    expect(prompts.find(({ name }) => name === 'notes_add')?.arguments).toEqual([
      { name: 'text', required: true },
      { name: 'times', required: false },
      { name: 'folder', required: false },
    ]);
    const prompt = await writer.getPrompt({ name: 'notes_add', arguments: { folder: 'attic' } });
    expect(prompt.messages[0]?.content).toEqual({
      type: 'text',
      text: 'Add a note. Use the tool notes_add with\n- folder: attic\nAsk me for what is missing: text.',
    });
    for (const wrong of [{ name: 'notes_hidden' }, { name: 'notes_add', arguments: { strange: '1' } }])
      await expect(writer.getPrompt(wrong)).rejects.toMatchObject({ code: -32_602 });
    const complete = (ref: Parameters<typeof writer.complete>[0]['ref'], name: string, value: string) =>
      writer.complete({ ref, argument: { name, value } }).then(({ completion }) => completion.values);
    expect(await complete({ type: 'ref/prompt', name: 'notes_add' }, 'folder', 'A')).toEqual(['attic']);
    expect(await complete({ type: 'ref/prompt', name: 'notes_hidden' }, 'folder', '')).toEqual([]);
    const template = { type: 'ref/resource', uri: 'ostiary://intents/{name}' } as const;
    expect(await complete(template, 'name', 'notes.')).toEqual(['notes.add', 'notes.get', 'notes.list', 'notes.wipe']);
  });
});

test('any input gets the same answer as over HTTP', async () => {
  const client = await connectMcp(gateway.url);
  const value = fc.oneof(
    fc.constantFrom('N-1', '.', '..', 'attic', 3, -1, 1.5, 'x'.repeat(201)),
    fc.jsonValue({ maxDepth: 2 }),
  );
  const input = fc.record({ note_id: value, text: value, times: value, folder: value }, { requiredKeys: [] });
  const own = { instance: undefined, decision: undefined };
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('notes.get', 'notes.add', 'notes.list'), input, async (intent, given) => {
      const typed = await gateway.call('POST', `/v1/intents/${intent}`, given);
      const told = await tell(client, intent.replaceAll('.', '_'), given as Record<string, unknown>);
      expect({ ...told.structuredContent, ...own }).toEqual({ ...typed.body, ...own });
      expect(told.isError === true).toBe(typed.status >= 400);
    }),
    { numRuns: 60 },
  );
}, 30_000);

test('a purpose that the credential does not carry is refused', async () => {
  const client = await connectMcp(gateway.url, { headers: { 'ostiary-purpose': 'espionage' } });
  expect(await tell(client, 'notes_get', { note_id: 'N-1' })).toMatchObject({
    isError: true,
    structuredContent: { code: 'purpose.not_allowed' },
  });
});

describe.each(revisions)('what a reload brings', (revision) => {
  test(`is told to a client ${revision}, and is there at its next request`, async () => {
    const { url, folder, reload } = await gatewayForTest();
    const told = Promise.withResolvers<readonly string[]>();
    const client = await connectMcp(url, { revision, person: () => ({ action: 'cancel' }), onTools: told.resolve });
    const names = async () => (await client.listTools()).tools.map(({ name }) => name);
    expect(await names()).toContain('notes_get');
    appendFileSync(
      `${folder}/intents/notes.yaml`,
      '---\nintent: notes.get\nversion: 2.0.0\ntitle: Show a note\neffect: read\nexamples: [show the note anew]\ninput: { type: object }\ncall: { backend: notes, rest: "GET /notes" }\n',
    );
    const policy = `${folder}/policies/notes.policy.yaml`;
    const more = '  - { allow: newer, who: [writer], can: [newer], for: [work] }\n';
    const text = readFileSync(policy, 'utf8');
    writeFileSync(
      policy,
      `${text.replace('rules:', '  newer: { intents: [notes.get@2], effect: read }\nrules:')}${more}`,
    );
    await reload();
    expect((await told.promise).filter((name) => name.startsWith('notes_get'))).toEqual(['notes_get__v1', 'notes_get']);
    expect(await names()).toEqual(await told.promise);
    expect(await tell(client, 'notes_get__v1', { note_id: 'N-1' })).toMatchObject({ structuredContent: { id: 'N-1' } });
  });
});
