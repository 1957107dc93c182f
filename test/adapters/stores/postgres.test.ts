import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { postgresStore } from '../../../adapters/stores/postgres.ts';
import { connectPostgres, type PostgresConnection } from '../../../adapters/stores/postgres-connection.ts';
import { postgresReplays, postgresRevocations, postgresTotals } from '../../../adapters/stores/postgres-counters.ts';
import { firstBroken } from '../../../policies/audit/verify.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres.ts';
import { storeContract } from '../../support/store-contract.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.remove());

storeContract('PostgreSQL', async () => {
  const url = await server.database();
  return {
    open: async () => postgresStore(await connectPostgres(url)),
    remove: () => server.drop(url),
  };
});

describe('a store of several replicas', () => {
  let url: string;
  let replicas: PostgresConnection[];
  beforeEach(async () => {
    url = await server.database();
    // All at once: they take turns in making the schema.
    replicas = await Promise.all([1, 2, 3].map(() => connectPostgres(url)));
  });
  afterEach(async () => {
    await Promise.all(replicas.map((replica) => replica.close()));
    await server.drop(url);
  });
  const each = <T>(make: (connection: PostgresConnection) => T) => {
    const made = replicas.map(make);
    return (at: number) => made[at % made.length] as T;
  };
  const asked = async (sql: string) => {
    const client = new Client(url);
    await client.connect();
    return client.query(sql).finally(() => client.end());
  };

  test('keeps one chain, without gaps', async () => {
    const store = each(postgresStore);
    await Promise.all(Array.from({ length: 900 }, (_, n) => store(n).audit.append(`{"n":${n}}`)));
    const entries = await store(0).audit.read(0, 1_000);
    expect(entries.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 900 }, (_, n) => n + 1));
    expect(firstBroken(entries)).toBeUndefined();
  });

  test('the log cannot be changed through SQL; a changed byte is found', async () => {
    const store = each(postgresStore)(0);
    for (const body of ['a', 'b', 'c']) await store.audit.append(body);
    for (const sql of ["UPDATE ostiary.audit SET body = 'x'", 'DELETE FROM ostiary.audit', 'TRUNCATE ostiary.audit'])
      await expect(asked(sql)).rejects.toThrow('append-only');
    await asked(
      "ALTER TABLE ostiary.audit DISABLE TRIGGER ALL; UPDATE ostiary.audit SET body = 'x' WHERE sequence = 2",
    );
    expect(firstBroken(await store.audit.read(0, 10))).toBe(2);
  });

  test('a total is never exceeded, and each addition counts for everybody', async () => {
    const totals = each(postgresTotals);
    const addition = { name: 'sum', key: 'k', windowMs: 1_000, amount: 5, atMost: 100 };
    const free = { name: 'all', key: 'other', windowMs: 1_000, amount: 1, atMost: undefined };
    const tries = await Promise.all(
      Array.from({ length: 200 }, (_, n) => totals(n).reserve(`r${n}`, [addition, free], 0)),
    );
    expect(tries.filter(Boolean)).toHaveLength(20);
    const readings = [
      { name: 'sum', key: 'k', windowMs: 1_000 },
      { name: 'all', key: 'other', windowMs: 1_000 },
      { name: 'none', key: 'none', windowMs: 1_000 },
    ];
    expect(await totals(1).totals(readings, 999)).toEqual([100, 20, 0]);
    await totals(2).settle(`r${tries.indexOf(true)}`, false);
    await totals(2).settle('never was', false);
    expect(await totals(1).totals(readings, 999)).toEqual([95, 19, 0]);
    expect(await totals(1).totals(readings, 1_000)).toEqual([0, 0, 0]);
  });

  test('what is revoked on one is revoked on all, until its time is over', async () => {
    const revocations = each(postgresRevocations);
    await revocations(0).revoke('link', 1_000);
    await revocations(1).revoke('link', 500);
    expect(await revocations(2).revoked(['a', 'link'], 999)).toBe(true);
    expect(await revocations(2).revoked(['a', 'link'], 1_000)).toBe(false);
    expect(await revocations(2).revoked(['a'], 0)).toBe(false);
  });

  test('a proof is taken once, whoever is asked', async () => {
    const replays = each(postgresReplays);
    const tries = await Promise.all(Array.from({ length: 30 }, (_, n) => replays(n).take('h', 'p', 1_000, 0)));
    expect(tries.filter(Boolean)).toHaveLength(1);
    expect(await replays(0).take('another', 'p', 1_000, 0)).toBe(true);
    expect(await replays(0).take('h', 'p', 3_000, 1_000)).toBe(true);
  });

  test('a plan that was made while a table was small never reads all of it when it has grown', async () => {
    const store = each(postgresStore)(0);
    const answer = (n: number) =>
      store.audit.append('{}', 'none', {
        opens: { request: `r${n}`, body: '{}', untilMs: 0 },
        claim: { id: `k${n}`, request: `r${n}`, answer: { text: '{}', expiresMs: 9_000_000 } },
      });
    const claim = (n: number) =>
      store.claims.claim({ id: `k${n}`, fingerprint: 'f', request: `r${n}`, untilMs: 9_000_000 }, 0);
    const some = async (from: number) => {
      for (let n = from; n < from + 10; n++) {
        await claim(n);
        await answer(n);
        await store.audit.append('{}', 'none', { closes: `r${n}` });
      }
    };
    await some(0);
    const grown = (table: string, values: string) =>
      asked(`INSERT INTO ostiary.${table} SELECT ${values} FROM generate_series(1, 3000) AS n`);
    await grown('claim (id, fingerprint, request, until, expires)', "'old' || n, 'f', 'o' || n, 1, 9000000");
    await grown('open_write (request, body, until)', "'o' || n, '{}', 1");
    await some(10);
    // A connection that ends says what it has read.
    await replicas[0]?.close();
    const read = async () =>
      (
        await asked(
          "SELECT sum(seq_tup_read)::int AS read, sum(n_tup_ins)::int AS made FROM pg_stat_user_tables WHERE relname IN ('claim', 'open_write')",
        )
      ).rows[0];
    await expect.poll(async () => (await read()).made, { timeout: 20_000 }).toBe(6_040);
    expect((await read()).read).toBeLessThan(3_000);
  });

  test('a schema of a newer version is left alone', async () => {
    await asked('UPDATE ostiary.schema SET version = 99');
    await expect(connectPostgres(url)).rejects.toThrow('newer version (schema 99)');
  });
});

