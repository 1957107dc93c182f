import { exactKey } from '../known-example.ts';
import { type Confusion, confusions } from './confusion.ts';
import type { Judged } from './judged.ts';

/** Two labels that are taken for one another, with some of the texts. */
export interface ConfusedPair {
  readonly labels: readonly [string, string];
  /** How many texts of either were taken for the other. */
  readonly count: number;
  /** Of the texts of both. */
  readonly share: number;
  readonly texts: readonly { readonly text: string; readonly expected: string; readonly answer: string }[];
}

/** A text that looks as if it stood under the wrong label. */
export interface Suspect {
  readonly text: string;
  readonly label: string;
  readonly looksLike: string;
  /** In `looksLike`, by what was learned from all the other texts. */
  readonly confidence: number;
}

/** The same words under several labels. */
export interface Contradiction {
  readonly text: string;
  readonly labels: readonly string[];
}

/** @param held texts judged by what was learned without them */
export const confusedPairs = (held: readonly Judged[], limit: number): ConfusedPair[] => {
  const best = held.map(({ text, expected, candidates }) => ({ text, expected, answer: candidates[0]?.label ?? null }));
  const pairs = new Map<string, Confusion[]>();
  for (const one of confusions(best)) {
    if (one.expected === null || one.answer === null) continue;
    const key = JSON.stringify([one.expected, one.answer].sort());
    pairs.set(key, [...(pairs.get(key) ?? []), one]);
  }
  return [...pairs]
    .map(([key, both]): ConfusedPair => {
      const labels = JSON.parse(key) as [string, string];
      const count = both.reduce((sum, one) => sum + one.count, 0);
      const texts = best.filter(
        ({ expected, answer }) =>
          expected !== answer && labels.includes(expected as string) && labels.includes(answer as string),
      ) as ConfusedPair['texts'][number][];
      const all = held.filter(({ expected }) => labels.includes(expected as string)).length;
      return { labels, count, share: count / all, texts: texts.slice(0, 3) };
    })
    .filter(({ count }) => count > 1)
    .sort((a, b) => b.count - a.count || b.share - a.share || (a.labels[0] < b.labels[0] ? -1 : 1))
    .slice(0, limit);
};

/**
 * @param held texts judged by what was learned without them
 * @param sure from which confidence on a disagreement is one
 */
export const suspects = (held: readonly Judged[], sure: number, limit: number): Suspect[] =>
  held
    .flatMap(({ text, expected, candidates: [best] }): Suspect[] =>
      expected === null || best === undefined || best.label === expected || best.confidence < sure
        ? []
        : [{ text, label: expected, looksLike: best.label, confidence: best.confidence }],
    )
    .sort((a, b) => b.confidence - a.confidence || (a.text < b.text ? -1 : 1))
    .slice(0, limit);

/** Texts that are the same to the resolver (but for case, spaces and the mark at the end) under more than one label. */
export const contradictions = (
  texts: readonly { readonly text: string; readonly label: string }[],
): Contradiction[] => {
  const seen = new Map<string, { text: string; labels: Set<string> }>();
  for (const { text, label } of texts) {
    const key = exactKey(text);
    const found = seen.get(key) ?? { text, labels: new Set<string>() };
    found.labels.add(label);
    seen.set(key, found);
  }
  return [...seen.values()]
    .filter(({ labels }) => labels.size > 1)
    .map(({ text, labels }) => ({ text, labels: [...labels].sort() }));
};
