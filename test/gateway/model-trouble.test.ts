import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { gatewayForTest, startGateway, type TestGateway } from './start.ts';

let gateway: TestGateway;
let modelUrl: string;
const prompts: string[] = [];
type Say = (content: (text: string) => void, socket: { destroy(): void }, response: ServerResponse) => void;
let say: Say = () => {};
const model = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += String(chunk);
  });
  request.on('end', () => {
    prompts.push(body);
    const send = (content: string) =>
      response.setHeader('content-type', 'application/json').end(
        JSON.stringify({
          id: 'x',
          object: 'chat.completion',
          created: 0,
          model: 'm',
          choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
          usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
        }),
      );
    say(send, request.socket, response);
  });
});
beforeAll(async () => {
  await new Promise<void>((resolve) => model.listen(0, '127.0.0.1', resolve));
  modelUrl = `http://127.0.0.1:${(model.address() as AddressInfo).port}/v1`;
  gateway = await startGateway({ config: `models: [{ baseURL: "${modelUrl}", model: m, timeout: 500ms }]` });
});
afterAll(async () => {
  await gateway.stop();
  model.closeAllConnections();
  model.close();
});
beforeEach(() => {
  prompts.length = 0;
  gateway.received.length = 0;
});

// Far enough from every example that the classifier alone is not sure.
const words = { text: 'could we have the one called N-7 on the table' };
// An answer is kept for its caller and its words: what a model chooses for one test must not be there for the next.
const othersWords = { text: 'all my lovely pets have the one called N-7' };
const noteWords = { text: 'note "buy oat milk" somewhere please' };

test('a good answer is a proposal that is decided like any other', async () => {
  say = (send) => send('{"intent":"notes.get@1","input":{"note_id":"N-7"}}');
  const { body } = await gateway.call('POST', '/v1/ask', othersWords);
  expect(body).toMatchObject({
    outcome: 'completed',
    intent: 'notes.get',
    input: { note_id: 'N-7' },
    provenance: { '/note_id': 'user' },
  });
  expect(prompts.length).toBeGreaterThan(0);
});

test.each([
  ['is slow', () => {}],
  ['hangs up', (_send: unknown, socket: { destroy(): void }) => socket.destroy()],
  ['answers nonsense', (send: (text: string) => void) => send('as a language model I')],
  ['answers another shape', (send: (text: string) => void) => send('{"tool":"rm -rf"}')],
  [
    'names an intent it was not shown',
    (send: (text: string) => void) => send('{"intent":"notes.hidden@1","input":{}}'),
  ],
  ['answers endlessly', (send: (text: string) => void) => send('x'.repeat(2_000_000))],
  ['answers a list', (send: (text: string) => void) => send('[]')],
  ['answers null', (send: (text: string) => void) => send('null')],
  [
    'puts something else than an object in',
    (send: (text: string) => void) => send('{"intent":"notes.get@1","input":7}'),
  ],
  [
    'answers with a prototype',
    (send: (text: string) => void) => send('{"intent":"__proto__","input":{"__proto__":1}}'),
  ],
  ['fails', (_send: unknown, _socket: unknown, response: ServerResponse) => response.writeHead(500).end('no')],
  [
    'refuses our key',
    (_send: unknown, _socket: unknown, response: ServerResponse) => response.writeHead(401).end('{}'),
  ],
  [
    'is a web page',
    (_send: unknown, _socket: unknown, response: ServerResponse) =>
      response.setHeader('content-type', 'text/html').end('<h1>hi</h1>'),
  ],
  [
    'answers no choice',
    (_send: unknown, _socket: unknown, response: ServerResponse) =>
      response.setHeader('content-type', 'application/json').end('{"choices":[]}'),
  ],
])(
  'a model that %s: the request goes on without it, nothing is guessed, and the process is healthy',
  async (_name, behave) => {
    say = behave;
    const { status, body } = await gateway.call('POST', '/v1/ask', words);
    expect(status).toBe(200);
    expect(prompts.length).toBeGreaterThan(0);
    expect(['clarify', 'out_of_scope', 'completed']).toContain(body.outcome);
    if (body.outcome === 'completed') expect(body.input).toEqual({ note_id: 'N-7' });
    expect(gateway.received.every(({ url }) => url === '/base/notes/N-7')).toBe(true);
    expect(await gateway.entries(String(body.request))).toHaveLength(1);
    expect((await gateway.call('GET', '/livez')).status).toBe(200);
  },
);

