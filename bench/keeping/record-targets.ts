import { hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';
import { groupCommit } from '../../adapters/stores/group-commit.ts';
import { postgresStore } from '../../adapters/stores/postgres.ts';
import { lines, linesOf } from '../../adapters/stores/postgres-beside.ts';
import { connectPostgres } from '../../adapters/stores/postgres-connection.ts';
import { sqliteStoreOn } from '../../adapters/stores/sqlite.ts';
import { connectSqlite } from '../../adapters/stores/sqlite-connection.ts';
import type { AuditStore, Beside } from '../../policies/ports.ts';
import type { PostgresServer } from '../../test/support/postgres.ts';

export interface Target {
  readonly name: string;
  readonly inFlight: number;
  /** Records that one call makes durable; left out, one. */
  readonly at?: number;
  record(turn: number): Promise<unknown>;
  close(): Promise<unknown>;
}
type Append = AuditStore['append'];
interface Log {
  readonly append: Append;
  close(): Promise<unknown>;
}

/** As large as the outcome of a typed call. */
export const entry = JSON.stringify({
  kind: 'outcome',
  request: 'Zk3bV0q8r1aT.4',
  at: new Date(0).toISOString(),
  pad: 'x'.repeat(700),
});
const besidesOf = (beside: Beside | undefined) => (beside === undefined ? [] : [beside]);

/** What is measured: both stores, with their group commit and without, and what bounds them. @param folder of the disk */
export const targetsOn = (folder: string, server: PostgresServer) => {
  const folderOf = () => mkdtempSync(join(folder, 'ostiary-bench-'));

  /** The embedded store. `alone`: the same statements, and a commit for each entry. */
  const embedded = async (alone: boolean): Promise<Log> => {
    const place = folderOf();
    const connection = await connectSqlite(place);
    const store = sqliteStoreOn(connection);
    const one: Append = (body, _, beside) =>
      connection.tell({ op: 'append', bodies: [body], besides: besidesOf(beside) });
    const remove = async () => {
      await store.close();
      rmSync(place, { recursive: true });
    };
    return { append: alone ? one : store.audit.append, close: remove };
  };

  const inPostgres = async (alone: boolean): Promise<Log> => {
    const url = await server.database();
    const connection = await connectPostgres(url);
    const store = postgresStore(connection);
    const one: Append = async (body, _, beside) => {
      await connection.query('append', 'SELECT ostiary.append($1, $2, $3, $4, $5, $6, $7) AS newest', [
        lines([body]),
        '',
        '',
        ...linesOf(besidesOf(beside)),
      ]);
    };
    const remove = async () => {
      await store.close();
      await server.drop(url);
    };
    return { append: alone ? one : store.audit.append, close: remove };
  };

  const records = async (name: string, log: Promise<Log>, inFlight: number): Promise<Target> => {
    const { append, close } = await log;
    return { name, inFlight, record: () => append(entry), close };
  };
  /** A write is two records: the one ahead opens it, the one of its outcome closes it. */
  const writes = async (name: string, log: Promise<Log>, inFlight: number): Promise<Target> => {
    const { append, close } = await log;
    return {
      name,
      inFlight,
      at: 2,
      async record(turn) {
        const request = `r${turn}`;
        await append(entry, 'none', { opens: { request, body: entry, untilMs: 0 } });
        await append(entry, 'none', { closes: request });
      },
      close,
    };
  };

  /** The least that the same rows cost in PostgreSQL: one prepared statement of its own client, no chain and no lock. */
  const bareInPostgres = async (rows: number): Promise<Target> => {
    const url = await server.database();
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query('CREATE TABLE audit (sequence bigserial PRIMARY KEY, body text NOT NULL, hash text NOT NULL)');
    const none = '0'.repeat(64);
    const text = `INSERT INTO audit (body, hash) VALUES ${Array.from({ length: rows }, (_, n) => `($${2 * n + 1}, $${2 * n + 2})`)}`;
    const values = Array.from({ length: rows }, () => [entry, none]).flat();
    return {
      name: `PostgreSQL by itself, ${rows} rows an INSERT`,
      inFlight: 1,
      at: rows,
      record: () => client.query({ name: 'bare', text, values }),
      close: async () => {
        await client.end();
        await server.drop(url);
      },
    };
  };

  /** The least that the same rows cost in SQLite: no thread of its own, so everything else waits for its syncs. */
  const bareInSqlite = (rows: number): Target => {
    const place = folderOf();
    const database = new DatabaseSync(join(place, 'bench.db'));
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    database.exec('CREATE TABLE audit (sequence INTEGER PRIMARY KEY, body TEXT NOT NULL, hash TEXT NOT NULL) STRICT');
    const insert = database.prepare('INSERT INTO audit (body, hash) VALUES (?, ?)');
    let before = '';
    return {
      name: `node:sqlite by itself, ${rows} rows a commit`,
      inFlight: 1,
      at: rows,
      record: async () => {
        database.exec('BEGIN');
        for (let n = 0; n < rows; n++) {
          before = hash('sha256', `${before}\n${entry}`);
          insert.run(entry, before);
        }
        database.exec('COMMIT');
      },
      close: async () => {
        database.close();
        rmSync(place, { recursive: true });
      },
    };
  };

  const file = async (rows: number): Promise<Target> => {
    const place = folderOf();
    const handle = await open(join(place, 'bench.log'), 'a');
    const log = groupCommit(async (bodies) => {
      await handle.appendFile(`${bodies.join('\n')}\n`);
      await handle.datasync();
    });
    return {
      name: `a file, fdatasync for ${rows === 1 ? 'each' : 'each group'}`,
      inFlight: rows,
      record: () => log.append(entry),
      close: async () => {
        await handle.close();
        rmSync(place, { recursive: true });
      },
    };
  };
  return { embedded, inPostgres, records, writes, bareInPostgres, bareInSqlite, file };
};
