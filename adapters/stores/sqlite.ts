import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Pending } from '../../policies/confirmations.ts';
import type { Beside, Claimed, OpenWrite, Store, StoredEntry } from '../../policies/ports.ts';
import type { Ask, Told } from './sqlite-worker.ts';

/** At most so many entries in one transaction, so that one commit stays short. */
const maxGroup = 2_000;
/** So many confirmations are looked through at most: each lives for minutes. */
const maxPending = 10_000;
/** How long an entry that nobody waits for may wait for others. A sync costs more CPU than the entries in it. */
const lingerMs = 20;

/**
 * The embedded store: node:sqlite in a worker, WAL, synchronous FULL. Entries that arrive while one commit runs share
 * the next (group commit), so a sync is paid per group, not per entry.
 * @param folder made where it is not there; holds `ostiary.db`
 * @throws Error where the file cannot be opened or was written by a newer version
 */
export const sqliteStore = async (folder: string): Promise<Store> => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), {
    workerData: { path: join(folder, 'ostiary.db') },
  });
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let fault: string | undefined;
  let nextId = 1;

  const end = (why: string) => {
    fault ??= why;
    for (const { reject } of waiting.values()) reject(new Error(why));
    waiting.clear();
  };
  const opened = new Promise<unknown>((resolve, reject) => waiting.set(0, { resolve, reject }));
  worker.on('message', ({ id, told }: { id: number; told: Told }) => {
    const asker = waiting.get(id);
    waiting.delete(id);
    if (told.ok) asker?.resolve(told.value);
    else asker?.reject(new Error(told.message));
  });
  worker.on('error', (error) => end(`the store failed: ${(error as Error).message}`));
  worker.on('exit', () => end('the store is closed'));

  const tell = <T>(ask: Ask): Promise<T> =>
    fault === undefined
      ? new Promise<T>((resolve, reject) => {
          waiting.set(nextId, { resolve: resolve as (value: unknown) => void, reject });
          worker.postMessage({ id: nextId++, ask });
        })
      : Promise.reject(new Error(fault));

  interface Queued {
    readonly body: string;
    readonly beside: Beside | undefined;
    readonly resolve: () => void;
    readonly reject: (error: Error) => void;
  }
  const queue: Queued[] = [];
  let underWay = 0;
  let lingering: NodeJS.Timeout | undefined;
  const flush = async () => {
    while (queue.length > 0) {
      const group = queue.splice(0, maxGroup);
      underWay = group.length;
      try {
        const besides = group.flatMap(({ beside }) => beside ?? []);
        await tell({
          op: 'append',
          bodies: group.map(({ body }) => body),
          ...(besides.length > 0 && { besides }),
        });
        writeFault = undefined;
        for (const { resolve } of group) resolve();
      } catch (error) {
        writeFault = (error as Error).message;
        for (const { reject } of group) reject(error as Error);
      }
    }
    underWay = 0;
  };
  const flushSoon = () => {
    clearTimeout(lingering);
    lingering = undefined;
    // What is under way goes on until the queue is empty.
    if (underWay > 0) return;
    underWay = 1;
    // Whatever else this turn of the event loop appends goes into the same group.
    setImmediate(flush);
  };
  /** The last group could not be written (a full disk); it clears when one can. */
  let writeFault: string | undefined;

  await opened;
  return {
    audit: {
      append: (body, patience = 'none', beside) =>
        new Promise((resolve, reject) => {
          queue.push({ body, beside, resolve, reject });
          if (patience === 'none' || queue.length >= maxGroup) flushSoon();
          else lingering ??= setTimeout(flushSoon, lingerMs);
        }),
      read: (after, limit) => tell<StoredEntry[]>({ op: 'read', after, limit }),
      tail: (limit) => tell<StoredEntry[]>({ op: 'tail', limit }),
      cut: (through) => tell<number>({ op: 'cut', through }),
      backlog: () => queue.length + underWay,
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
    fault: () => fault ?? writeFault,
    async close() {
      flushSoon();
      while (queue.length + underWay > 0) await new Promise((resolve) => setImmediate(resolve));
      if (fault === undefined) await tell({ op: 'close' });
      await worker.terminate();
    },
  };
};