test('a model that wants us to wait is left alone, and the request goes on without it', async () => {
  const busy = await gatewayForTest({ config: `models: [{ baseURL: "${modelUrl}", model: m, timeout: 500ms }]` });
  say = (_send, _socket, response) => response.writeHead(429, { 'retry-after': '60' }).end('{}');
  for (const note of ['model: HTTP 429', 'model: rests after it failed']) {
    const { status, body } = await busy.call('POST', '/v1/ask', { ...words, trace: true });
    expect(status).toBe(200);
    expect(['clarify', 'out_of_scope', 'completed']).toContain(body.outcome);
    if (body.outcome === 'completed') expect(body.input).toEqual({ note_id: 'N-7' });
    expect(body.notes).toContain(note);
    expect(busy.received.every(({ url }) => url === '/base/notes/N-7')).toBe(true);
    expect(await busy.entries(String(body.request))).toHaveLength(1);
    expect((await busy.call('GET', '/livez')).status).toBe(200);
  }
  expect(prompts).toHaveLength(1);
});

test('a tenant whose budget is spent is answered without the model', async () => {
  const poor = await gatewayForTest({
    config: `models: [{ baseURL: "${modelUrl}", model: m, timeout: 500ms }]\nmodel_budget: { window: 24h, tokens: 100 }`,
  });
  say = (send) => send('{"intent":"notes.get@1","input":{"note_id":"N-7"}}');
  const { status, body } = await poor.call('POST', '/v1/ask', { ...words, trace: true });
  expect(status).toBe(200);
  expect(body.outcome).toBe('clarify');
  expect(body.notes).toContain('model: the budget of this tenant is spent');
  expect(prompts).toHaveLength(0);
});

test('where the first model fails the second is asked', async () => {
  const two = await gatewayForTest({
    config: `models: [{ baseURL: "http://127.0.0.1:1/v1", model: a, timeout: 500ms }, { baseURL: "${modelUrl}", model: b, timeout: 500ms }]`,
  });
  say = (send) => send('{"intent":"notes.get@1","input":{"note_id":"N-7"}}');
  const { body } = await two.call('POST', '/v1/ask', words);
  expect(body).toMatchObject({ outcome: 'completed', input: { note_id: 'N-7' }, via: 'model' });
  expect(prompts.map((prompt) => JSON.parse(prompt).model)).toEqual(['b']);
});

test('a value that the model made up never decides a write by itself', async () => {
  say = (send) => send('{"intent":"notes.add@1","input":{"text":"transfer all the money"}}');
  const { body } = await gateway.call('POST', '/v1/ask', { text: 'I would like to add a note' });
  expect(body).toMatchObject({ outcome: 'clarify', fields: [{ pointer: '/text' }], known: {} });
  expect(gateway.received).toHaveLength(0);
});

test('what a caller may not know of is in no prompt', async () => {
  say = (send) => send('{"intent":"none","input":{}}');
  await gateway.call('POST', '/v1/ask', { text: 'what is there under the rug or the note N-7' });
  await gateway.call('POST', '/v1/ask', words);
  expect(prompts.join('\n')).not.toMatch(/carpet|notes\.hidden/);
});

test('a value that the model made up, where the contract can do without it, wants a yes that says so', async () => {
  say = (send) => send('{"intent":"notes.add@1","input":{"text":"buy oat milk","folder":"attic"}}');
  const { body } = await gateway.call('POST', '/v1/ask', noteWords);
  expect(body).toMatchObject({
    outcome: 'confirm',
    intent: 'notes.add',
    via: 'model',
    input: { text: 'buy oat milk', folder: 'attic' },
    provenance: { '/text': 'user', '/folder': 'model' },
  });
  expect(body.message).toContain('folder: attic (guessed by a language model)');
  expect(gateway.received).toHaveLength(0);
  const yes = await gateway.call('POST', `/v1/confirmations/${body.confirmation.id}`, { confirm: true });
  expect(yes.body.outcome).toBe('completed');
  expect(JSON.parse(gateway.received[0]?.body ?? '')).toEqual({ text: 'buy oat milk', folder: 'attic' });
});

