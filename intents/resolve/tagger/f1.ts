import type { SlotSpan } from './types.ts';

export interface SlotScore {
  readonly gold: number;
  readonly found: number;
  readonly right: number;
  readonly precision: number;
  readonly recall: number;
  /** Harmonic mean of the two; 1 where there was nothing to find and nothing was found. */
  readonly f1: number;
  /** Share of the texts in which all spans are right and none is too many. */
  readonly exactFrame: number;
}

/**
 * Compares spans as CoNLL-2000's conlleval does: right is what has the same start, end and slot; counts are pooled over all texts.
 * @param gold one list of spans a text
 * @param found in the same order
 */
export const slotF1 = (gold: readonly (readonly SlotSpan[])[], found: readonly (readonly SlotSpan[])[]): SlotScore => {
  let [wanted, given, right, frames] = [0, 0, 0, 0];
  const texts = Math.max(gold.length, found.length);
  for (let at = 0; at < texts; at++) {
    const expected = new Set((gold[at] ?? []).map(key));
    const got = new Set((found[at] ?? []).map(key));
    const hits = expected.intersection(got).size;
    wanted += expected.size;
    given += got.size;
    right += hits;
    if (hits === expected.size && hits === got.size) frames++;
  }
  const precision = given === 0 ? (wanted === 0 ? 1 : 0) : right / given;
  const recall = wanted === 0 ? (given === 0 ? 1 : 0) : right / wanted;
  const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  return { gold: wanted, found: given, right, precision, recall, f1, exactFrame: texts === 0 ? 1 : frames / texts };
};

const key = ({ start, end, slot }: SlotSpan): string => `${start} ${end} ${slot}`;
