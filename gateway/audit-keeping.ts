import { type AuditKey, type Head, type Heads, signStatement, statementIn } from '../policies/audit/signing.ts';
import type { AuditStore, StoredEntry } from '../policies/ports.ts';

/** So many entries, or so long after the last signature, the newest are signed. */
const signEvery = 1_000;
const signEveryMs = 60_000;
/** In which the newest entry of each writer that is at work is found. */
const recent = 100;

/** @returns what signs the newest entries where it is time to; `now` asks it to, if there is anything that is not signed */
export const signNewest = (key: AuditKey, now: () => number): ((audit: AuditStore, due: boolean) => Promise<void>) => {
  let signed: { readonly sequence: number; readonly atMs: number } | undefined;
  return async (audit, due) => {
    const newest = await audit.tail(recent);
    const last = newest.at(-1);
    if (last === undefined) return;
    // After a start everything is taken for signed until something new comes.
    signed ??= { sequence: statementIn(last.body) === undefined ? last.sequence - 1 : last.sequence, atMs: now() };
    const more = last.sequence - signed.sequence;
    // A clock that went back does not make it wait until it is there again.
    const long = Math.abs(now() - signed.atMs) >= signEveryMs;
    if (more <= 0 || !(due || more >= signEvery || long)) return;
    await audit.append(signStatement('checkpoint', new Date(now()), headsOf(newest), key));
    // The statement is an entry as well.
    signed = { sequence: last.sequence + 1, atMs: now() };
  };
};

/** So many are read at once, and at most so many pages in one go. */
const pageSize = 1_000;
const maxPages = 100;

/**
 * Takes away the entries from before a time. What they were is signed first, so that the rest of the log still holds.
 * @returns how many were taken away
 */
export const cutBefore = async (
  audit: AuditStore,
  beforeMs: number,
  key: AuditKey,
  now: () => number,
): Promise<number> => {
  let heads: Record<string, Head> = {};
  let through = 0;
  scan: for (let pages = 0; pages < maxPages; pages++) {
    const page = await audit.read(through, pageSize);
    for (const entry of page) {
      if (!(timeOf(entry) < beforeMs)) break scan;
      // What an earlier cut took away is where the chains of quiet writers still begin.
      const statement = statementIn(entry.body);
      if (statement?.kind === 'cut') heads = { ...statement.heads, ...heads };
      heads[entry.writer ?? ''] = { sequence: entry.sequence, hash: entry.hash };
      through = entry.sequence;
    }
    if (page.length < pageSize) break;
  }
  if (through === 0) return 0;
  await audit.append(signStatement('cut', new Date(now()), heads, key));
  return audit.cut(through);
};

const headsOf = (entries: readonly StoredEntry[]): Heads =>
  Object.fromEntries(entries.map(({ writer = '', sequence, hash }) => [writer, { sequence, hash }]));

const timeOf = ({ body }: StoredEntry): number => Date.parse(String((JSON.parse(body) as { at?: unknown }).at));
