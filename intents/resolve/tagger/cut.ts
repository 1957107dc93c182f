import { hashText } from './hash.ts';
import type { Cut } from './knowledge.ts';
import { tokensOf } from './tokens.ts';
import type { SlotSpan, TypedSpan } from './types.ts';

/** Cuts a text up; spans that begin or end inside a token, or overlap one before them, are left out. */
export const cutOf = (
  text: string,
  spans: readonly SlotSpan[],
  labelOf: ReadonlyMap<string, number>,
  typed: readonly TypedSpan[],
): Cut => {
  const tokens = tokensOf(text);
  const begins = new Map(tokens.map(({ start }, index) => [start, index]));
  const ends = new Map(tokens.map(({ end }, index) => [end, index + 1]));
  const segments: { from: number; to: number; label: number }[] = [];
  for (const { start, end, slot } of spans.toSorted((a, b) => a.start - b.start)) {
    const [from, to, label] = [begins.get(start), ends.get(end), labelOf.get(slot)];
    if (from === undefined || to === undefined || label === undefined || to <= from) continue;
    if (from < (segments.at(-1)?.to ?? 0)) continue;
    segments.push({ from, to, label });
  }
  const seen = typed.flatMap(({ start, end, type }) => {
    const [from, to] = [begins.get(start), ends.get(end)];
    return from === undefined || to === undefined || to <= from ? [] : [{ from, to, type: hashText(type) }];
  });
  return { tokens, hashes: Int32Array.from(tokens, ({ fold }) => hashText(fold)), segments, typed: seen };
};
