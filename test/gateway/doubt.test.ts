import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { ostiary } from '../cli/ostiary.ts';
import { type Answerer, startGateway, type TestGateway } from './start.ts';

const intents = `
intent: gifts.send
version: 1.0.0
title: Send a gift
effect: write
sinks: [/to]
idempotent: true
examples: ["send a gift to [to: Ada]"]
input: { type: object, required: [to], properties: { to: { type: string }, pin: { type: string, x-class: secret } } }
output: { type: object, properties: { id: { type: string }, code: { type: string, x-class: secret }, email: { type: string } } }
call: { backend: notes, rest: "POST /gifts" }
---
intent: cards.send
version: 1.0.0
title: Send a card
effect: write
sinks: [/to]
check: { intent: cards.sent, done: $.card.id }
examples: ["send a card to [to: Ada]"]
input: { type: object, required: [to], properties: { to: { type: string } } }
call: { backend: notes, rest: "POST /cards" }
---
intent: cards.sent
version: 1.0.0
title: Was a card sent
effect: read
examples: ["was card [idempotency_key: abc] sent"]
input: { type: object, required: [idempotency_key], properties: { idempotency_key: { type: string } } }
call: { backend: notes, rest: "GET /cards/{idempotency_key}" }
`;
const policy = (text: string) =>
  text
    .replace('capabilities:', 'capabilities:\n  send: { intents: [gifts.send@1, cards.send@1], effect: write }')
    .replace(
      'rules:',
      'rules:\n  - { allow: senders, who: [writer], can: [send], for: [work] }\n  - { require: hide-mail, who: [writer], obligations: [{ redact: { /email: drop } }] }',
    );
const json =
  (status: number, body: unknown): Answerer =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const hangUp: Answerer = (_request, response) => void response.destroy();

const newFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-doubt-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'intents'));
  writeFileSync(join(folder, 'intents/gifts.yaml'), intents);
  return folder;
};
const started = async (folder: string, answer: Answerer): Promise<TestGateway> => {
  const gateway = await startGateway({ folder, policy });
  onTestFinished(() => gateway.stop());
  gateway.answers.with = answer;
  return gateway;
};
const send = (gateway: TestGateway, intent: string, key: string, input: object = { to: 'Ada' }) =>
  gateway.call('POST', `/v1/intents/${intent}`, input, { headers: { 'idempotency-key': key } });
/** As if open writes were in doubt from that time on. */
const untilIs = ({ database }: TestGateway, ms: number) => {
  const file = new DatabaseSync(database);
  file.prepare('UPDATE open_write SET until = ?').run(ms);
  file.close();
};
const listed = async (folder: string) =>
  JSON.parse((await ostiary(['doubt', 'list', folder, '--json'])).stdout) as { request: string; state: string }[];

/** A write that got no clear answer, and a gateway that starts when its time is over. */
const inDoubt = async (intent: string, later: Answerer, input?: object) => {
  const folder = newFolder();
  const before = await started(folder, hangUp);
  const { status, body, headers } = await send(before, intent, 'k1', input);
  expect([status, body.code]).toEqual([504, 'upstream.unknown']);
  await before.close();
  untilIs(before, 0);
  const after = await startGateway({ folder, policy });
  onTestFinished(() => after.stop());
  after.answers.with = later;
  return { before, after, folder, request: String(headers['ostiary-request-id']) };
};
const settled = (gateway: TestGateway, request: string) =>
  expect
    .poll(() => gateway.onDisk().find((entry) => entry.kind === 'settled' && entry.request === request), {
      timeout: 15_000,
    })
    .toBeDefined();
const entryOf = (gateway: TestGateway, request: string) =>
  gateway.onDisk().find((entry) => entry.kind === 'settled' && entry.request === request);

