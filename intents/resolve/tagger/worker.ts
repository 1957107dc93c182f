import { asWorker } from '../as-worker.ts';
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

asWorker<TaggerTask, TaggerSaid>(({ lessons }, say) => {
  const vectorOf = wordVectors();
  for (const { intent, examples, values } of lessons)
    say({ intent, bytes: trainTagger(examples, { values, vectorOf }).toBytes() });
});
