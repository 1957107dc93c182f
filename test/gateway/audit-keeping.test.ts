import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openAuditKey } from '../../adapters/keys/audit-key.ts';
import { sqliteStore } from '../../adapters/stores/sqlite.ts';
import { cutBefore, signNewest } from '../../gateway/audit-keeping.ts';
import { createVerifier } from '../../policies/audit/verifier.ts';
import type { Store } from '../../policies/ports.ts';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ostiary-keeping-'));
  store = await sqliteStore(folder);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});
const keyFile = () => join(folder, 'keys/audit-key.pem');
const append = (count: number, atMs: number) =>
  Promise.all(
    Array.from({ length: count }, (_, n) =>
      store.audit.append(JSON.stringify({ kind: 'outcome', at: new Date(atMs).toISOString(), n })),
    ),
  );
const verified = async (key = openAuditKey(keyFile())) => {
  const verifier = createVerifier(new Set([key.id]));
  return verifier.take(await store.audit.read(0, 100_000)) ?? verifier.end();
};

test('the key is made once, for its owner alone, and read from then on', () => {
  const key = openAuditKey(keyFile());
  expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
  const pem = readFileSync(keyFile(), 'utf8');
  expect(openAuditKey(keyFile()).id).toBe(key.id);
  expect(readFileSync(keyFile(), 'utf8')).toBe(pem);
  writeFileSync(keyFile(), 'no key');
  expect(() => openAuditKey(keyFile())).toThrow(/audit-key\.pem cannot be read/);
});

test('the newest entries are signed when there are many, when it has been long, or at the end; nothing is signed twice', async () => {
  let now = 0;
  const signing = signNewest(openAuditKey(keyFile()), () => now);
  const count = async () => (await store.audit.tail(1))[0]?.sequence ?? 0;
  await signing(store.audit, true);
  expect(await count()).toBe(0);
  await append(5, 0);
  await signing(store.audit, false);
  expect(await count()).toBe(5);
  now += 60_000;
  await signing(store.audit, false);
  expect(await verified()).toMatchObject({ entries: 6, signed: 1, signedThrough: 5 });
  now += 60_000;
  await signing(store.audit, true);
  expect(await count()).toBe(6);
  await append(1_000, 0);
  await signing(store.audit, false);
  expect(await verified()).toMatchObject({ entries: 1_007, signed: 2, signedThrough: 1_006 });
  await append(1, 0);
  await signing(store.audit, true);
  expect(await verified()).toMatchObject({ entries: 1_009, signed: 3, signedThrough: 1_008 });
});

test('what has been kept long enough goes, more than once, and the rest still holds', async () => {
  const key = openAuditKey(keyFile());
  const now = () => 1_000_000;
  await append(1_500, 100);
  await append(300, 200);
  expect(await cutBefore(store.audit, 50, key, now)).toBe(0);
  expect(await cutBefore(store.audit, 150, key, now)).toBe(1_500);
  expect(await verified()).toMatchObject({ entries: 301 });
  await append(10, 300);
  expect(await cutBefore(store.audit, 250, key, now)).toBe(300);
  expect(await verified()).toMatchObject({ entries: 12 });
  expect((await store.audit.read(0, 1))[0]?.sequence).toBe(1_801);
});

test('entries of any age stay where the signature over them cannot be written', async () => {
  const key = openAuditKey(keyFile());
  await append(20, 100);
  const failing = { ...store.audit, append: () => Promise.reject(new Error('disk full')) };
  await expect(cutBefore(failing, 150, key, () => 0)).rejects.toThrow('disk full');
  await append(1, 300);
  expect(await store.audit.read(0, 100)).toHaveLength(21);
});
