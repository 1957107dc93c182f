// How many records a second are durable before anybody hears of them? The embedded store with its group commit, beside
// the same table with one transaction an entry, and beside a plain file with one fdatasync an entry; in turns in one run.
// See bench/README.md.
import { hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import { sqliteStore } from '../../adapters/stores/sqlite.ts';

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

const grouped = async (inFlight: number, writes: boolean): Promise<Target> => {
  const folder = folderOf();
  const store = await sqliteStore(folder);
  const { audit } = store;
  return {
    name: writes ? 'ostiary, a write: opened and closed' : 'ostiary, group commit',
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
      rmSync(folder, { recursive: true });
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
  await grouped(1, false),
  await grouped(32, false),
  await grouped(256, false),
  await grouped(32, true),
  oneByOne(),
  await file(),
];
const runs = targets.map((): { rate: number; cpu: number }[] => []);
for (const target of targets) await measure(target);
for (let round = 0; round < Number(values.rounds); round++)
  for (const [index, target] of targets.entries()) runs[index]?.push(await measure(target));
for (const target of targets) await target.close();

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
  process.stdout.write('records a second: best, median; CPU us each, best\n');
  for (const { name, inFlight, best, median, cpuUs } of rows)
    process.stdout.write(
      `${name.padEnd(38)} ${String(inFlight).padStart(3)} in flight ${String(best).padStart(8)} ${String(median).padStart(8)} ${String(cpuUs).padStart(8)}\n`,
    );
}
// What is asked for: 30,000 acknowledged records a second at 32 in flight.
if ((rows[1]?.best ?? 0) < 30_000) process.exitCode = 1;
