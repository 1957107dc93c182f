import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { gatewayForTest, startGateway, type TestGateway } from './start.ts';

const json =
  (body: unknown) => (_request: unknown, response: { setHeader(n: string, v: string): { end(t: string): void } }) =>
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
const add = (gateway: TestGateway, key: string | undefined, text = 'hello', who = 'writer') =>
  gateway.call(
    'POST',
    '/v1/intents/notes.add',
    { text },
    { key: who, headers: key === undefined ? {} : { 'idempotency-key': key } },
  );
const say = (gateway: TestGateway, key: string, text: string) =>
  gateway.call('POST', '/v1/ask', { text }, { headers: { 'idempotency-key': key } });

test('the same key and the same body give the first answer again, and the backend hears of it once', async () => {
  const gateway = await gatewayForTest();
  gateway.answers.with = json({ id: 'N-7' });
  const first = await add(gateway, 'k1');
  const second = await add(gateway, 'k1');
  expect([first.status, first.body, first.headers['idempotency-replayed']]).toEqual([200, { id: 'N-7' }, undefined]);
  expect([second.status, second.body, second.headers['idempotency-replayed']]).toEqual([200, { id: 'N-7' }, 'true']);
  expect(gateway.received).toHaveLength(1);
  const [told] = await gateway.entries(String(second.headers['ostiary-request-id']));
  expect(told).toMatchObject({
    kind: 'outcome',
    outcome: 'completed',
    intent: 'notes.add@1.0.0',
    replays: first.headers['ostiary-request-id'],
  });
});

test('an ask is answered again word for word, its session among it', async () => {
  const gateway = await gatewayForTest();
  gateway.answers.with = json({ id: 'N-7' });
  const first = await say(gateway, 'k1', 'add the note "buy milk"');
  expect(first.body).toMatchObject({ outcome: 'completed', intent: 'notes.add' });
  expect((await say(gateway, 'k1', 'add the note "buy milk"')).text).toBe(first.text);
  expect(gateway.received).toHaveLength(1);
});

test('of many at once with one key one is done; the others are told to come back, and then get its answer', async () => {
  const gateway = await gatewayForTest();
  const held: (() => void)[] = [];
  gateway.answers.with = (request, response) => void held.push(() => json({ id: 'N-7' })(request, response as never));
  const all = Array.from({ length: 40 }, () => add(gateway, 'k1'));
  await expect.poll(() => held.length).toBe(1);
  const early = await Promise.race(all);
  expect([early.status, early.body.code, early.headers['retry-after']]).toEqual([409, 'idempotency.under_way', '1']);
  held[0]?.();
  const answers = await Promise.all(all);
  const firsts = answers.filter(
    ({ status, headers }) => status === 200 && headers['idempotency-replayed'] === undefined,
  );
  expect(firsts).toHaveLength(1);
  for (const { status, body } of answers)
    expect(status === 200 ? body : body.code).toEqual(status === 200 ? { id: 'N-7' } : 'idempotency.under_way');
  expect((await add(gateway, 'k1')).body).toEqual({ id: 'N-7' });
  expect(gateway.received).toHaveLength(1);
});

test('the same key with another body, purpose or intent is refused', async () => {
  const gateway = await gatewayForTest();
  await add(gateway, 'k1');
  for (const other of [
    add(gateway, 'k1', 'something else'),
    say(gateway, 'k1', 'add the note "hello"'),
    gateway.call('POST', '/v1/intents/notes.add@1', { text: 'hello' }, { headers: { 'idempotency-key': 'k1' } }),
    gateway.call(
      'POST',
      '/v1/intents/notes.add',
      { text: 'hello' },
      { headers: { 'idempotency-key': 'k1', 'ostiary-purpose': 'work' } },
    ),
  ]) {
    const { status, body } = await other;
    expect([status, body.code]).toEqual([422, 'idempotency.mismatch']);
  }
  expect(gateway.received).toHaveLength(1);
});

test('a key is its caller’s own', async () => {
  const gateway = await gatewayForTest();
  await add(gateway, 'k1', 'mine');
  expect((await add(gateway, 'k1', 'theirs', 'other')).status).toBe(200);
  expect(gateway.received).toHaveLength(2);
});

test.each([
  { name: 'none at all', key: '' },
  { name: 'one that is too long', key: 'k'.repeat(256) },
  { name: 'one with a space', key: 'a b' },
  { name: 'several', key: 'a, b' },
  { name: 'one with a quote', key: 'a"b' },
  { name: 'an empty string of structured fields', key: '""' },
  { name: 'one that is quoted at one end', key: '"abc' },
  { name: 'one beyond ASCII', key: 'schl\u00fcssel' },
])('a key cannot be $name', async ({ key }) => {
  const gateway = await gatewayForTest();
  const { status, body } = await add(gateway, key);
  expect([status, body.code]).toEqual([400, 'idempotency.key']);
  expect(gateway.received).toEqual([]);
});

test('quoted, as structured fields write a string, it is the same key', async () => {
  const gateway = await gatewayForTest();
  await add(gateway, 'k'.repeat(255));
  expect((await add(gateway, `"${'k'.repeat(255)}"`)).headers['idempotency-replayed']).toBe('true');
  expect(gateway.received).toHaveLength(1);
});

