import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { firstBroken } from '../../policies/audit/verify.ts';
import type { StoredEntry } from '../../policies/ports.ts';
import { gatewayForTest, type TestGateway } from './start.ts';

const outside = (gateway: TestGateway): DatabaseSync => {
  const database = new DatabaseSync(gateway.database);
  onTestFinished(() => database.close());
  return database;
};
const fail = (table: string, event: string) =>
  `CREATE TRIGGER full BEFORE ${event} ON ${table} BEGIN SELECT RAISE(ABORT, 'disk full'); END`;
const read = (gateway: TestGateway) => gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' });

test('an entry that comes while the disk is slow does not wait for another to follow it', async () => {
  const gateway = await gatewayForTest();
  const database = outside(gateway);
  database.exec('BEGIN IMMEDIATE');
  await read(gateway);
  await delay(50);
  await read(gateway);
  await delay(50);
  database.exec('COMMIT');
  await expect.poll(() => gateway.onDisk().length).toBe(2);
  await read(gateway);
  await expect.poll(() => gateway.onDisk().length).toBe(3);
});

test('every request has one outcome, a write one entry ahead of it, and the chain holds over all of them', async () => {
  const gateway = await gatewayForTest({ config: '' });
  const asked = await Promise.all(
    Array.from({ length: 120 }, (_, index) =>
      index % 3 === 0
        ? gateway.call('POST', '/v1/intents/notes.add', { text: `note ${index}` })
        : index % 3 === 1
          ? gateway.call('POST', '/v1/intents/notes.get', { note_id: `N-${index}` })
          : gateway.call('POST', '/v1/ask', '{'),
    ),
  );
  await expect
    .poll(() => gateway.onDisk().filter(({ kind }) => kind === 'outcome').length, { timeout: 5_000 })
    .toBe(120);
  const entries = gateway.onDisk();
  for (const { headers } of asked) {
    const own = entries.filter(({ request }) => request === headers['ostiary-request-id']);
    const called = own.some(({ kind }) => kind === 'ahead');
    expect(own.map(({ kind }) => kind)).toEqual(called ? ['ahead', 'outcome'] : ['outcome']);
  }
  expect(entries.filter(({ kind }) => kind === 'ahead')).toHaveLength(
    gateway.received.filter(({ method }) => method === 'POST').length,
  );
  const stored = outside(gateway).prepare('SELECT sequence, body, hash FROM audit').all();
  expect(firstBroken(stored as unknown as StoredEntry[])).toBeUndefined();
});

test('a confirmation that cannot be kept is not offered', async () => {
  const gateway = await gatewayForTest();
  const database = outside(gateway);
  database.exec(fail('confirmation', 'INSERT'));
  const { status, body } = await gateway.call('POST', '/v1/ask', { text: 'wipe all notes' });
  expect([status, body.code, body.outcome]).toEqual([503, 'store.unavailable', 'failed']);
  expect(await gateway.entries(body.request)).toEqual([expect.objectContaining({ code: 'store.unavailable' })]);
  database.exec('DROP TRIGGER full');
  expect((await gateway.call('POST', '/v1/ask', { text: 'wipe all notes' })).body.outcome).toBe('confirm');
});

test('a yes that cannot be written down does nothing, and can be said again', async () => {
  const gateway = await gatewayForTest();
  const { body: held } = await gateway.call('POST', '/v1/ask', { text: 'wipe all notes' });
  const yes = () => gateway.call('POST', `/v1/confirmations/${held.confirmation.id}`, { confirm: true });
  const database = outside(gateway);
  database.exec(fail('confirmation', 'UPDATE'));
  expect((await yes()).body).toMatchObject({ status: 503, code: 'store.unavailable' });
  expect(gateway.received).toEqual([]);
  database.exec('DROP TRIGGER full');
  expect((await yes()).body).toMatchObject({ outcome: 'completed' });
  expect(gateway.received).toHaveLength(1);
});

test('without its record a confirmed write is not done either', async () => {
  const gateway = await gatewayForTest();
  const { body: held } = await gateway.call('POST', '/v1/ask', { text: 'wipe all notes' });
  const database = outside(gateway);
  database.exec(fail('audit', 'INSERT'));
  const { body } = await gateway.call('POST', `/v1/confirmations/${held.confirmation.id}`, { confirm: true });
  expect(body).toMatchObject({ status: 503, code: 'store.unavailable' });
  expect(gateway.received).toEqual([]);
});

test('a write whose outcome cannot be written down has its entry ahead, and its caller is told what happened', async () => {
  const gateway = await gatewayForTest();
  const database = outside(gateway);
  gateway.answers.with = (_request, response) => {
    database.exec(fail('audit', 'INSERT'));
    response.setHeader('content-type', 'application/json').end('{"id":"N-9"}');
  };
  const { status, body } = await gateway.call('POST', '/v1/intents/notes.add', { text: 'hello' });
  expect([status, body]).toEqual([200, { id: 'N-9' }]);
  expect(gateway.onDisk().map(({ kind }) => kind)).toEqual(['ahead']);
  expect((await gateway.call('GET', '/readyz')).status).toBe(503);
});

test('words are left out of the record where the configuration says so', async () => {
  const gateway = await gatewayForTest({ config: 'audit: { words: drop }' });
  const { body } = await gateway.call('POST', '/v1/ask', { text: 'show note N-1' });
  const [entry] = await gateway.entries(body.request);
  expect(entry).toMatchObject({ asked: 'ask', intent: 'notes.get@1.0.0', input: { note_id: 'N-1' } });
  expect(entry).not.toHaveProperty('words');
});
