import type { SlotSpan } from '../tagger/types.ts';

/** One text with the slots that stand in it and those that were read from it. */
export interface SlotsRead<T> {
  readonly expected: readonly T[];
  readonly read: readonly T[];
}

export interface SlotFigures {
  /** Harmonic mean of the two below, over all slots of all texts; 1 where there is nothing to read and nothing was read. */
  readonly f1: number;
  readonly precision: number;
  readonly recall: number;
  /** Share of the texts of which every slot was read and nothing else. */
  readonly exact: number;
  readonly slots: readonly { readonly slot: string; readonly count: number; readonly f1: number }[];
}

interface Counts {
  expected: number;
  read: number;
  right: number;
}

/** What must be the same for a slot to count as read, where spans are compared. */
export const sameSpan = ({ slot, start, end }: SlotSpan): string => `${start} ${end} ${slot}`;

/**
 * Counts over all slots of all texts.
 * @param key what must be the same for a slot to count as read: its place in the words, or its value
 * Source: the CoNLL-2000 evaluation, by whole chunks.
 */
export const slotFigures = <T extends { readonly slot: string }>(
  texts: readonly SlotsRead<T>[],
  key: (one: T) => string,
): SlotFigures => {
  const bySlot = new Map<string, Counts>();
  const of = (slot: string): Counts => {
    const found = bySlot.get(slot) ?? { expected: 0, read: 0, right: 0 };
    bySlot.set(slot, found);
    return found;
  };
  let exact = 0;
  for (const { expected, read } of texts) {
    const left = new Set(expected.map(key));
    for (const { slot } of expected) of(slot).expected++;
    let right = 0;
    for (const span of read) {
      of(span.slot).read++;
      if (!left.delete(key(span))) continue;
      of(span.slot).right++;
      right++;
    }
    if (right === expected.length && right === read.length) exact++;
  }
  const sum = [...bySlot.values()].reduce(
    (all, { expected, read, right }) => ({
      expected: all.expected + expected,
      read: all.read + read,
      right: all.right + right,
    }),
    { expected: 0, read: 0, right: 0 },
  );
  return {
    ...ratios(sum),
    exact: texts.length === 0 ? 1 : exact / texts.length,
    slots: [...bySlot]
      .map(([slot, counts]) => ({ slot, count: counts.expected, f1: ratios(counts).f1 }))
      .sort((a, b) => a.f1 - b.f1 || (a.slot < b.slot ? -1 : 1)),
  };
};

const ratios = ({ expected, read, right }: Counts) => ({
  f1: expected + read === 0 ? 1 : (2 * right) / (expected + read),
  precision: read === 0 ? 1 : right / read,
  recall: expected === 0 ? 1 : right / expected,
});
