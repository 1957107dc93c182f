import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sqliteStore } from '../../../adapters/stores/sqlite.ts';
import { firstBroken } from '../../../policies/audit/verify.ts';
import type { Pending } from '../../../policies/confirmations.ts';
import type { Store } from '../../../policies/ports.ts';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ostiary-store-'));
  store = await sqliteStore(folder);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const pending = (id: string): Pending => ({
  id,
  request: 'r',
  tenant: 't',
  principal: { type: 'user', id: 'dana' },
  intent: { name: 'a.b', version: '1.0.0', major: 1 },
  input: {},
  purpose: undefined,
  provenance: {},
  resolution: { tier: 'direct', confidence: 1, margin: 1 },
  binding: 'b',
  createdAt: '2026-11-23T10:00:00.000Z',
  expiresAt: '2026-11-23T10:02:00.000Z',
});

describe('the audit log', () => {
  test('keeps every entry in order, chained, over a restart', async () => {
    await Promise.all(Array.from({ length: 3_000 }, (_, index) => store.audit.append(`{"n":${index}}`)));
    await store.close();
    store = await sqliteStore(folder);
    await store.audit.append('{"n":3000}');
    const entries = await store.audit.read(0, 10_000);
    expect(entries.map(({ body }) => JSON.parse(body).n)).toEqual(Array.from({ length: 3_001 }, (_, index) => index));
    expect(firstBroken(entries)).toBeUndefined();
    expect((await store.audit.tail(2)).map(({ sequence }) => sequence)).toEqual([3_000, 3_001]);
  });

  test('cannot be changed through SQL, and a changed byte is found', async () => {
    await Promise.all(['a', 'b', 'c'].map((body) => store.audit.append(body)));
    const database = new DatabaseSync(join(folder, 'ostiary.db'));
    expect(() => database.exec(`UPDATE audit SET body = 'x' WHERE sequence = 2`)).toThrow('append-only');
    expect(() => database.exec('DELETE FROM audit')).toThrow('append-only');
    database.exec(`DROP TRIGGER audit_no_update; UPDATE audit SET body = 'x' WHERE sequence = 2`);
    database.close();
    expect(firstBroken(await store.audit.read(0, 10))).toBe(2);
  });

  test('two writers on one file keep one chain', async () => {
    const other = await sqliteStore(folder);
    await Promise.all(
      [store, other].flatMap(({ audit }, writer) =>
        Array.from({ length: 200 }, (_, index) => audit.append(`${writer}:${index}`)),
      ),
    );
    await other.close();
    const entries = await store.audit.read(0, 1_000);
    expect(entries).toHaveLength(400);
    expect(firstBroken(entries)).toBeUndefined();
  });

  test('what was appended before close is on disk; after it, nothing is taken', async () => {
    const kept = store.audit.append('last');
    await store.close();
    await kept;
    await expect(store.audit.append('too late')).rejects.toThrow('closed');
    expect(store.fault()).toBe('the store is closed');
    store = await sqliteStore(folder);
    expect(await store.audit.tail(1)).toMatchObject([{ body: 'last' }]);
  });

  test('a write that fails is told, is not in the log, and the chain goes on without it', async () => {
    await store.audit.append('first');
    const blocker = new DatabaseSync(join(folder, 'ostiary.db'));
    blocker.exec(`CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'disk full'); END`);
    await expect(store.audit.append('lost')).rejects.toThrow('disk full');
    expect(store.fault()).toBe('disk full');
    blocker.exec('DROP TRIGGER full');
    blocker.close();
    await store.audit.append('second');
    expect(store.fault()).toBeUndefined();
    const entries = await store.audit.read(0, 10);
    expect(entries.map(({ body }) => body)).toEqual(['first', 'second']);
    expect(firstBroken(entries)).toBeUndefined();
  });

  test('a file of a newer version is refused', async () => {
    await store.close();
    const database = new DatabaseSync(join(folder, 'ostiary.db'));
    database.exec('PRAGMA user_version = 99');
    database.close();
    await expect(sqliteStore(folder)).rejects.toThrow('newer version');
    rmSync(join(folder, 'ostiary.db'));
    store = await sqliteStore(folder);
  });
});

describe('a confirmation', () => {
  test('survives a restart and is used by exactly one of many', async () => {
    await store.confirmations.put(pending('c1'));
    await store.close();
    store = await sqliteStore(folder);
    expect(await store.confirmations.get('c1')).toEqual({ ...pending('c1'), purpose: undefined });
    const tries = await Promise.all(Array.from({ length: 50 }, () => store.confirmations.consume('c1')));
    expect(tries.filter(Boolean)).toHaveLength(1);
    expect(await store.confirmations.get('c1')).toBeUndefined();
    expect(await store.confirmations.get('never was')).toBeUndefined();
  });
});
