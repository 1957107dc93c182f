import { LRUCache } from 'lru-cache';
import { words } from './text.ts';

/** Of an intent with thousands of examples the first are enough to find two that help. */
const mostCompared = 500;
/** Some 200 bytes each. */
const mostKept = 20_000;

/** The examples that share most with a text, nearest first; of equals the one that stands first. */
export const nearestExamples = (examples: readonly string[], text: string, count: number): string[] => {
  const wanted = gramsOf(text);
  return examples
    .slice(0, mostCompared)
    .map((example) => ({ example, likeness: dice(wanted, gramsOf(example)) }))
    .sort((one, other) => other.likeness - one.likeness)
    .slice(0, count)
    .map(({ example }) => example);
};

/** Examples are compared with every text that a model is asked about. */
const kept = new LRUCache<string, Int32Array>({ max: mostKept });
const longestKept = 500;

const gramsOf = (text: string): Int32Array => {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const grams = cut(text);
  if (text.length <= longestKept) kept.set(text, grams);
  return grams;
};

/** Words, and three letters at a time of each, so that "refunding" is near "refund": their hashes, each once, rising. */
const cut = (text: string): Int32Array => {
  const grams = new Set<number>();
  for (const { fold } of words(text)) {
    grams.add(hash(`${fold} `, 0, fold.length + 1));
    for (let at = 0; at + 3 <= fold.length; at++) grams.add(hash(fold, at, at + 3));
  }
  return Int32Array.from(grams).sort();
};

/** FNV-1a over code units. */
const hash = (text: string, from: number, to: number): number => {
  let value = 0x811c9dc5;
  for (let at = from; at < to; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value | 0;
};

const dice = (one: Int32Array, other: Int32Array): number => {
  let [at, beside, shared] = [0, 0, 0];
  while (at < one.length && beside < other.length) {
    const ahead = (one[at] as number) - (other[beside] as number);
    if (ahead === 0) shared++;
    if (ahead <= 0) at++;
    if (ahead >= 0) beside++;
  }
  return shared === 0 ? 0 : (2 * shared) / (one.length + other.length);
};