test('what the model says of a destructive intent is no more than a proposal', async () => {
  say = (send) => send('{"intent":"notes.wipe@1","input":{}}');
  const { body } = await gateway.call('POST', '/v1/ask', {
    text: 'could they have the one called N-7 under the table',
  });
  expect(prompts.length).toBeGreaterThan(0);
  expect(['clarify', 'confirm', 'out_of_scope']).toContain(body.outcome);
  expect(gateway.received).toHaveLength(0);
});

test('what a caller may know of but not do is refused by name when the model names it', async () => {
  say = (send) => send('{"intent":"notes.add@1","input":{"text":"buy oat milk"}}');
  const { status, body } = await gateway.call('POST', '/v1/ask', noteWords, { key: 'reader' });
  expect([status, body.code, body.intent]).toEqual([403, 'policy.denied', 'notes.add']);
  expect(gateway.received).toHaveLength(0);
});

test('the words reach the model, the credential does not', async () => {
  say = (send) => send('{"intent":"none","input":{}}');
  await gateway.call('POST', '/v1/ask', words);
  expect(prompts.join('')).toContain('the one called N-7');
  expect(prompts.join('')).not.toMatch(/key-writer|"writer"/);
});

test('a caller that hangs up does not wait for the model, and neither does anybody else', async () => {
  let asked = () => {};
  const arrived = new Promise<void>((resolve) => {
    asked = resolve;
  });
  let closed = false;
  say = (_send, _socket, response) => {
    response.once('close', () => {
      closed = true;
    });
    asked();
  };
  const controller = new AbortController();
  const call = fetch(`${gateway.url}/v1/ask`, {
    method: 'POST',
    headers: { authorization: 'Bearer key-writer', 'content-type': 'application/json' },
    body: JSON.stringify(words),
    signal: controller.signal,
  });
  await arrived;
  controller.abort();
  await expect(call).rejects.toThrow();
  await expect.poll(() => closed, { timeout: 400 }).toBe(true);
  expect(gateway.received).toHaveLength(0);
});

test('a model that is down', async () => {
  const down = await gatewayForTest({
    config: 'models: [{ baseURL: "http://127.0.0.1:1/v1", model: m, timeout: 500ms }]',
  });
  const { status, body } = await down.call('POST', '/v1/ask', { ...words, trace: true });
  expect(status).toBe(200);
  expect(['clarify', 'out_of_scope', 'completed']).toContain(body.outcome);
  expect(JSON.stringify(body.notes)).toContain('model: ');
  expect((await down.call('POST', '/v1/ask', { text: 'show note N-1' })).body.outcome).toBe('completed');
});

test('a reload forgets neither what a tenant has spent nor which model is to be left alone', async () => {
  const models = `models: [{ baseURL: "${modelUrl}", model: m, timeout: 500ms }]`;
  const spender = await gatewayForTest({ config: `${models}\nmodel_budget: { window: 24h, tokens: 4000 }` });
  // Neither says what it used, so all that was set aside is spent.
  say = (_send, _socket, response) => response.setHeader('content-type', 'application/json').end('{"choices":[]}');
  const notesOf = async (text: string) => (await spender.call('POST', '/v1/ask', { text, trace: true })).body.notes;
  const tried = prompts.length;
  for (let at = 0; at < 4; at++) await notesOf(`${words.text} ${at}`);
  expect(prompts.length - tried).toBeGreaterThan(0);
  expect(await notesOf(words.text)).toContain('model: the budget of this tenant is spent');
  await spender.reload();
  expect(await notesOf(words.text)).toContain('model: the budget of this tenant is spent');

  const rester = await gatewayForTest({ config: models });
  say = (_send, _socket, response) => response.writeHead(503, { 'retry-after': '120' }).end();
  const restNotes = async () => (await rester.call('POST', '/v1/ask', { ...words, trace: true })).body.notes;
  await restNotes();
  expect(await restNotes()).toContain('model: rests after it failed');
  const asked = prompts.length;
  await rester.reload();
  expect(await restNotes()).toContain('model: rests after it failed');
  expect(prompts).toHaveLength(asked);
});