test('where nothing was done the key is free: the caller can mend what was wrong, or try again', async () => {
  const gateway = await gatewayForTest();
  expect((await add(gateway, 'k1', 'x'.repeat(201))).body.code).toBe('input.invalid');
  gateway.answers.with = (_request, response) => response.writeHead(503).end();
  expect((await add(gateway, 'k1')).body.code).toBe('upstream.busy');
  gateway.answers.with = json({ id: 'N-1' });
  const done = await add(gateway, 'k1');
  expect([done.status, done.headers['idempotency-replayed']]).toEqual([200, undefined]);
});

test('a write that may have been done stays so: it is never sent again', async () => {
  const gateway = await gatewayForTest();
  gateway.answers.with = (_request, response) => response.destroy();
  const first = await add(gateway, 'k1');
  expect([first.status, first.body.code]).toEqual([504, 'upstream.unknown']);
  gateway.answers.with = json({ id: 'N-1' });
  const second = await add(gateway, 'k1');
  expect(second.text).toBe(first.text);
  expect(gateway.received).toHaveLength(1);
});

test('a read takes a key and does nothing with it', async () => {
  const gateway = await gatewayForTest();
  const read = () =>
    gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' }, { headers: { 'idempotency-key': 'k1' } });
  await read();
  expect((await read()).headers['idempotency-replayed']).toBeUndefined();
  await say(gateway, 'k2', 'show note N-1');
  expect((await say(gateway, 'k2', 'show note N-1')).headers['idempotency-replayed']).toBeUndefined();
  expect(gateway.received).toHaveLength(4);
});

test('what waits for a yes waits once; the yes is given once, and answered again', async () => {
  const gateway = await gatewayForTest();
  const first = await say(gateway, 'k1', 'wipe all notes');
  const second = await say(gateway, 'k1', 'wipe all notes');
  expect(second.text).toBe(first.text);
  const path = `/v1/confirmations/${first.body.confirmation.id}`;
  const yes = () => gateway.call('POST', path, { confirm: true }, { headers: { 'idempotency-key': 'k2' } });
  const done = await yes();
  expect(done.body).toMatchObject({ outcome: 'completed', intent: 'notes.wipe' });
  expect((await yes()).text).toBe(done.text);
  expect((await say(gateway, 'k1', 'wipe all notes')).body.code).toBe('confirm.unknown');
  expect(gateway.received).toHaveLength(1);
});

test('it holds over a restart', async () => {
  const before = await startGateway();
  onTestFinished(() => before.stop());
  before.answers.with = json({ id: 'N-7' });
  const first = await add(before, 'k1');
  await before.close();
  const after = await startGateway({ folder: before.folder });
  onTestFinished(() => after.stop());
  const second = await add(after, 'k1');
  expect([second.text, second.headers['idempotency-replayed']]).toEqual([first.text, 'true']);
  expect(after.received).toEqual([]);
});

test('of many at once at two gateways on one store, one is done', async () => {
  const one = await gatewayForTest();
  const backend = /backends: .*?url: "([^"]+)"/.exec(readFileSync(join(one.folder, 'ostiary.yaml'), 'utf8'))?.[1] ?? '';
  const other = await startGateway({ folder: one.folder, backend });
  onTestFinished(() => other.stop());
  const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => add(n % 2 ? one : other, 'k1')));
  for (const { status } of answers) expect([200, 409]).toContain(status);
  expect(one.received).toHaveLength(1);
  expect((await add(other, 'k1')).headers['idempotency-replayed']).toBe('true');
  expect((await add(one, 'k1')).headers['idempotency-replayed']).toBe('true');
});

test('an answer is not given again to who may no longer know of its intent', async () => {
  const before = await startGateway();
  onTestFinished(() => before.stop());
  await add(before, 'k1');
  await before.close();
  const after = await startGateway({
    folder: before.folder,
    policy: (text) => text.replace('who: [writer], can: [write]', 'who: [reader], can: [write]'),
  });
  onTestFinished(() => after.stop());
  expect((await add(after, 'k1')).body.code).toBe('intent.unknown');
});

test('without its store a request with a key is not done', async () => {
  const gateway = await gatewayForTest();
  const database = new DatabaseSync(gateway.database);
  onTestFinished(() => database.close());
  database.exec(`CREATE TRIGGER full BEFORE INSERT ON claim BEGIN SELECT RAISE(ABORT, 'disk full'); END`);
  expect((await add(gateway, 'k1')).body.code).toBe('store.unavailable');
  expect(gateway.received).toEqual([]);
});

test('neither the key nor what is secret is kept; the backend gets a key of the gateway’s own', async () => {
  const gateway = await gatewayForTest();
  await add(gateway, 'my-own-key');
  const [sent] = gateway.received;
  expect(sent?.headers['idempotency-key']).toBe(sent?.headers['x-request-id']);
  const database = new DatabaseSync(gateway.database, { readOnly: true });
  const everything = ['audit', 'claim', 'open_write'].flatMap((table) =>
    database.prepare(`SELECT * FROM ${table}`).all(),
  );
  database.close();
  expect(JSON.stringify(everything)).not.toContain('my-own-key');
});
