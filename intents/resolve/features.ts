import { stopwords } from './text.ts';

/** One word of a text as the classifier sees it, or a placeholder (`#number`) that stands for a value. */
export interface Term {
  readonly word: string;
  readonly isValue: boolean;
}

/** Everyday words say little, values a little more; letters inside a word together weigh as much as the word. */
const weights = { word: 1, everyday: 0.4, value: 0.6, pair: 0.8, everydayPair: 0.5, letters: 1 } as const;

/** Words and pairs of words, and runs of 3 to 5 letters within words, so that "refunding" is near "refund". */
export const featuresOf = (terms: readonly Term[]): Map<string, number> => {
  const features = new Map<string, number>();
  const add = (feature: string, weight: number) => features.set(feature, (features.get(feature) ?? 0) + weight);
  terms.forEach(({ word, isValue }, index) => {
    const everyday = stopwords.has(word);
    add(`w ${word}`, isValue ? weights.value : everyday ? weights.everyday : weights.word);
    const next = terms[index + 1];
    if (next !== undefined)
      add(`p ${word} ${next.word}`, everyday && stopwords.has(next.word) ? weights.everydayPair : weights.pair);
    if (isValue || everyday) return;
    const runs = lettersOf(word);
    for (const run of runs) add(run, weights.letters / Math.sqrt(runs.length));
  });
  return features;
};

const lettersOf = (word: string): string[] => {
  const edged = `_${word.slice(0, 40)}_`;
  const runs: string[] = [];
  for (let size = 3; size <= 5; size++)
    for (let at = 0; at + size <= edged.length; at++) runs.push(`c ${edged.slice(at, at + size)}`);
  return runs;
};
