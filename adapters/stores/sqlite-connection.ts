import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import type { Ask, Told } from './sqlite-worker.ts';

export interface SqliteConnection {
  /** Asks the store's thread; answered in order. @throws Error (rejects) where it failed, or the store is closed */
  tell<T>(ask: Ask): Promise<T>;
  /** Reads what is committed, here and at once: it never waits for a sync. For rows by an index alone. */
  readonly reader: DatabaseSync;
  /** Why nothing can be asked of it, or undefined. */
  fault(): string | undefined;
  close(): Promise<void>;
}

/**
 * node:sqlite in a worker, WAL, synchronous FULL.
 * @param folder made where it is not there; holds `ostiary.db`
 * @throws Error where the file cannot be opened or was written by a newer version
 */
export const connectSqlite = async (folder: string): Promise<SqliteConnection> => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'ostiary.db');
  const worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), { workerData: { path } });
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
  await opened;
  const reader = new DatabaseSync(path, { readOnly: true });
  reader.exec('PRAGMA busy_timeout = 1000');

  const tell = <T>(ask: Ask): Promise<T> =>
    fault === undefined
      ? new Promise<T>((resolve, reject) => {
          waiting.set(nextId, { resolve: resolve as (value: unknown) => void, reject });
          worker.postMessage({ id: nextId++, ask });
        })
      : Promise.reject(new Error(fault));
  return {
    tell,
    reader,
    fault: () => fault,
    async close() {
      if (reader.isOpen) reader.close();
      if (fault === undefined) await tell({ op: 'close' });
      await worker.terminate();
    },
  };
};
