import { nameWords } from '../text.ts';
import { hashText, join } from './hash.ts';
import { type Token, tokensOf } from './tokens.ts';

/** A text cut up, with its slots as runs of tokens. `label` counts from 1. */
export interface Cut {
  readonly tokens: readonly Token[];
  readonly hashes: Int32Array;
  readonly segments: readonly { readonly from: number; readonly to: number; readonly label: number }[];
  readonly typed: readonly { readonly from: number; readonly to: number; readonly type: number }[];
}

/** How often something was seen with each label; label 0 is "outside", or "no slot begins or ends here". */
export type Counts = Map<number, Float32Array>;

/** What the examples say about words, neighbours and whole values. Each can be asked without what one example says itself. */
export interface Knowledge {
  readonly words: Counts;
  /** By the one and by the two words on the left of a place: which slots begin there. */
  readonly left: Counts;
  /** By the one and by the two words on the right of a place: which slots end there. */
  readonly right: Counts;
  readonly values: Counts;
  readonly types: Counts;
}

/** Known values of the slots, and the slots' own names. */
export interface Lists {
  /** Whole values, by `valueKey`: one bit a label. */
  readonly whole: ReadonlyMap<string, readonly number[]>;
  /** Words of values. */
  readonly parts: ReadonlyMap<number, readonly number[]>;
  readonly names: ReadonlyMap<number, readonly number[]>;
  readonly longest: number;
}

const edge = hashText('\u0000edge');
const two = hashText('\u0000two');

export const hashAt = (hashes: Int32Array, at: number): number =>
  at >= 0 && at < hashes.length ? (hashes[at] as number) : edge;
export const leftTwo = (hashes: Int32Array, gap: number): number =>
  join(two, join(hashAt(hashes, gap - 2), hashAt(hashes, gap - 1)));
export const rightTwo = (hashes: Int32Array, gap: number): number =>
  join(two, join(hashAt(hashes, gap + 1), hashAt(hashes, gap)));
export const runHash = (hashes: Int32Array, from: number, to: number): number => {
  let hash = 1;
  for (let at = from; at < to; at++) hash = join(hash, hashAt(hashes, at));
  return hash;
};

export const knowledgeOf = (cuts: readonly Cut[], labels: number): Knowledge => {
  const known: Knowledge = { words: new Map(), left: new Map(), right: new Map(), values: new Map(), types: new Map() };
  const count = (counts: Counts, key: number, label: number) => {
    const row = counts.get(key) ?? new Float32Array(labels);
    counts.set(key, row);
    row[label] = (row[label] as number) + 1;
  };
  for (const { tokens, hashes, segments, typed } of cuts) {
    const [inside, begins, ends] = [0, 1, 2].map(() => new Int32Array(tokens.length + 1)) as [
      Int32Array,
      Int32Array,
      Int32Array,
    ];
    for (const { from, to, label } of segments) {
      inside.fill(label, from, to);
      begins[from] = label;
      ends[to] = label;
      count(known.values, runHash(hashes, from, to), label);
    }
    for (let at = 0; at < tokens.length; at++) count(known.words, hashAt(hashes, at), inside[at] as number);
    for (let gap = 0; gap < tokens.length; gap++) {
      count(known.left, hashAt(hashes, gap - 1), begins[gap] as number);
      count(known.left, leftTwo(hashes, gap), begins[gap] as number);
    }
    for (let gap = 1; gap <= tokens.length; gap++) {
      count(known.right, hashAt(hashes, gap), ends[gap] as number);
      count(known.right, rightTwo(hashes, gap), ends[gap] as number);
    }
    for (const span of typed) {
      const exact = segments.find(({ from, to }) => from === span.from && to === span.to);
      count(known.types, span.type, exact?.label ?? 0);
    }
  }
  return known;
};

/** The form in which listed values are compared: letters and digits only, a plural s dropped. '' where an end is a mark. */
export const valueKeys = (tokens: readonly Token[]): ((from: number, to: number) => string) => {
  const bare = tokens.map(({ fold }) => fold.replace(/[^\p{L}\p{M}\p{N}]+/gu, ''));
  return (from, to) => {
    if (bare[from] === '' || bare[to - 1] === '') return '';
    const key = bare.slice(from, to).join('');
    return key.length > 3 && key.endsWith('s') ? key.slice(0, -1) : key;
  };
};

/** @param slots in the order of their labels, the first being label 1 */
export const listsOf = (slots: readonly string[], values: Readonly<Record<string, readonly string[]>>): Lists => {
  const whole = new Map<string, number[]>();
  const parts = new Map<number, number[]>();
  const names = new Map<number, number[]>();
  let longest = 1;
  const add = <K>(map: Map<K, number[]>, key: K, label: number) => {
    const labels = map.get(key);
    if (labels === undefined) map.set(key, [label]);
    else if (!labels.includes(label)) labels.push(label);
  };
  for (const [index, slot] of slots.entries()) {
    for (const word of nameWords(slot)) add(names, hashText(word), index + 1);
    for (const value of Object.hasOwn(values, slot) ? (values[slot] ?? []) : []) {
      const tokens = tokensOf(value);
      const key = tokens.length === 0 ? '' : valueKeys(tokens)(0, tokens.length);
      if (key === '') continue;
      add(whole, key, index + 1);
      longest = Math.max(longest, tokens.length);
      for (const { fold } of tokens) add(parts, hashText(fold), index + 1);
    }
  }
  return { whole, parts, names, longest };
};
