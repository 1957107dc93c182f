import { inWorker } from '../in-worker.ts';
import type { Lesson } from './lesson.ts';
import type { TaggerSaid, TaggerTask } from './worker.ts';

/**
 * Learns one tagger a lesson beside the process that serves; what is learned is the same as here.
 * @param learned told of each, in the order of the lessons: bytes that `readTagger` reads with `wordVectors()`
 * @throws (rejects) the signal's reason where it was stopped; Error where that process died. What was told stands.
 */
export const trainInWorker = (
  lessons: readonly Lesson[],
  learned: (said: TaggerSaid) => void,
  signal?: AbortSignal,
): Promise<void> =>
  inWorker<TaggerSaid>(new URL('./worker.ts', import.meta.url), { lessons } satisfies TaggerTask, learned, signal);
