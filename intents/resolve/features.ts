import { hashed, offset } from './learn/hash-index.ts';
import { stopwords } from './text.ts';

/** One word of a text as the classifier sees it, or a placeholder (`#number`) that stands for a value. */
export interface Term {
  readonly word: string;
  readonly isValue: boolean;
}

/** Everyday words say little, values a little more; letters inside a word together weigh as much as the word. */
const weights = { word: 1, everyday: 0.4, value: 0.6, pair: 0.8, everydayPair: 0.5, letters: 1 } as const;

/**
 * Words and pairs of words, and runs of 3 to 5 letters within words, so that "refunding" is near "refund".
 * @returns hash of each -> how much it counts
 */
export const featuresOf = (terms: readonly Term[]): Map<number, number> => {
  const features = new Map<number, number>();
  const add = (feature: number, weight: number) => features.set(feature, (features.get(feature) ?? 0) + weight);
  terms.forEach(({ word, isValue }, index) => {
    const everyday = stopwords.has(word);
    add(spelled(hashed(offset, 1), word), isValue ? weights.value : everyday ? weights.everyday : weights.word);
    const next = terms[index + 1];
    if (next !== undefined)
      add(
        spelled(hashed(spelled(hashed(offset, 2), word), 32), next.word),
        everyday && stopwords.has(next.word) ? weights.everydayPair : weights.pair,
      );
    if (!isValue && !everyday) addLetters(word, add);
  });
  return features;
};

const spelled = (hash: number, word: string): number => {
  let longer = hash;
  for (let at = 0; at < word.length; at++) longer = hashed(longer, word.charCodeAt(at));
  return longer;
};

const [shortest, longest] = [3, 5];
const edge = 95;

const addLetters = (word: string, add: (feature: number, weight: number) => void): void => {
  const length = Math.min(40, word.length) + 2;
  let runs = 0;
  for (let size = shortest; size <= longest; size++) runs += Math.max(0, length - size + 1);
  const weight = weights.letters / Math.sqrt(runs);
  for (let from = 0; from + shortest <= length; from++) {
    let hash = hashed(offset, 3);
    for (let at = from; at < Math.min(length, from + longest); at++) {
      hash = hashed(hash, at === 0 || at === length - 1 ? edge : word.charCodeAt(at - 1));
      if (at - from + 1 >= shortest) add(hash, weight);
    }
  }
};
