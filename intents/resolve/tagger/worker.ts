import { parentPort, workerData } from 'node:worker_threads';
import type { Lesson } from './lesson.ts';
import { trainTagger } from './tagger.ts';
import { wordVectors } from './word-vectors.ts';

/** What a worker is handed. */
export interface TaggerTask {
  readonly lessons: readonly Lesson[];
}
/** What it says of each lesson, in their order. */
export interface TaggerSaid {
  readonly intent: string;
  readonly bytes: Uint8Array;
}

const vectorOf = wordVectors();
for (const { intent, examples, values } of (workerData as TaggerTask).lessons) {
  const bytes = trainTagger(examples, { values, vectorOf }).toBytes();
  parentPort?.postMessage({ intent, bytes } satisfies TaggerSaid, [bytes.buffer as ArrayBuffer]);
}
