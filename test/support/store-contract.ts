import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { firstBroken } from '../../policies/audit/verify.ts';
import type { Pending } from '../../policies/confirmations.ts';
import type { Beside, Claim, Store, StoredEntry } from '../../policies/ports.ts';

/** One store of one kind, empty at first. */
export interface StoreWorld {
  /** Opens it, or opens it again: by another process, as it were. */
  open(): Promise<Store>;
  /** Takes away all that it kept. */
  remove(): Promise<void>;
}

/** What every store promises, whichever kind it is. @param begin makes a new world; called for each test */
export const storeContract = (kind: string, begin: () => Promise<StoreWorld>): void => {
  let world: StoreWorld;
  let stores: Store[];
  let store: Store;
  const open = async (): Promise<Store> => {
    const one = await world.open();
    stores.push(one);
    return one;
  };
  const closeAll = async () => {
    await Promise.all(stores.splice(0).map((one) => one.close()));
  };
  const reopened = async (): Promise<Store> => {
    await closeAll();
    return open();
  };
  beforeEach(async () => {
    world = await begin();
    stores = [];
    store = await open();
  });
  afterEach(async () => {
    await closeAll();
    await world.remove();
  });
  const numbered = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => `{"n":${from + index}}`);

  describe(`${kind}: the audit log`, () => {
    test('keeps every entry in order, chained, over a restart', async () => {
      await Promise.all(numbered(0, 3_000).map((body) => store.audit.append(body)));
      store = await reopened();
      await store.audit.append('{"n":3000}');
      const entries = await store.audit.read(0, 10_000);
      expect(entries.map(({ body }) => body)).toEqual(numbered(0, 3_001));
      expect(unbroken(entries)).toBe(true);
      expect((await store.audit.tail(2)).map(({ body }) => body)).toEqual(numbered(2_999, 2));
    });

    test('is read in pages that leave nothing out, while others append', async () => {
      const other = await open();
      const appended = Promise.all(
        [store, other].flatMap(({ audit }, writer) => numbered(writer * 1_000, 300).map((body) => audit.append(body))),
      );
      const seen: StoredEntry[] = [];
      const page = async () => {
        const entries = await store.audit.read(seen.at(-1)?.sequence ?? 0, 97);
        seen.push(...entries);
        return entries.length;
      };
      for (let reads = 0; reads < 20; reads++) await page();
      await appended;
      while ((await page()) > 0);
      expect(seen.map(({ body }) => body).sort()).toEqual([...numbered(0, 300), ...numbered(1_000, 300)].sort());
      expect(unbroken(seen)).toBe(true);
    });

    test('gives back exactly what was appended', async () => {
      const bodies = ['{"a":"ü\\u0000\\n😀"}', '{"a":1.0}', '{ "b" : [1,  2] }', `{"long":"${'x'.repeat(300_000)}"}`];
      for (const body of bodies) await store.audit.append(body);
      expect((await store.audit.read(0, 10)).map(({ body }) => body)).toEqual(bodies);
    });

    test('an entry that nobody waits for is durable soon, and before the store is closed', async () => {
      const lazily = store.audit.append('{"n":1}', 'some');
      expect(store.audit.backlog()).toBe(1);
      store = await reopened();
      await lazily;
      expect(store.audit.backlog()).toBe(0);
      expect(await store.audit.tail(1)).toMatchObject([{ body: '{"n":1}' }]);
    });

    test('after it is closed it takes nothing', async () => {
      await store.close();
      await expect(store.audit.append('{}')).rejects.toThrow('closed');
      expect(store.fault()).toContain('closed');
    });

    test('can be cut at its old end alone, and goes on as before', async () => {
      for (const body of numbered(0, 10)) await store.audit.append(body);
      const before = await store.audit.read(0, 100);
      expect(await store.audit.cut(before[3]?.sequence ?? 0)).toBe(4);
      expect(await store.audit.read(0, 100)).toEqual(before.slice(4));
      expect(await store.audit.cut(before[3]?.sequence ?? 0)).toBe(0);
      store = await reopened();
      await store.audit.append('{"n":10}');
      const after = await store.audit.read(0, 100);
      expect(after.map(({ body }) => body)).toEqual(numbered(4, 7));
      expect(unbroken(after, before[3]?.hash)).toBe(true);
    });

    test('keeps its newest entry, for the chain to go on from', async () => {
      for (const body of numbered(0, 3)) await store.audit.append(body);
      expect(await store.audit.cut(Number.MAX_SAFE_INTEGER)).toBe(2);
      expect((await store.audit.read(0, 10)).map(({ body }) => body)).toEqual(['{"n":2}']);
    });
  });

  describe(`${kind}: open writes`, () => {
    const opens = (request: string, untilMs = 1_000): Beside => ({
      opens: { request, body: `{"of":"${request}"}`, untilMs },
    });

    test('are opened and closed with an entry, and outlive a restart', async () => {
      await store.audit.append('{"n":1}', 'none', opens('a'));
      await store.audit.append('{"n":2}', 'none', opens('b'));
      await store.audit.append('{"n":3}', 'none', { closes: 'a' });
      await store.audit.append('{"n":4}', 'none', { closes: 'never was' });
      store = await reopened();
      expect(await store.writes.open(10)).toEqual([{ request: 'b', body: '{"of":"b"}', untilMs: 1_000 }]);
      expect(await store.writes.find('b')).toEqual({ request: 'b', body: '{"of":"b"}', untilMs: 1_000 });
      expect(await store.writes.find('a')).toBeUndefined();
    });

    test('opened and closed in one group, they are closed', async () => {
      await Promise.all(
        Array.from({ length: 50 }, (_, index) => [
          store.audit.append(`{"n":${index}}`, 'none', opens(`w${index}`)),
          store.audit.append(`{"n":${index},"done":true}`, 'none', { closes: `w${index}` }),
        ]).flat(),
      );
      expect(await store.writes.open(100)).toEqual([]);
    });

    test('are listed the oldest first, so many at most', async () => {
      for (const request of ['c', 'a', 'b']) await store.audit.append('{}', 'none', opens(request));
      expect((await store.writes.open(2)).map(({ request }) => request)).toEqual(['c', 'a']);
    });

    test('in doubt are taken on by exactly one of many, and not before', async () => {
      const other = await open();
      await store.audit.append('{}', 'none', opens('a', 1_000));
      expect(await store.writes.take('a', 999, 5_000)).toBe(false);
      const tries = await Promise.all(
        Array.from({ length: 40 }, (_, index) => (index % 2 ? store : other).writes.take('a', 1_000, 5_000)),
      );
      expect(tries.filter(Boolean)).toHaveLength(1);
      expect(await other.writes.find('a')).toMatchObject({ untilMs: 5_000 });
      expect(await store.writes.take('a', 5_000, 9_000)).toBe(true);
      // Given back, it can be taken on before that time.
      expect(await store.writes.take('a', 9_000, 6_000)).toBe(true);
      expect(await other.writes.take('a', 6_000, 9_000)).toBe(true);
      expect(await store.writes.take('never was', 5_000, 9_000)).toBe(false);
    });
  });

  describe(`${kind}: claims`, () => {
    const claim = (request: string, more: Partial<Claim> = {}): Claim => ({
      id: 'k',
      fingerprint: 'f',
      request,
      untilMs: 1_000,
      ...more,
    });

    test('one key goes to exactly one of many', async () => {
      const other = await open();
      const tries = await Promise.all(
        Array.from({ length: 60 }, (_, index) => (index % 2 ? store : other).claims.claim(claim(`r${index}`), 0)),
      );
      expect(tries.filter((found) => found === undefined)).toHaveLength(1);
      const holders = new Set(tries.flatMap((found) => found?.request ?? []));
      expect(holders.size).toBe(1);
      expect(tries.find((found) => found !== undefined)).toEqual({
        fingerprint: 'f',
        request: [...holders][0],
        untilMs: 1_000,
      });
      expect(await store.claims.claim(claim('another', { id: 'k2' }), 0)).toBeUndefined();
    });

    test('an answer is given again until it expires, over a restart', async () => {
      await store.claims.claim(claim('a'), 0);
      await store.audit.append('{}', 'none', {
        claim: { id: 'k', request: 'a', answer: { text: '{"done":1}', expiresMs: 9_000 } },
      });
      store = await reopened();
      expect(await store.claims.claim(claim('b', { fingerprint: 'g' }), 8_999)).toEqual({
        fingerprint: 'f',
        request: 'a',
        untilMs: 1_000,
        answer: '{"done":1}',
      });
      expect(await store.claims.claim(claim('b'), 9_000)).toBeUndefined();
    });

    test('without an answer the key is free again, and only its holder can free it', async () => {
      await store.claims.claim(claim('a'), 0);
      await store.audit.append('{}', 'none', { claim: { id: 'k', request: 'not mine' } });
      expect(await store.claims.claim(claim('b'), 0)).toMatchObject({ request: 'a' });
      await store.audit.append('{}', 'none', { claim: { id: 'k', request: 'a' } });
      expect(await store.claims.claim(claim('b', { untilMs: 2_000 }), 0)).toBeUndefined();
      expect(await store.claims.claim(claim('c'), 0)).toMatchObject({ request: 'b' });
    });

    test('what died before its write was opened holds a key until its time is over; an open write holds it on', async () => {
      await store.claims.claim(claim('a'), 0);
      expect(await store.claims.claim(claim('b'), 999)).toMatchObject({ request: 'a' });
      expect(await store.claims.claim(claim('b', { untilMs: 2_000 }), 1_000)).toBeUndefined();
      await store.audit.append('{}', 'none', { opens: { request: 'b', body: '{}', untilMs: 2_000 } });
      expect(await store.claims.claim(claim('c'), 1_000_000)).toMatchObject({ request: 'b' });
      // Others come and go meanwhile, and what expired is swept away.
      for (let n = 0; n < 30; n++) await store.claims.claim(claim(`s${n}`, { id: `s${n}` }), 1_000_000);
      expect(await store.claims.claim(claim('c'), 2_000_000)).toMatchObject({ request: 'b' });
      await store.audit.append('{}', 'none', { closes: 'b' });
      expect(await store.claims.claim(claim('c'), 2_000_000)).toBeUndefined();
    });

    test('is there before what is appended after it', async () => {
      await store.claims.claim(claim('a'), 0);
      await store.audit.append('{}', 'none', { opens: { request: 'a', body: '{}', untilMs: 1_000 } });
      store = await reopened();
      expect(await store.claims.claim(claim('b'), 5_000)).toMatchObject({ request: 'a' });
    });
  });

  describe(`${kind}: confirmations`, () => {
    const pending = (id: string, tenant = 't'): Pending => ({
      id,
      request: 'r',
      tenant,
      principal: { type: 'user', id: 'dana' },
      intent: { name: 'a.b', version: '1.0.0', major: 1 },
      input: { z: 1, a: 'ü' },
      purpose: undefined,
      provenance: {},
      resolution: { tier: 'direct', confidence: 1, margin: 1 },
      binding: 'b',
      createdAt: '2026-11-23T10:00:00.000Z',
      expiresAt: '2026-11-23T10:02:00.000Z',
    });
    const now = Date.parse('2026-11-23T10:01:00.000Z');

    test('survive a restart and are used by exactly one of many', async () => {
      await store.confirmations.put(pending('c1'));
      store = await reopened();
      const other = await open();
      expect(await store.confirmations.get('c1')).toEqual(pending('c1'));
      const tries = await Promise.all(
        Array.from({ length: 50 }, (_, index) => (index % 2 ? store : other).confirmations.consume('c1')),
      );
      expect(tries.filter(Boolean)).toHaveLength(1);
      expect(await store.confirmations.get('c1')).toBeUndefined();
      expect(await store.confirmations.get('never was')).toBeUndefined();
    });

    test('are listed for their tenant, the oldest first, until they expire or are used', async () => {
      for (const id of ['c2', 'c1', 'c3']) await store.confirmations.put(pending(id));
      await store.confirmations.put(pending('d1', 'another'));
      await store.confirmations.consume('c1');
      const ids = async (nowMs: number, limit: number) =>
        (await store.confirmations.pending('t', nowMs, limit)).map(({ id }) => id);
      expect(await ids(now, 10)).toEqual(['c2', 'c3']);
      expect(await ids(now, 1)).toEqual(['c2']);
      expect(await ids(now + 60_000, 10)).toEqual([]);
    });

    test('are replaced only as what they were', async () => {
      await store.confirmations.put(pending('c1'));
      const kept = (await store.confirmations.get('c1')) as Pending;
      const approved = { ...kept, approvedBy: { type: 'user', id: 'eve', at: 'now' } };
      expect(await store.confirmations.replace(kept, approved)).toBe(true);
      expect(await store.confirmations.replace(kept, approved)).toBe(false);
      expect(await store.confirmations.get('c1')).toEqual(approved);
      await store.confirmations.consume('c1');
      expect(await store.confirmations.replace(approved, kept)).toBe(false);
    });
  });
};

/** Whether every writer's entries hold together. @param before the hash that the first of a single writer follows */
const unbroken = (entries: readonly StoredEntry[], before?: string): boolean => {
  const chains = new Map<string | undefined, StoredEntry[]>();
  for (const entry of entries) chains.set(entry.writer, [...(chains.get(entry.writer) ?? []), entry]);
  if (chains.size === 1) return firstBroken(entries, before) === undefined;
  // With several writers each has gaps where the others wrote: only the hashes tell.
  return [...chains.values()].every((chain) =>
    chain.every(
      (one, index) =>
        firstBroken([one], index === 0 ? '0'.repeat(64) : (chain[index - 1] as StoredEntry).hash) === undefined,
    ),
  );
};
