import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Intent } from '../intents/contract.ts';
import type { JsonSchema } from '../intents/json.ts';
import { newestMajors } from '../intents/resolve/newest.ts';
import { hashOfLesson, type Lesson, lessonOf, needsTagger } from '../intents/resolve/tagger/lesson.ts';
import { readTagger } from '../intents/resolve/tagger/tagger.ts';
import { trainInWorker } from '../intents/resolve/tagger/train-in-worker.ts';
import type { Tagger } from '../intents/resolve/tagger/types.ts';
import { wordVectors } from '../intents/resolve/tagger/word-vectors.ts';
import { keepFile } from './kept-files.ts';
import type { Keeping } from './kept-learning.ts';

/** Taggers by the id of their intent, each with what it was learned from. */
export type Taggers = ReadonlyMap<string, { readonly hash: string; readonly tagger: Tagger }>;

/** Each takes about a tenth of a second to learn and a tenth of a megabyte to hold. */
const mostTaggers = 200;
const keptFiles = 2 * mostTaggers;

/**
 * A tagger for each intent that has free text to read and enough annotated examples. What was learned from the same
 * examples before is taken up, from what serves now or from disk; the rest is learned in a thread of its own and kept.
 * @param before what serves now, on a reload
 * Where learning fails, its intents go without: their free text is found by the words around it alone.
 */
export const keptTaggers = async (
  intents: readonly Intent[],
  resolveRef: (schema: JsonSchema) => JsonSchema,
  keeping: Pick<Keeping, 'folder' | 'say'> | undefined,
  before: Taggers = new Map(),
): Promise<Taggers> => {
  const all = newestMajors(intents).flatMap((intent) =>
    needsTagger(intent, resolveRef) ? (lessonOf(intent, resolveRef) ?? []) : [],
  );
  const lessons = all.slice(0, mostTaggers);
  if (all.length > lessons.length)
    keeping?.say('warn', 'some intents go without a tagger', {
      taggers: mostTaggers,
      without: all.length - mostTaggers,
    });
  if (lessons.length === 0) return new Map();

  const hashes = new Map(lessons.map((lesson) => [lesson.intent, hashOfLesson(lesson)]));
  const hashOf = (intent: string) => hashes.get(intent) ?? '';
  const found = new Map<string, { hash: string; tagger: Tagger }>();
  const open: Lesson[] = [];
  for (const lesson of lessons) {
    const { intent } = lesson;
    const hash = hashOf(intent);
    const serving = before.get(intent);
    const known = serving?.hash === hash ? serving.tagger : await stored(keeping?.folder, hash);
    if (known === undefined) open.push(lesson);
    else found.set(intent, { hash, tagger: known });
  }
  if (open.length === 0) return found;

  const start = performance.now();
  const fresh: { readonly file: string; readonly bytes: Uint8Array }[] = [];
  await trainInWorker(open, ({ intent, bytes }) => {
    const hash = hashOf(intent);
    found.set(intent, { hash, tagger: readTagger(bytes, { vectorOf: wordVectors() }) });
    fresh.push({ file: fileOf(hash), bytes });
  }).catch((error: unknown) => keeping?.say('warn', 'taggers cannot be learned', { cause: (error as Error).message }));
  if (keeping === undefined || fresh.length === 0) return found;
  const { folder, say } = keeping;
  say('info', 'learned to read free text', { intents: fresh.length, ms: Math.round(performance.now() - start) });
  try {
    for (const { file, bytes } of fresh) await keepFile(folder, file, bytes, keptFiles);
  } catch (error) {
    say('warn', 'what was learned cannot be kept', { folder, cause: (error as Error).message });
  }
  return found;
};

const fileOf = (hash: string): string => `${hash}.tagger`;

/** @returns undefined where there is none, or what there is cannot be read: then it is learned anew */
const stored = async (folder: string | undefined, hash: string): Promise<Tagger | undefined> => {
  if (folder === undefined) return undefined;
  try {
    return readTagger(await readFile(join(folder, fileOf(hash))), { vectorOf: wordVectors() });
  } catch {
    return undefined;
  }
};
