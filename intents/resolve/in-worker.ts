import { Worker } from 'node:worker_threads';

/**
 * Runs a module in a thread of its own, beside the one that serves.
 * @param task what it finds as its `workerData`
 * @param hear told each message it posts
 * @returns when it has ended well
 * @throws (rejects) the signal's reason where it was stopped; Error where it failed or died
 */
export const inWorker = <Said>(
  module: URL,
  task: object,
  hear: (said: Said) => void,
  signal?: AbortSignal,
): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const worker = new Worker(module, { workerData: task });
    const stop = () => {
      reject(signal?.reason);
      void worker.terminate();
    };
    signal?.addEventListener('abort', stop, { once: true });
    worker.on('message', hear);
    worker.once('error', reject);
    worker.once('exit', (code) => {
      signal?.removeEventListener('abort', stop);
      if (code === 0) resolve();
      else reject(new Error('the thread that learns ended before it was done'));
    });
  });
