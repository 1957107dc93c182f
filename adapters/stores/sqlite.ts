import type { Pending } from '../../policies/confirmations.ts';
import type { Claimed, OpenWrite, Store, StoredEntry } from '../../policies/ports.ts';
import { groupCommit } from './group-commit.ts';
import { connectSqlite, type SqliteConnection } from './sqlite-connection.ts';

/** So many confirmations are looked through at most: each lives for minutes. */
const maxPending = 10_000;
/** While nothing can be written, it is tried so often whether something can. */
const tryAgainMs = 1_000;

/**
 * The embedded store by itself, for whoever reads or writes the log alone.
 * @throws Error where the file cannot be opened or was written by a newer version
 */
export const sqliteStore = async (folder: string): Promise<Store> => sqliteStoreOn(await connectSqlite(folder));

/**
 * The embedded store; a sync is paid per group of entries.
 * @param connection closed with the store
 */
export const sqliteStoreOn = (connection: SqliteConnection): Store => {
  const { tell } = connection;
  /** The last group could not be written (a full disk). It clears when one can: nobody has to send a request for that. */
  let writeFault: string | undefined;
  let trying = false;
  const failed = (why: string) => {
    writeFault = why;
    if (trying) return;
    trying = true;
    setTimeout(() => {
      trying = false;
      if (writeFault !== undefined && connection.fault() === undefined)
        tell({ op: 'try' }).then(wrote, (error: Error) => failed(error.message));
    }, tryAgainMs).unref();
  };
  const wrote = () => {
    writeFault = undefined;
  };
  const log = groupCommit(async (bodies, besides) => {
    try {
      await tell({ op: 'append', bodies, ...(besides.length > 0 && { besides }) });
      wrote();
    } catch (error) {
      failed((error as Error).message);
      throw error;
    }
  });

  return {
    audit: {
      append: log.append,
      read: (after, limit) => tell<StoredEntry[]>({ op: 'read', after, limit }),
      tail: (limit) => tell<StoredEntry[]>({ op: 'tail', limit }),
      cut: (through) => tell<number>({ op: 'cut', through }),
      backlog: log.backlog,
    },
    confirmations: {
      put: (pending) =>
        tell({ op: 'put', id: pending.id, body: JSON.stringify(pending), expiresAt: Date.parse(pending.expiresAt) }),
      get: async (id) => {
        const body = await tell<string | undefined>({ op: 'get', id });
        return body === undefined ? undefined : (JSON.parse(body) as Pending);
      },
      pending: async (tenant, nowMs, limit) => {
        const bodies = await tell<string[]>({ op: 'pending', now: nowMs, limit: maxPending });
        return bodies
          .map((body) => JSON.parse(body) as Pending)
          .filter((one) => one.tenant === tenant)
          .slice(0, limit);
      },
      // JSON of what was parsed is again what was stored: members keep their order.
      replace: (before, after) =>
        tell<boolean>({ op: 'replace', id: before.id, before: JSON.stringify(before), after: JSON.stringify(after) }),
      consume: (id) => tell<boolean>({ op: 'consume', id }),
    },
    writes: {
      open: (limit) => tell<OpenWrite[]>({ op: 'open', limit }),
      find: (request) => tell<OpenWrite | undefined>({ op: 'find', request }),
      take: (request, now, until) => tell<boolean>({ op: 'take', request, now, until }),
    },
    claims: { claim: (claim, now) => tell<Claimed | undefined>({ op: 'claim', claim, now }) },
    fault: () => connection.fault() ?? writeFault,
    async close() {
      await log.drain();
      await connection.close();
    },
  };
};
