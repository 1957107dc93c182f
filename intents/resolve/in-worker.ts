import { fork } from 'node:child_process';
import { once } from 'node:events';
import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import type { Told } from './as-worker.ts';

/**
 * Runs a module in a process of its own, beside the one that serves: what learning took is given back whole when it ends,
 * which neither V8 nor the system's allocator does for a thread.
 * @param module calls `asWorker`
 * @param task what it is handed; it and what is said may hold typed arrays
 * @param hear told each thing it says
 * @returns when it has ended well
 * @throws (rejects) the signal's reason where it was stopped; Error where it failed or died
 */
export const inWorker = async <Said>(
  module: URL,
  task: object,
  hear: (said: Said) => void,
  signal?: AbortSignal,
): Promise<void> => {
  signal?.throwIfAborted();
  const compiled = getCompileCacheDir();
  const child = fork(module, {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...(compiled !== undefined && { NODE_COMPILE_CACHE: dirname(compiled) }), ...process.env },
  });
  const stop = () => child.kill('SIGKILL');
  process.once('exit', stop);
  signal?.addEventListener('abort', stop, { once: true });
  let failed: string | undefined;
  child.on('message', (told: Told<Said>) => {
    if ('said' in told) hear(told.said);
    else failed = told.failed;
  });
  try {
    // What it said last may still be on its way when it has ended.
    const ended = Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
    child.send(task, (error) => error && stop());
    const [[code]] = await ended;
    signal?.throwIfAborted();
    if (failed !== undefined) throw new Error(failed);
    if (code !== 0) throw new Error('the process that learns ended before it was done');
  } finally {
    process.removeListener('exit', stop);
    signal?.removeEventListener('abort', stop);
  }
};
