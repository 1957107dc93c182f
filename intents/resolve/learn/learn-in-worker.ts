import { Worker } from 'node:worker_threads';
import type { LearnOptions } from './learn.ts';
import type { LabelledText } from './types.ts';
import type { Said, Task } from './worker.ts';

export interface InWorkerOptions extends LearnOptions {
  /** Stops the learning; what was learned so far is lost. */
  readonly signal?: AbortSignal;
  /** What was learned before, as `toBytes` wrote it: what did not change since is taken over (see `relearn`). */
  readonly before?: Uint8Array;
}

/**
 * Learns beside the thread that serves, which keeps answering with what it has.
 * @returns what `fromBytes` reads: the same bytes as `toBytes(learn(texts, options))`, or as `relearn` gives
 * @throws (rejects) the signal's reason where it was stopped; Error where learning failed or the thread died
 */
export const learnInWorker = (
  texts: readonly LabelledText[],
  { signal, onProgress, ...options }: InWorkerOptions = {},
): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const task: Task = { texts, ...options };
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: task });
    const stop = () => {
      reject(signal?.reason);
      void worker.terminate();
    };
    signal?.addEventListener('abort', stop, { once: true });
    worker.on('message', (said: Said) => {
      if ('bytes' in said) resolve(said.bytes);
      else onProgress?.(said.share);
    });
    worker.once('error', reject);
    worker.once('exit', () => {
      signal?.removeEventListener('abort', stop);
      reject(new Error('the thread that learns ended before it was done'));
    });
  });