describe('trouble', () => {
  test('where nothing answers, the error says where, and no password', async () => {
    const tried = connectPostgres('postgres://me:secret@127.0.0.1:1/none');
    await expect(tried).rejects.toThrow(/^PostgreSQL at 127\.0\.0\.1:1\/none: .*ECONNREFUSED/);
    await expect(tried).rejects.not.toThrow('secret');
  });

  test('a server that goes away takes no entry with it that was acknowledged, and is found again by itself', async () => {
    const url = await server.database();
    const connection = await connectPostgres(url);
    const store = postgresStore(connection);
    try {
      await Promise.all(Array.from({ length: 50 }, (_, n) => store.audit.append(`{"n":${n}}`)));
      await server.kill();
      await expect(store.audit.append('{"n":"lost"}')).rejects.toThrow();
      expect(store.fault()).toContain('cannot be reached');
      await expect(postgresTotals(connection).totals([], 0)).rejects.toThrow();
      await server.start();
      while (connection.fault() !== undefined) await wait(50);
      await store.audit.append('{"n":50}');
      expect(store.fault()).toBeUndefined();
      const entries = await store.audit.read(0, 100);
      expect(entries.filter(({ body }) => !body.includes('lost'))).toHaveLength(51);
      expect(firstBroken(entries)).toBeUndefined();
    } finally {
      await store.close();
      await server.drop(url);
    }
  });
});
