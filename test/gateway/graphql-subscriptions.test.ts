import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { composeServices } from '@theguild/federation-composition';
import { parse } from 'graphql';
import { createClient } from 'graphql-sse';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger, type Serving, serve } from '../../gateway/serve.ts';
import { loadSetup } from '../../gateway/setup.ts';
import { startGrpc } from '../adapters/backends/grpc-world.ts';

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
subjects:
  talker: { match: { /token/roles: { has: talker } } }
  curious: { match: { /token/roles: { has: curious } } }
capabilities: { say: { intents: [words.watch@1, words.list@1], effect: read } }
rules:
  - { allow: all, who: [talker], can: [say], for: [work], fields: ["/*/said"] }
  - { reveal: known, who: [curious], can: [say] }
`;
const key = (id: string) =>
  `{ id: ${id}, hash: "sha256:${createHash('sha256').update(`key-${id}`).digest('hex')}", subject: { type: user, id: ${id} }, claims: { roles: [${id}] }, purposes: [work], default_purpose: work }`;

let world: Awaited<ReturnType<typeof startGrpc>>;
let serving: Serving;
let folder: string;
beforeEach(async () => {
  world = await startGrpc();
  folder = mkdtempSync(join(tmpdir(), 'ostiary-subscribe-'));
  for (const name of ['intents', 'policies']) mkdirSync(join(folder, name));
  writeFileSync(
    join(folder, 'intents/words.yaml'),
    [intent('watch', 'x-stream: true'), intent('list', 'maxItems: 9')].join('---'),
  );
  writeFileSync(join(folder, 'policies/words.policy.yaml'), policy);
  writeFileSync(
    join(folder, 'ostiary.yaml'),
    `api: ostiary/1
