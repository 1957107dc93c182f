import type { Example } from '../../contract.ts';
import { type Span, stopwords, type Word, words } from '../text.ts';
import type { Cut, Found } from './utterance.ts';

/** Stands among neighbours for the value of another slot. */
const someValue = '#';

/** The literal words around one annotated value; '' stands for the border of the text, '#' for another value. */
export interface Neighbours {
  /** Nearest last. */
  readonly left: readonly string[];
  /** Nearest first. */
  readonly right: readonly string[];
  /** The example writes the value in quotation marks: without them nothing is free text here. */
  readonly quoted: boolean;
}

/** How the examples surround the values of one slot. */
export const neighboursOf = (slot: string, examples: readonly Example[]): Neighbours[] =>
  examples.flatMap(({ text, annotations }) =>
    annotations
      .filter((annotation) => annotation.slot === slot)
      .map((own) => {
        const isValue = (word: Span) => annotations.some((other) => other !== own && inside(word, other));
        const literal = words(text).filter((word) => !inside(word, own));
        const around = literal
          .map((word) => ({ ...word, fold: isValue(word) ? someValue : word.fold }))
          .filter((word, index, all) => word.fold !== someValue || all[index - 1]?.fold !== someValue);
        const left = around.filter(({ end }) => end <= own.start).map(({ fold }) => fold);
        const right = around.filter(({ start }) => start >= own.end).map(({ fold }) => fold);
        return {
          left: left.length === 0 ? [''] : left.slice(-2),
          right: right.length === 0 ? [''] : right.slice(0, 1),
          quoted: /["'“«„]/u.test(text.charAt(own.start - 1)),
        };
      }),
  );

const inside = (word: Span, span: Span) => word.start >= span.start && word.end <= span.end;
const longestWords = 8;

/**
 * Finds free text by the words that stand around the slot in the examples: from the left ones to the right ones, the next
 * punctuation or the end. An everyday left word ("for") counts only together with the word before it or a right one.
 * @param taken spans of values that are surely something else; free text ends where one begins
 */
export const findPhrases = (
  neighbours: readonly Neighbours[],
  { text, plain, words: all }: Cut,
  taken: readonly Span[],
): Found[] =>
  neighbours.flatMap(({ left, right, quoted }) => {
    const found: Found[] = [];
    if (quoted) return found;
    for (let at = 0; at < all.length; at++) {
      const strength = leftStrength(left, all, at, taken);
      if (strength === 0) continue;
      const last = lastWord(right[0] ?? '', all, at, plain, taken);
      if (last === undefined) continue;
      const closed = right[0] !== '' && isNeighbour(right[0] ?? '', all[last.index + 1], taken);
      if (strength === 1 && !closed) continue;
      const [start, end] = [all[at]?.start ?? 0, last.end];
      found.push({ value: text.slice(start, end), start, end, grade: closed ? 2 : 1.5 });
    }
    return found;
  });

/** 0: does not match; 1: one everyday word matches; 2: enough. */
const leftStrength = (left: readonly string[], all: readonly Word[], at: number, taken: readonly Span[]): 0 | 1 | 2 => {
  const near = left.at(-1) ?? '';
  if (near === '') return at === 0 ? 1 : 0;
  if (!isNeighbour(near, all[at - 1], taken)) return 0;
  const both = left.length === 1 ? at === 1 : isNeighbour(left[0] ?? '', all[at - 2], taken);
  return both || !(stopwords.has(near) || near === someValue) ? 2 : 1;
};

const isNeighbour = (neighbour: string, word: Word | undefined, taken: readonly Span[]): boolean =>
  word !== undefined && (neighbour === someValue ? taken.some((span) => inside(word, span)) : word.fold === neighbour);

const leadsOn = new Set('under over below above less more than at around before after since until costing'.split(' '));

const lastWord = (right: string, all: readonly Word[], from: number, plain: string, taken: readonly Span[]) => {
  let last: { index: number; end: number } | undefined;
  for (let index = from; index < Math.min(all.length, from + longestWords); index++) {
    const word = all[index];
    if (word === undefined) break;
    if (taken.some((span) => word.start < span.end && span.start < word.end)) {
      // "lamps under" before "30 euros": words that lead on to the next value are no part of this one.
      while (last !== undefined && isLeading(all[last.index]?.fold ?? '')) {
        const shorter: number = last.index - 1;
        last = shorter < from ? undefined : { index: shorter, end: all[shorter]?.end ?? 0 };
      }
      break;
    }
    if (index > from && (word.fold === right || /[,.;:!?\n"]/.test(plain.slice(all[index - 1]?.end, word.start))))
      break;
    last = { index, end: word.end };
  }
  return last;
};

const isLeading = (word: string): boolean => leadsOn.has(word) || stopwords.has(word);

/** Finds what is written after a slot's own name and a colon or an equals sign, up to the next punctuation. */
export const findNamed = (names: ReadonlySet<string>, { text, plain, words: all }: Cut): Found[] =>
  all.flatMap((word) => {
    const rest = names.has(word.fold) ? /^\s*[:=]\s*"?([^,;\n"]{1,200})/.exec(plain.slice(word.end)) : null;
    const written = rest?.[1]?.trimEnd() ?? '';
    if (rest === null || written === '') return [];
    const start = word.end + rest[0].length - (rest[1]?.length ?? 0);
    return [{ value: text.slice(start, start + written.length), start, end: start + written.length, grade: 3.5 }];
  });
