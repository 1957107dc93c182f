import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startGateway, type TestGateway } from './start.ts';

let gateway: TestGateway;
const prompts: string[] = [];
let say: (content: (text: string) => void, socket: { destroy(): void }) => void = () => {};
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
    say(send, request.socket);
  });
});
beforeAll(async () => {
  await new Promise<void>((resolve) => model.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(model.address() as AddressInfo).port}/v1`;
  gateway = await startGateway({ config: `models: [{ baseURL: "${url}", model: m, timeout: 500ms }]` });
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
const words = { text: 'could you possibly get me what I noted, the one called N-7' };

test('a good answer is a proposal that is decided like any other', async () => {
  say = (send) => send('{"intent":"notes.get@1","input":{"note_id":"N-7"}}');
  const { body } = await gateway.call('POST', '/v1/ask', words);
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
])(
  'a model that %s: the request goes on without it, nothing is guessed, and the process is healthy',
  async (_name, behave) => {
    say = behave;
    const { status, body } = await gateway.call('POST', '/v1/ask', words);
    expect(status).toBe(200);
    expect(['clarify', 'out_of_scope', 'completed']).toContain(body.outcome);
    if (body.outcome === 'completed') expect(body.input).toEqual({ note_id: 'N-7' });
    expect(gateway.received.every(({ url }) => url === '/base/notes/N-7')).toBe(true);
    expect(await gateway.entries(String(body.request))).toHaveLength(1);
    expect((await gateway.call('GET', '/livez')).status).toBe(200);
  },
);

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