listen: { port: 0 }
backends: { echo: { kind: grpc, address: "${world.address}", timeout: 60s, max_response: 20KB } }
credentials: { keys: [${['talker', 'curious', 'stranger'].map(key).join(', ')}] }
doors: { graphql: { cost: 200 } }
limits: { deadline: 60s }
`,
  );
  const { setup, findings } = await loadSetup(folder, {});
  if (setup === undefined) throw new Error(JSON.stringify(findings));
  serving = await serve(setup, {}, createLogger('silent'));
});
afterEach(async () => {
  await serving.close();
  await world.stop();
  rmSync(folder, { recursive: true });
});

const watch = 'subscription ($say: String!) { words_watch(say: $say) { said } }';
const clientOf = (who: string) =>
  createClient({
    url: `${serving.url}/graphql`,
    headers: { authorization: `Bearer key-${who}` },
    retryAttempts: 0,
  });
const subscribe = (say: string, who = 'talker', query = watch) =>
  // biome-ignore lint/suspicious/noExplicitAny: results are looked into at any depth, and every look is an assertion
  clientOf(who).iterate<any, any>({ query, variables: { say } });
const collect = async (...asked: Parameters<typeof subscribe>) => {
  const results = [];
  for await (const result of subscribe(...asked)) results.push(result);
  return results;
};
const itemsOf = (results: Awaited<ReturnType<typeof collect>>) =>
  results.map(({ data, errors }) => data?.words_watch?.said ?? errors?.[0]?.extensions?.code);
const outcomes = () => {
  const database = new DatabaseSync(join(folder, 'data/ostiary.db'), { readOnly: true });
  const rows = database.prepare('SELECT body FROM audit ORDER BY sequence').all() as { body: string }[];
  database.close();
  return rows.map(({ body }) => JSON.parse(body)).filter(({ kind }) => kind === 'outcome');
};
/** A request whose answer is read by hand. */
const open = (body: string, headers: Record<string, string>): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const all = { authorization: 'Bearer key-talker', 'content-type': 'application/json', ...headers };
    httpRequest(`${serving.url}/graphql`, { method: 'POST', headers: all }, resolve).on('error', reject).end(body);
  });

test('a list that the contract streams is subscribed to, and its items come before the backend is done', async () => {
  const stream = subscribe('a b silence');
  expect((await stream.next()).value).toEqual({ data: { words_watch: { said: 'a' } } });
  expect((await stream.next()).value).toEqual({ data: { words_watch: { said: 'b' } } });
  expect(world.cancelled()).toBe(false);
  // A caller that leaves takes the backend's stream with it.
  await stream.return?.();
  await expect.poll(world.cancelled, { timeout: 10_000 }).toBe(true);
  await expect.poll(outcomes, { timeout: 10_000 }).toMatchObject([{ door: 'graphql', code: 'client.closed' }]);
});

test('it ends as the backend ends it, and is recorded once', async () => {
  expect(itemsOf(await collect('a b c'))).toEqual(['a', 'b', 'c']);
  expect(itemsOf(await collect('a broken'))).toEqual(['a', 'upstream.failed']);
  await expect
    .poll(() => outcomes().map(({ outcome }) => outcome), { timeout: 10_000 })
    .toEqual(['completed', 'failed']);
});

test('an item that breaks the contract ends it, and leaves nothing behind', async () => {
  expect(itemsOf(await collect('a b! silence'))).toEqual(['a', 'output.invalid']);
  await expect.poll(world.cancelled, { timeout: 10_000 }).toBe(true);
});

test('what a policy hides of an item stays hidden, and what is not known of is not there', async () => {
  const [first] = await collect(
    'a',
    'talker',
    'subscription ($say: String!) { it: words_watch(say: $say) { said secret } }',
  );
  expect(first).toEqual({ data: { it: { said: 'a', secret: null } } });
  const refused = await collect('a', 'curious');
  expect(refused).toMatchObject([{ errors: [{ extensions: { code: 'policy.denied' } }] }]);
  const unknown = await collect('a', 'stranger');
  expect(unknown).toMatchObject([{ errors: [{ extensions: { code: 'request.invalid' } }] }]);
  expect(JSON.stringify(unknown)).not.toContain('denied');
  expect(world.calls()).toBe(1);
});

test('what costs too much, or does not parse, never begins', async () => {
  const members = Array.from({ length: 20 }, (_, index) => `s${index}: said`).join(' ');
  const dear = `subscription ($say: String!) { words_watch(say: $say) { ${members} } }`;
  expect(itemsOf(await collect('a', 'talker', dear))).toEqual(['request.too_costly']);
  expect(itemsOf(await collect('a', 'talker', 'subscription {'))).toEqual(['request.invalid']);
  expect(
    itemsOf(
      await collect(
        'a',
        'talker',
        'subscription ($say: String!) { a: words_watch(say: $say) { said } b: words_watch(say: $say) { said } }',
      ),
    ),
  ).toEqual(['request.invalid']);
  expect(world.calls()).toBe(0);
});

test('a caller that reads slowly slows the backend down', async () => {
  const many = 2_000;
  const say = Array.from({ length: many }, () => 'long').join(' ');
  const response = await open(JSON.stringify({ query: watch, variables: { say } }), { accept: 'text/event-stream' });
  let before = -1;
  while (world.sent() !== before) {
    before = world.sent();
    await delay(300);
  }
  expect(before).toBeLessThan(many);
  let text = '';
  for await (const chunk of response) text = (text + String(chunk)).slice(-40_000);
  expect(text).toMatch(/event: complete\ndata:\n\n$/);
  expect(world.sent()).toBe(many);
});

test('the whole list is a query, and other operations come as events too', async () => {
  const query = '{ words_watch(say: "a b") { said } }';
  const whole = { data: { words_watch: [{ said: 'a' }, { said: 'b' }] } };
  expect(await collect('', 'talker', query)).toEqual([whole]);
  const plain = await open(JSON.stringify({ query }), { accept: 'application/json' });
  expect(JSON.parse(String((await plain.toArray()).join('')))).toEqual(whole);
});

test.each([
  { accept: 'application/json', type: 'application/json', status: 200 },
  {
    accept: 'application/graphql-response+json, application/json',
    type: 'application/graphql-response+json',
    status: 422,
  },
])('a subscription is refused where $accept is taken alone', async ({ accept, type, status }) => {
  const response = await open(JSON.stringify({ query: watch, variables: { say: 'a' } }), { accept });
  const { errors } = JSON.parse((await response.toArray()).join(''));
  expect([response.headers['content-type']?.split(';')[0], errors[0].extensions.code]).toEqual([
    type,
    'request.invalid',
  ]);
  expect(response.statusCode === 200).toBe(status === 200);
});

test('where both are taken, a subscription comes as events and a query as JSON', async () => {
  const accept = 'application/graphql-response+json, application/json, text/event-stream';
  const typeOf = async (query: string) => {
    const response = await open(JSON.stringify({ query, variables: { say: 'a' } }), { accept });
    await response.toArray();
    return response.headers['content-type']?.split(';')[0];
  };
  expect(await typeOf(watch)).toBe('text/event-stream');
  expect(await typeOf('{ words_watch(say: "a") { said } }')).toBe('application/graphql-response+json');
});

test('what cannot be read is refused with a status, and recorded', async () => {
  const accept = { accept: 'text/event-stream' };
  const told = async (body: string, headers: Record<string, string> = {}) => {
    const response = await open(body, { ...accept, ...headers });
    const { errors } = JSON.parse((await response.toArray()).join(''));
    return [response.statusCode, errors[0].extensions.code];
  };
  expect(await told('{"query":1}')).toEqual([400, 'request.invalid']);
  expect(await told('{"query"')).toEqual([400, 'request.malformed']);
  expect(await told('{}', { authorization: 'Bearer nobody' })).toEqual([401, 'credentials.invalid']);
  await expect.poll(() => outcomes().length, { timeout: 10_000 }).toBe(3);
});

test('the schema with a subscription composes', async () => {
  const response = await open('{"query":"{ _service { sdl } }"}', { accept: 'application/json' });
  const { data } = JSON.parse((await response.toArray()).join(''));
  expect(data._service.sdl).toContain('type Subscription {\n  "Say words one by one"\n  words_watch(');
  expect(composeServices([{ name: 'ostiary', typeDefs: parse(data._service.sdl) }]).errors).toBeUndefined();
});
