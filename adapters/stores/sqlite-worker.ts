import { hash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

/** What the main thread asks; every message is answered once, in order. */
export type Ask =
  | { readonly op: 'append'; readonly bodies: readonly string[] }
  | { readonly op: 'read'; readonly after: number; readonly limit: number }
  | { readonly op: 'tail'; readonly limit: number }
  | { readonly op: 'put'; readonly id: string; readonly body: string; readonly expiresAt: number }
  | { readonly op: 'get'; readonly id: string }
  | { readonly op: 'consume'; readonly id: string }
  | { readonly op: 'pending'; readonly now: number; readonly limit: number }
  | { readonly op: 'replace'; readonly id: string; readonly before: string; readonly after: string }
  | { readonly op: 'close' };
export type Told = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

// Forward only: entry n takes the schema from version n to n + 1.
const migrations = [
  `CREATE TABLE audit (sequence INTEGER PRIMARY KEY, body TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
   CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
   CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
   CREATE TABLE confirmation (id TEXT PRIMARY KEY, body TEXT NOT NULL, expires_at INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0) STRICT;`,
];

const database = new DatabaseSync(workerData.path as string);
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;');
const transaction = <T>(work: () => T): T => {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
};
transaction(() => {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > migrations.length) throw new Error(`the store was written by a newer version (schema ${version})`);
  for (const migration of migrations.slice(version)) database.exec(migration);
  database.exec(`PRAGMA user_version = ${migrations.length}`);
});

const last = database.prepare('SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1');
const insert = database.prepare('INSERT INTO audit (sequence, body, hash) VALUES (?, ?, ?)');
const read = database.prepare('SELECT sequence, body, hash FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?');
const tail = database.prepare('SELECT sequence, body, hash FROM audit ORDER BY sequence DESC LIMIT ?');
const put = database.prepare('INSERT INTO confirmation (id, body, expires_at) VALUES (?, ?, ?)');
const get = database.prepare('SELECT body FROM confirmation WHERE id = ? AND used = 0');
const consume = database.prepare('UPDATE confirmation SET used = 1 WHERE id = ? AND used = 0');
const pending = database.prepare(
  'SELECT body FROM confirmation WHERE used = 0 AND expires_at > ? ORDER BY rowid LIMIT ?',
);
const replace = database.prepare('UPDATE confirmation SET body = ? WHERE id = ? AND body = ? AND used = 0');
// What expired a day ago is told apart from what never was no longer.
const forget = database.prepare('DELETE FROM confirmation WHERE expires_at < ?');

const append = (bodies: readonly string[]) =>
  transaction(() => {
    // Read inside the transaction: another process may have written since.
    const newest = last.get() as { sequence: number; hash: string } | undefined;
    let sequence = newest?.sequence ?? 0;
    let chained = newest?.hash ?? '0'.repeat(64);
    for (const body of bodies) {
      chained = hash('sha256', `${chained}\n${body}`);
      insert.run(++sequence, body, chained);
    }
  });

const answer = (ask: Ask): unknown => {
  switch (ask.op) {
    case 'append':
      return append(ask.bodies);
    case 'read':
      return read.all(ask.after, ask.limit);
    case 'tail':
      return tail.all(ask.limit).reverse();
    case 'put':
      forget.run(ask.expiresAt - 86_400_000);
      return void put.run(ask.id, ask.body, ask.expiresAt);
    case 'get':
      return (get.get(ask.id) as { body: string } | undefined)?.body;
    case 'consume':
      return Number(consume.run(ask.id).changes) === 1;
    case 'pending':
      return (pending.all(ask.now, ask.limit) as { body: string }[]).map(({ body }) => body);
    case 'replace':
      return Number(replace.run(ask.after, ask.id, ask.before).changes) === 1;
    case 'close':
      return database.close();
  }
};

parentPort?.on('message', ({ id, ask }: { id: number; ask: Ask }) => {
  let told: Told;
  try {
    told = { ok: true, value: answer(ask) };
  } catch (error) {
    told = { ok: false, message: (error as Error).message };
  }
  parentPort?.postMessage({ id, told });
  if (ask.op === 'close') parentPort?.close();
});
parentPort?.postMessage({ id: 0, told: { ok: true, value: undefined } satisfies Told });
