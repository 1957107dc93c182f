import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createLogger, serve } from '../../gateway/serve.ts';
import { loadSetup } from '../../gateway/setup.ts';
import { firstBroken } from '../../policies/audit/verify.ts';
import type { StoredEntry } from '../../policies/ports.ts';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { type DiskKind, diskKinds } from './small-disk.ts';

const onSmallDisk = async ({ open }: DiskKind, skip: (why: string) => void) => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-disk-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const disk = open(join(folder, 'data'));
  if (disk === undefined) skip('this machine does not let us');
  onTestFinished(() => disk?.remove());
  if (disk === undefined) throw new Error('skipped');
  const gateway = await startGateway({ folder });
  onTestFinished(() => gateway.stop());
  onTestFinished(() => {
    disk.free();
  });
  return { disk, gateway, folder };
};
const add = (gateway: TestGateway, headers = {}) =>
  gateway.call('POST', '/v1/intents/notes.add', { text: 'hello' }, { headers });
const get = (gateway: TestGateway) => gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' });
const ready = async (gateway: TestGateway) => (await gateway.call('GET', '/readyz')).status;
const entriesIn = (gateway: TestGateway): StoredEntry[] => {
  const file = new DatabaseSync(gateway.database, { readOnly: true });
  const rows = file.prepare('SELECT sequence, body, hash FROM audit').all() as unknown as StoredEntry[];
  file.close();
  return rows;
};

describe.each(diskKinds)('$kind', (kind) => {
  test('no write is done, reads are answered, and when there is room again the gateway is ready by itself', async ({
    skip,
  }) => {
    const { disk, gateway } = await onSmallDisk(kind, skip);
    expect([(await add(gateway)).status, (await get(gateway)).status, await ready(gateway)]).toEqual([200, 200, 200]);
    await expect.poll(() => gateway.onDisk().filter(({ kind }) => kind === 'outcome').length).toBe(2);
    gateway.received.length = 0;

    disk.fill();
    const { status, body, headers } = await add(gateway);
    expect([status, body.code, body.outcome]).toEqual([503, 'store.unavailable', 'failed']);
    expect((await add(gateway, { 'idempotency-key': 'k1' })).body.code).toBe('store.unavailable');
    const asked = await gateway.call('POST', '/v1/ask', { text: 'wipe all notes' });
    expect(asked.body.code).toBe('store.unavailable');
    expect(gateway.received).toEqual([]);
    expect((await get(gateway)).status).toBe(200);
    expect([await ready(gateway), (await gateway.call('GET', '/livez')).status]).toEqual([503, 200]);
    expect((await gateway.call('GET', '/readyz')).body.checks.store).toMatch(/full|disk|I\/O/);

    disk.free();
    // Nobody but the one who asks whether it is ready asks anything: it is sent nothing until then.
    await expect.poll(() => ready(gateway), { timeout: 15_000, interval: 100 }).toBe(200);
    gateway.received.length = 0;
    const later = [await add(gateway), await add(gateway, { 'idempotency-key': 'k1' })];
    expect(later.map((one) => one.status)).toEqual([200, 200]);
    expect((await add(gateway, { 'idempotency-key': 'k1' })).headers['idempotency-replayed']).toBe('true');
    expect(gateway.received).toHaveLength(2);
    for (const one of later) await gateway.entries(String(one.headers['ostiary-request-id']));
    // Nothing that could not be kept has left a trace, and the chain goes on over it.
    expect(gateway.onDisk().some(({ request }) => request === headers['ostiary-request-id'])).toBe(false);
    expect(firstBroken(entriesIn(gateway))).toBeUndefined();
  }, 60_000);

  test('a write that was under way when it filled up is told, and its outcome is not lost: it is in doubt', async ({
    skip,
  }) => {
    const { disk, gateway } = await onSmallDisk(kind, skip);
    gateway.answers.with = (_request, response) => {
      disk.fill();
      response.setHeader('content-type', 'application/json').end('{"id":"N-9"}');
    };
    const { status, body, headers } = await add(gateway, { 'idempotency-key': 'k1' });
    expect([status, body]).toEqual([200, { id: 'N-9' }]);
    const request = String(headers['ostiary-request-id']);
    disk.free();
    await expect.poll(() => ready(gateway), { timeout: 15_000, interval: 100 }).toBe(200);
    const kinds = gateway.onDisk().flatMap((entry) => (entry.request === request ? [entry.kind] : []));
    expect(kinds).toEqual(['ahead']);
    const file = new DatabaseSync(gateway.database, { readOnly: true });
    expect(file.prepare('SELECT request FROM open_write').all()).toEqual([{ request }]);
    file.close();
    // By its key it is not done again.
    gateway.received.length = 0;
    expect((await add(gateway, { 'idempotency-key': 'k1' })).status).toBeGreaterThanOrEqual(400);
    expect(gateway.received).toEqual([]);
  }, 60_000);

  test('a gateway that starts on it says so, and does not serve', async ({ skip }) => {
    const { disk, gateway, folder } = await onSmallDisk(kind, skip);
    await gateway.close();
    rmSync(gateway.database);
    disk.fill();
    const { setup } = await loadSetup(folder, {});
    if (setup === undefined) throw new Error('the folder does not load');
    await expect(serve(setup, {}, createLogger('silent'))).rejects.toThrow(/full|disk|I\/O/);
  }, 60_000);
});
