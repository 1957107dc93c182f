import { words } from '../text.ts';
import { hashed, offset } from './hash-index.ts';

/** Words and pairs of words, and runs of 2 to 5 letters within words, each by a hash of 32 bits. */
export interface Grams {
  readonly hashes: Int32Array;
  /** How often each occurs, at least 1. */
  readonly counts: Float32Array;
  /** Words there are. */
  readonly words: number;
}

const shortest = 2;
const longest = 5;
/** Of a longer text the beginning speaks for the rest. */
const mostWords = 256;
const longestWord = 40;

/** @param text any; what is not a word is not looked at */
export const gramsOf = (text: string): Grams => {
  const counts = new Map<number, number>();
  const found = words(text);
  if (found.length > mostWords) found.length = mostWords;
  let before = 0;
  found.forEach(({ fold }, index) => {
    const word = wordHash(fold);
    count(counts, word);
    if (index > 0) count(counts, pairHash(before, word));
    before = word;
    runs(fold, counts);
  });
  return {
    hashes: Int32Array.from(counts.keys()),
    counts: Float32Array.from(counts.values()),
    words: found.length,
  };
};

const count = (counts: Map<number, number>, hash: number): void => {
  counts.set(hash, (counts.get(hash) ?? 0) + 1);
};

export const wordHash = (fold: string): number => {
  let hash = hashed(offset, 1);
  for (let at = 0; at < fold.length; at++) hash = hashed(hash, fold.charCodeAt(at));
  return hash;
};

const pairHash = (left: number, right: number): number => hashed(hashed(hashed(offset, 2), left), right);

const runs = (fold: string, counts: Map<number, number>): void => {
  const last = Math.min(fold.length, longestWord) + 2;
  const unitAt = (at: number) => (at === 0 || at === last - 1 ? 32 : fold.charCodeAt(at - 1));
  for (let from = 0; from + shortest <= last; from++) {
    let hash = hashed(offset, 3);
    for (let at = from; at < last && at < from + longest; at++) {
      hash = hashed(hash, unitAt(at));
      if (at - from + 1 >= shortest) count(counts, hash);
    }
  }
};
