import type { Json } from '../../json.ts';
import { type Chunk, chunks, plain, type Span, type Word, words } from '../text.ts';
import { dateSpans, type SaidDay } from './date.ts';
import { currencySpans } from './money.ts';

/** When and where a text is said: what relative and unqualified values are read against. */
export interface ReadingContext {
  readonly now: Date;
  /** IANA name: what "tomorrow at nine" is counted in. UTC where left out. */
  readonly zone?: string;
  /** BCP 47: the way numbers and dates are written. */
  readonly locale?: string;
  /** ISO 4217: what a sum is in where the words do not say. */
  readonly currency?: string;
}

/** A text, cut up. Every offset holds in `text` and in `plain` alike. */
export interface Cut {
  readonly text: string;
  readonly plain: string;
  readonly words: readonly Word[];
  readonly chunks: readonly Chunk[];
  readonly context: ReadingContext;
}

/** With what every finder asks for, found once. */
export interface Utterance extends Cut {
  readonly days: readonly SaidDay[];
  readonly money: readonly (Span & { readonly code: string })[];
}

/** A value as it stands in the words. */
export interface Found extends Span {
  readonly value: Json;
  /** How sure its form alone makes it, from 1 (a guess at where it ends) to 4 (only this kind looks so). */
  readonly grade: number;
  /** False for a number in words, which counts things as often as it is a value: "two points". */
  readonly digits?: boolean;
  /** Set on what begins or ends a range: "from May 3 to May 10". */
  readonly side?: 'from' | 'to';
  /** The same words hold the other end too ("next week"): only a slot for that side takes it. */
  readonly whole?: true;
}

/** Finds every value of one kind. Never throws, whatever the text. */
export type Finder = (utterance: Utterance) => readonly Found[];

export const cut = (text: string, context: ReadingContext): Cut => {
  const even = plain(text);
  return { text, plain: even, words: words(even), chunks: chunks(even), context };
};

export const utterance = (text: string, context: ReadingContext): Utterance => {
  const said = cut(text, context);
  return { ...said, days: dateSpans(said), money: currencySpans(said) };
};

/** Whether two values want the same words. The two ends of "next week" do not. */
export const collide = (a: Found, b: Found): boolean =>
  overlaps(a, b) && !(a.whole === true && b.whole === true && a.side !== b.side);

export const overlaps = (a: Span, b: Span): boolean => a.start < b.end && b.start < a.end;
