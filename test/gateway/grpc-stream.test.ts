import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger, type Serving, serve } from '../../gateway/serve.ts';
import { loadSetup } from '../../gateway/setup.ts';
import { startGrpc } from '../adapters/backends/grpc-world.ts';
import { type Message, type StockClient, stockClient } from './grpc-client.ts';

const intent = (name: string, more: string) => `
intent: words.${name}
version: 1.0.0
title: Say words one by one
effect: read
input: { type: object, required: [say], properties: { say: { type: string } } }
output: { type: array, ${more}, items: { type: object, properties: { said: { type: string, maxLength: 9000, pattern: "^[^!]*$" }, secret: { type: string } } } }
output_mode: strict
call: { backend: echo, grpc: echo.v1.Echo/Watch }
`;
const policy = `
api: intent-policy/1
purposes: [work]
subjects: { anyone: { match: { /token/roles: { has: writer } } } }
capabilities: { say: { intents: [words.watch@1, words.list@1], effect: read } }
rules: [{ allow: all, who: [anyone], can: [say], for: [work], fields: ["/*/said"] }]
`;
const service = 'intents.words.WordsService';

let world: Awaited<ReturnType<typeof startGrpc>>;
let serving: Serving;
let client: StockClient;
let folder: string;
beforeEach(async () => {
  world = await startGrpc();
  folder = mkdtempSync(join(tmpdir(), 'ostiary-stream-'));
  for (const name of ['intents', 'policies']) mkdirSync(join(folder, name));
  writeFileSync(
    join(folder, 'intents/words.yaml'),
    [intent('watch', 'x-stream: true'), intent('list', 'maxItems: 9')].join('---'),
  );
  writeFileSync(join(folder, 'policies/words.policy.yaml'), policy);
  const hash = createHash('sha256').update('key-writer').digest('hex');
  writeFileSync(
    join(folder, 'ostiary.yaml'),
    `api: ostiary/1
listen: { port: 0 }
doors: { grpc: { port: 0 } }
backends: { echo: { kind: grpc, address: "${world.address}", timeout: 20s, max_response: 20KB } }
credentials: { keys: [{ id: w, hash: "sha256:${hash}", subject: { type: user, id: w }, claims: { roles: [writer] }, purposes: [work] }] }
`,
  );
  const { setup, findings } = await loadSetup(folder, {});
  if (setup === undefined) throw new Error(JSON.stringify(findings));
  serving = await serve(setup, {}, createLogger('silent'));
  client = stockClient(serving.grpc ?? '');
});
afterEach(async () => {
  client.close();
  await serving.close();
  await world.stop();
  rmSync(folder, { recursive: true });
});

const collect = async (say: string) => {
  const said: string[] = [];
  const stream = await client.stream(service, 'Watch', { say });
  const ended = new Promise<status>((resolve) => stream.on('status', ({ code }) => resolve(code)));
  stream.on('error', () => {});
  stream.on('data', (message: Message) => said.push(message.said));
  return { code: await ended, said };
};

test('a list that the contract streams comes item by item, before the backend is done', async () => {
  const stream = await client.stream(service, 'Watch', { say: 'a b silence' });
  stream.on('error', () => {});
  const said: string[] = [];
  stream.on('data', (message: Message) => said.push(message.said));
  await expect.poll(() => said).toEqual(['a', 'b']);
  expect(world.cancelled()).toBe(false);
  // A caller that leaves takes the backend's stream with it.
  stream.cancel();
  await expect.poll(world.cancelled).toBe(true);
});

test('it ends as the backend ends it', async () => {
  expect(await collect('a b c')).toEqual({ code: status.OK, said: ['a', 'b', 'c'] });
  expect(await collect('a broken')).toEqual({ code: status.INTERNAL, said: ['a'] });
});

test('an item that breaks the contract ends it, and leaves nothing behind', async () => {
  expect(await collect('a b! silence')).toEqual({ code: status.INTERNAL, said: ['a'] });
  await expect.poll(world.cancelled).toBe(true);
});

test('a caller that reads slowly slows the backend down', async () => {
  const many = 4_000;
  const stream = await client.stream(service, 'Watch', { say: Array.from({ length: many }, () => 'long').join(' ') });
  stream.on('error', () => {});
  let [seen, before] = [0, -1];
  await new Promise<void>((resolve) => stream.once('readable', resolve));
  while (world.sent() !== before) {
    before = world.sent();
    await delay(200);
  }
  expect(before).toBeLessThan(many);
  for await (const _ of stream) seen++;
  expect([seen, world.sent()]).toEqual([many, many]);
});

test('the same backend gives a whole list where the contract does not stream', async () => {
  const { message } = await client.call(service, 'List', { say: 'a b' });
  expect(message?.output.map(({ said }: Message) => said)).toEqual(['a', 'b']);
  expect(await client.call(service, 'List', { say: 'long long long' })).toMatchObject({ code: status.INTERNAL });
  const over = await fetch(`${serving.url}/v1/intents/words.watch`, {
    method: 'POST',
    headers: { authorization: 'Bearer key-writer', 'content-type': 'application/json' },
    body: '{"say":"a b"}',
  });
  expect(await over.json()).toEqual([{ said: 'a' }, { said: 'b' }]);
});
