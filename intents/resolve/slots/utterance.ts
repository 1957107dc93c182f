import type { Json } from '../../json.ts';
import { type Chunk, chunks, plain, type Span, type Word, words } from '../text.ts';

/** A text, cut up once for all finders. Every offset holds in `text` and in `plain` alike. */
export interface Utterance {
  readonly text: string;
  readonly plain: string;
  readonly words: readonly Word[];
  readonly chunks: readonly Chunk[];
  readonly now: Date;
}

/** A value as it stands in the words. */
export interface Found extends Span {
  readonly value: Json;
  /** How sure its form alone makes it, from 1 (a guess at where it ends) to 4 (only this kind looks so). */
  readonly grade: number;
}

/** Finds every value of one kind. Never throws, whatever the text. */
export type Finder = (utterance: Utterance) => readonly Found[];

export const utterance = (text: string, now: Date): Utterance => {
  const even = plain(text);
  return { text, plain: even, words: words(even), chunks: chunks(even), now };
};

export const overlaps = (a: Span, b: Span): boolean => a.start < b.end && b.start < a.end;
