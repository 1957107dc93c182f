// How many records a second are durable before anybody hears of them? Both stores with their group commit, beside the
// same tables with one transaction an entry, and beside a plain file with one fdatasync an entry; in turns in one run.
// PostgreSQL is one of its own, as it comes: a temporary folder, its durable defaults. See bench/README.md.
import { hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import { Pool } from 'pg';
import { postgresStore } from '../../adapters/stores/postgres.ts';
import { connectPostgres } from '../../adapters/stores/postgres-connection.ts';
import { sqliteStore } from '../../adapters/stores/sqlite.ts';
import type { Store } from '../../policies/ports.ts';
import { startPostgres } from '../../test/support/postgres.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1' },
    folder: { type: 'string', default: tmpdir() },
    json: { type: 'boolean', default: false },
  },
});
const forMs = Number(values.seconds) * 1_000;
// As large as the outcome of a typed call.
const entry = JSON.stringify({
  kind: 'outcome',
  request: 'Zk3bV0q8r1aT.4',
  at: new Date(0).toISOString(),
  pad: 'x'.repeat(700),
});

interface Target {
  readonly name: string;
  readonly inFlight: number;
  /** Resolves when one more record is durable. */
  record(turn: number): Promise<unknown>;
  close(): Promise<unknown>;
}

const folderOf = () => mkdtempSync(join(values.folder, 'ostiary-bench-'));

const embedded = async () => {
  const folder = folderOf();
  const store = await sqliteStore(folder);
  return { store, remove: async () => rmSync(folder, { recursive: true }) };
};

const server = await startPostgres();
const inPostgres = async () => {
  const url = await server.database();
  return { store: postgresStore(await connectPostgres(url)), remove: () => server.drop(url) };
};

const grouped = async (
  kind: string,
  begin: () => Promise<{ store: Store; remove(): Promise<void> }>,
  inFlight: number,
  writes = false,
): Promise<Target> => {
  const { store, remove } = await begin();
  const { audit } = store;
  return {
    name: `${kind}, ${writes ? 'a write: opened and closed' : 'group commit'}`,
    inFlight,
    record: (turn) => {
      if (!writes) return audit.append(entry);
      const request = `r${turn >> 1}-${inFlight}`;
      return turn % 2 === 0
        ? audit.append(entry, 'none', { opens: { request, body: entry, untilMs: 0 } })
        : audit.append(entry, 'none', { closes: request });
    },
    close: async () => {
      await store.close();
      await remove();
    },
  };
};

/** The same table on ten connections; every entry has its own transaction, and so its own sync. No chain: it would need a lock. */
const oneByOneInPostgres = async (inFlight: number): Promise<Target> => {
  const url = await server.database();
  const pool = new Pool({ connectionString: url, max: 10 });
  await pool.query('CREATE TABLE audit (sequence bigserial PRIMARY KEY, body text NOT NULL, hash text NOT NULL)');
  const none = '0'.repeat(64);
  return {
    name: 'PostgreSQL, a transaction each',
    inFlight,
    record: () =>
      pool.query({ name: 'one', text: 'INSERT INTO audit (body, hash) VALUES ($1, $2)', values: [entry, none] }),
    close: async () => {
      await pool.end();
      await server.drop(url);
    },
  };
};

/** The same table and chain; every entry has its own transaction, and so its own sync. */
const oneByOne = (): Target => {
  const folder = folderOf();
  const database = new DatabaseSync(join(folder, 'bench.db'));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
  database.exec('CREATE TABLE audit (sequence INTEGER PRIMARY KEY, body TEXT NOT NULL, hash TEXT NOT NULL) STRICT');
  const insert = database.prepare('INSERT INTO audit (body, hash) VALUES (?, ?)');
  let before = '';
  return {
    name: 'node:sqlite, a transaction each',
    inFlight: 1,
    record: async () => {
      before = hash('sha256', `${before}\n${entry}`);
      insert.run(entry, before);
    },
    close: async () => {
      database.close();
      rmSync(folder, { recursive: true });
    },
  };
};

const file = async (): Promise<Target> => {
  const folder = folderOf();
  const handle = await open(join(folder, 'bench.log'), 'a');
  return {
    name: 'a file, fdatasync each',
    inFlight: 1,
    record: async () => {
      await handle.appendFile(`${entry}\n`);
      await handle.datasync();
    },
    close: async () => {
      await handle.close();
      rmSync(folder, { recursive: true });
    },
  };
};

/** Records a second, and CPU microseconds of all threads for each. */
const measure = async ({ inFlight, record }: Target): Promise<{ rate: number; cpu: number }> => {
  let turn = 0;
  let done = 0;
  const started = performance.now();
  const before = process.cpuUsage();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (performance.now() - started < forMs) {
        await record(turn++);
        done++;
      }
    }),
  );
  const { user, system } = process.cpuUsage(before);
  return { rate: (done / (performance.now() - started)) * 1_000, cpu: (user + system) / done };
};

const targets = [
  await grouped('embedded', embedded, 1),
  await grouped('embedded', embedded, 32),
  await grouped('embedded', embedded, 256),
  await grouped('embedded', embedded, 32, true),
  await grouped('PostgreSQL', inPostgres, 1),
  await grouped('PostgreSQL', inPostgres, 32),
  await grouped('PostgreSQL', inPostgres, 256),
  await grouped('PostgreSQL', inPostgres, 32, true),
  oneByOne(),
  await oneByOneInPostgres(1),
  await oneByOneInPostgres(32),
  await file(),
];
const runs = targets.map((): { rate: number; cpu: number }[] => []);
for (const target of targets) await measure(target);
for (let round = 0; round < Number(values.rounds); round++)
  for (const [index, target] of targets.entries()) runs[index]?.push(await measure(target));
for (const target of targets) await target.close();
await server.remove();

const rows = targets.map(({ name, inFlight }, index) => {
  const rates = (runs[index] ?? []).map(({ rate }) => rate).sort((a, b) => a - b);
  const costs = (runs[index] ?? []).map(({ cpu }) => cpu).sort((a, b) => a - b);
  return {
    name,
    inFlight,
    best: Math.round(rates.at(-1) ?? 0),
    median: Math.round(rates[rates.length >> 1] ?? 0),
    cpuUs: Number((costs[0] ?? 0).toFixed(1)),
  };
});
if (values.json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
else {
  process.stdout.write(`${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}\n`);
  process.stdout.write('records a second: best, median; CPU us each of this process, best\n');
  for (const { name, inFlight, best, median, cpuUs } of rows)
    process.stdout.write(
      `${name.padEnd(40)} ${String(inFlight).padStart(3)} in flight ${String(best).padStart(8)} ${String(median).padStart(8)} ${String(cpuUs).padStart(8)}\n`,
    );
}
// What is asked for: 30,000 acknowledged records a second at 32 in flight, on both stores.
if (rows.some(({ name, inFlight, best }) => name.endsWith('group commit') && inFlight === 32 && best < 30_000))
  process.exitCode = 1;
