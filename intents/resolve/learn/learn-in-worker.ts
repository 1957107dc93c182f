import { inWorker } from '../in-worker.ts';
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
 * Learns beside the process that serves, which keeps answering with what it has.
 * @returns what `fromBytes` reads: the same bytes as `toBytes(learn(texts, options))`, or as `relearn` gives
 * @throws (rejects) the signal's reason where it was stopped; Error where learning failed or that process died
 */
export const learnInWorker = async (
  texts: readonly LabelledText[],
  { signal, onProgress, ...options }: InWorkerOptions = {},
): Promise<Uint8Array> => {
  const task: Task = { texts, ...options };
  let bytes: Uint8Array | undefined;
  const hear = (said: Said) => {
    if ('bytes' in said) bytes = said.bytes;
    else onProgress?.(said.share);
  };
  await inWorker(new URL('./worker.ts', import.meta.url), task, hear, signal);
  if (bytes === undefined) throw new Error('the process that learns ended before it was done');
  return bytes;
};