test('an idempotent write is sent again with its key at the start, and its caller then gets the answer', async () => {
  const answer = { id: 'G-1', code: 'abc', email: 'ada@example.com' };
  const { before, after, request } = await inDoubt('gifts.send', json(200, answer));
  await settled(after, request);
  expect(entryOf(after, request)).toMatchObject({ outcome: 'completed', by: 'retry', intent: 'gifts.send@1.0.0' });
  const [first] = before.received;
  expect(after.received).toHaveLength(1);
  expect(after.received[0]).toMatchObject({ method: 'POST', url: '/base/gifts', body: first?.body });
  expect(after.received[0]?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
  const again = await send(after, 'gifts.send', 'k1');
  expect([again.status, again.body, again.headers['idempotency-replayed']]).toEqual([
    200,
    { id: 'G-1', code: '***' },
    'true',
  ]);
  expect(after.received).toHaveLength(1);
  const kinds = after.onDisk().flatMap((entry) => (entry.request === request ? [entry.kind] : []));
  expect(kinds).toEqual(['ahead', 'outcome', 'retry', 'settled']);
});

test('what was wrong with it the first time was not done, and its key is free', async () => {
  const { after, request } = await inDoubt('gifts.send', json(422, {}));
  await settled(after, request);
  expect(entryOf(after, request)).toMatchObject({ outcome: 'not_done', by: 'retry' });
  after.answers.with = json(200, { id: 'G-2' });
  expect((await send(after, 'gifts.send', 'k1')).body).toEqual({ id: 'G-2' });
});

test.each([
  { name: 'found', answer: json(200, { card: { id: 'C-1' } }), outcome: 'completed', sends: 0 },
  { name: 'found, but it says no', answer: json(200, { card: null }), outcome: 'not_done', sends: 1 },
  { name: 'not found', answer: json(404, {}), outcome: 'not_done', sends: 1 },
])('a write that can be checked and is $name: $outcome', async ({ answer, outcome, sends }) => {
  const { before, after, request } = await inDoubt('cards.send', answer);
  await settled(after, request);
  expect(entryOf(after, request)).toMatchObject({ outcome, by: 'check' });
  const key = String(before.received[0]?.headers['idempotency-key']);
  expect(after.received.map(({ method, url }) => `${method} ${url}`)).toEqual([`GET /base/cards/${key}`]);
  after.answers.with = json(200, { id: 'C-9' });
  expect((await send(after, 'cards.send', 'k1')).body).toEqual(sends === 1 ? { id: 'C-9' } : null);
  expect(after.received.filter(({ method }) => method === 'POST')).toHaveLength(sends);
});

test('while it cannot be found out it stays in doubt, and nothing is sent that is not safe', async () => {
  const { after, folder, request } = await inDoubt('cards.send', json(500, {}));
  await expect.poll(() => after.received.length, { timeout: 15_000 }).toBe(1);
  expect((await send(after, 'cards.send', 'k1')).body.code).toBe('upstream.unknown');
  expect(after.received.map(({ method }) => method)).toEqual(['GET']);
  expect(entryOf(after, request)).toBeUndefined();
  // The gateway has heard the answer, and is not at it any more.
  await expect.poll(async () => (await listed(folder))[0]?.state, { timeout: 15_000 }).toMatch(/^in doubt/);
  // Whoever knows meanwhile can say so at once.
  const said = await ostiary(['doubt', 'settle', request, folder, '--done']);
  expect(said).toMatchObject({ code: 0 });
  expect((await send(after, 'cards.send', 'k1')).status).toBe(200);
  expect(after.received.map(({ method }) => method)).toEqual(['GET']);
}, 60_000);

test('with a secret in it that is kept nowhere, a write is not sent again', async () => {
  const { after, folder, request } = await inDoubt('gifts.send', json(200, {}), { to: 'Ada', pin: '1234' });
  expect(await listed(folder)).toMatchObject([
    { request, state: 'in doubt, for you to settle', input: { pin: '***' } },
  ]);
  expect(after.received).toEqual([]);
});

test('what declares no way waits for the operator, who settles it once', async () => {
  const { before, after, folder, request } = await inDoubt('notes.add', json(200, { id: 'N-1' }), { text: 'hello' });
  const run = (...args: string[]) => ostiary(['doubt', ...args]);
  expect((await run('list', folder)).stdout).toMatch(
    new RegExp(
      `^${request.replace('.', '\\.')}  .*  user writer  notes\\.add@1\\.0\\.0  in doubt, for you to settle\n$`,
    ),
  );
  expect(JSON.parse((await run('show', request, folder)).stdout)).toMatchObject({ request, input: { text: 'hello' } });
  expect((await send(after, 'notes.add', 'k1', { text: 'hello' })).status).toBe(504);
  const done = await run('settle', request, folder, '--not-done', '--note', 'looked', '--as', 'eve');
  expect(done).toMatchObject({ code: 0, stdout: `✔ ${request} is settled: not done\n` });
  expect(entryOf(after, request)).toMatchObject({
    outcome: 'not_done',
    by: 'operator',
    operator: 'eve',
    note: 'looked',
  });
  expect((await run('list', folder)).stdout).toBe('Nothing is in doubt.\n');
  expect((await send(after, 'notes.add', 'k1', { text: 'hello' })).body).toEqual({ id: 'N-1' });
  expect(before.received).toHaveLength(1);
}, 90_000);

test('a write that is under way is listed as that, and cannot be settled', async () => {
  const folder = newFolder();
  const gateway = await started(folder, () => {});
  const asked = send(gateway, 'notes.add', 'k1', { text: 'slow' });
  await expect.poll(() => gateway.received.length).toBe(1);
  untilIs(gateway, Date.now() + 3_600_000);
  const [one] = await listed(folder);
  expect(one?.state).toMatch(/^under way until /);
  const told = await ostiary(['doubt', 'settle', String(one?.request), folder, '--done']);
  expect(told).toMatchObject({ code: 1, stderr: expect.stringContaining('is at work on') });
  expect((await asked).body.code).toBe('upstream.unknown');
}, 60_000);
