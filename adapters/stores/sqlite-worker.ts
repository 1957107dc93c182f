import { hash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import type { Beside, Claim, Claimed } from '../../policies/ports.ts';
import { type CountAsk, counting } from './sqlite-counting.ts';
import { openDatabase } from './sqlite-schema.ts';

/** What the main thread asks; every message is answered once, in order. */
export type Ask =
  | {
      readonly op: 'append';
      readonly bodies: readonly string[];
      /** What changes with them; left out, nothing does. */
      readonly besides?: readonly Beside[];
    }
  /** Whether an entry could be written, without one. */
  | { readonly op: 'try' }
  | { readonly op: 'cut'; readonly through: number }
  | { readonly op: 'open'; readonly limit: number }
  | { readonly op: 'find'; readonly request: string }
  | { readonly op: 'take'; readonly request: string; readonly now: number; readonly until: number }
  | { readonly op: 'claim'; readonly claim: Claim; readonly now: number }
  | { readonly op: 'read'; readonly after: number; readonly limit: number }
  | { readonly op: 'tail'; readonly limit: number }
  | { readonly op: 'put'; readonly id: string; readonly body: string; readonly expiresAt: number }
  | { readonly op: 'get'; readonly id: string }
  | { readonly op: 'consume'; readonly id: string }
  | { readonly op: 'pending'; readonly now: number; readonly limit: number }
  | { readonly op: 'replace'; readonly id: string; readonly before: string; readonly after: string }
  | CountAsk
  | { readonly op: 'close' };
export type Told = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

const { database, transaction, touch } = openDatabase(workerData.path as string);
const count = counting({ database, transaction });

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

const cutThrough = database.prepare('INSERT INTO audit_cut (through) VALUES (?)');
const cutOlder = database.prepare('DELETE FROM audit WHERE sequence <= ?');
const openOne = database.prepare('INSERT OR REPLACE INTO open_write (request, body, until) VALUES (?, ?, ?)');
const closeOne = database.prepare('DELETE FROM open_write WHERE request = ?');
const opened = database.prepare(
  'SELECT request, body, until AS untilMs FROM open_write WHERE request = coalesce(?, request) ORDER BY rowid LIMIT ?',
);
const take = database.prepare('UPDATE open_write SET until = ? WHERE request = ? AND until <= ?');
const claimed = database.prepare(
  `SELECT fingerprint, request, until AS untilMs, answer FROM claim WHERE id = ?
   AND (expires > ? OR request IN (SELECT request FROM open_write))`,
);
const claimOne = database.prepare(
  'INSERT OR REPLACE INTO claim (id, fingerprint, request, until, expires) VALUES (?, ?, ?, ?, ?)',
);
const answerClaim = database.prepare('UPDATE claim SET answer = ?, expires = ? WHERE id = ? AND request = ?');
const freeClaim = database.prepare('DELETE FROM claim WHERE id = ? AND request = ?');
// A few with each new one: there are never many more than there were new ones within their time.
const forgetClaims = database.prepare(
  `DELETE FROM claim WHERE rowid IN (SELECT rowid FROM claim WHERE expires <= ? LIMIT 10)
   AND request NOT IN (SELECT request FROM open_write)`,
);

const change = ({ opens, closes, claim }: Beside) => {
  if (opens !== undefined) openOne.run(opens.request, opens.body, opens.untilMs);
  if (closes !== undefined) closeOne.run(closes);
  if (claim?.answer !== undefined) answerClaim.run(claim.answer.text, claim.answer.expiresMs, claim.id, claim.request);
  else if (claim !== undefined) freeClaim.run(claim.id, claim.request);
};

const append = (bodies: readonly string[], besides: readonly Beside[]) =>
  transaction(() => {
    for (const beside of besides) change(beside);
    // Read inside the transaction: another process may have written since.
    const newest = last.get() as { sequence: number; hash: string } | undefined;
    let sequence = newest?.sequence ?? 0;
    let chained = newest?.hash ?? '0'.repeat(64);
    for (const body of bodies) {
      chained = hash('sha256', `${chained}\n${body}`);
      insert.run(++sequence, body, chained);
    }
  });

const tryToWrite = (): void => {
  database.exec('BEGIN IMMEDIATE');
  try {
    insert.run(((last.get() as { sequence: number } | undefined)?.sequence ?? 0) + 1, '', '');
  } finally {
    if (database.isTransaction) database.exec('ROLLBACK');
  }
  // What is taken back is not written; this is, and changes nothing.
  touch();
};

/** Synced with what is appended later. What nothing follows claimed nothing. */
const claim = ({ id, fingerprint, request, untilMs }: Claim, now: number): Claimed | undefined =>
  transaction(() => {
    const { answer, ...other } = (claimed.get(id, now) ?? {}) as Partial<Claimed> & { answer?: string | null };
    if (other.request !== undefined)
      return { ...(other as Claimed), ...(typeof answer === 'string' ? { answer } : {}) };
    forgetClaims.run(now);
    claimOne.run(id, fingerprint, request, untilMs, untilMs);
    return undefined;
  }, 'later');

const cut = (through: number): number =>
  transaction(() => {
    // The chain goes on from the newest.
    const newest = (last.get() as { sequence: number } | undefined)?.sequence ?? 0;
    const upTo = Math.min(through, newest - 1);
    cutThrough.run(upTo);
    return Number(cutOlder.run(upTo).changes);
  });

const answer = (ask: Ask): unknown => {
  switch (ask.op) {
    case 'append':
      return append(ask.bodies, ask.besides ?? []);
    case 'try':
      return tryToWrite();
    case 'cut':
      return cut(ask.through);
    case 'open':
      return opened.all(null, ask.limit);
    case 'find':
      return opened.get(ask.request, 1);
    case 'take':
      return Number(take.run(ask.until, ask.request, ask.now).changes) === 1;
    case 'claim':
      return claim(ask.claim, ask.now);
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
    default:
      return count(ask);
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
