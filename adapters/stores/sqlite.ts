import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Pending } from '../../policies/confirmations.ts';
import type { Claimed, OpenWrite, Store, StoredEntry } from '../../policies/ports.ts';
import { groupCommit } from './group-commit.ts';
import type { Ask, Told } from './sqlite-worker.ts';

/** So many confirmations are looked through at most: each lives for minutes. */
const maxPending = 10_000;
/**
 * The embedded store: node:sqlite in a worker, WAL, synchronous FULL; a sync is paid per group of entries.
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

  /** The last group could not be written (a full disk); it clears when one can. */
  let writeFault: string | undefined;
  const log = groupCommit(async (bodies, besides) => {
    try {
      await tell({ op: 'append', bodies, ...(besides.length > 0 && { besides }) });
      writeFault = undefined;
    } catch (error) {
      writeFault = (error as Error).message;
      throw error;
    }
  });

  await opened;
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
    fault: () => fault ?? writeFault,
    async close() {
      await log.drain();
      if (fault === undefined) await tell({ op: 'close' });
      await worker.terminate();
    },
  };
};
