import { plain, type Span, words } from './text.ts';

/** A stretch of a text that may be a request of its own. */
export interface Part extends Span {
  readonly text: string;
}

const mostParts = 6;
const fewestWords = 2;

/**
 * Where one request may end and the next begin: the end of a sentence, or a word that joins two clauses, in the languages
 * that most examples are written in. Whether there really are two requests is for the classifier to say.
 */
const joints =
  /[.!?;](?=\s)|\n+|(?<!\s),?\s+(?:and|then|also|plus|und|dann|danach|außerdem|sowie|et|puis|ensuite|aussi|y|luego|después|también|e|poi|anche|en|daarna|potem)(?:\s+(?:then|also|dann|auch|puis|aussi|luego|también|poi|anche|daarna|potem))?(?=\s)/giu;

/** Quoted text, and what follows a colon, is somebody's words: nothing in it is a request of its own. */
const closed = /"[^"\n]*"|«[^»\n]*»|:\s.*/gu;

/**
 * Cuts a text where it may hold several requests.
 * @returns at least two parts in the order of the text, or none where it cannot be cut; never overlapping
 */
export const partsOf = (text: string): readonly Part[] => {
  const even = plain(text);
  const kept = [...even.matchAll(closed)].map(({ 0: found, index }) => ({ start: index, end: index + found.length }));
  const parts: Part[] = [];
  let start = 0;
  const add = (end: number) => {
    const part = trimmed(text, start, end);
    if (words(part.text).length >= fewestWords) parts.push(part);
  };
  for (const { 0: found, index } of even.matchAll(joints)) {
    if (kept.some((span) => span.start <= index && index < span.end)) continue;
    add(index);
    start = index + found.length;
  }
  if (start === 0) return [];
  add(text.length);
  return parts.length >= 2 && parts.length <= mostParts ? parts : [];
};

const trimmed = (text: string, from: number, to: number): Part => {
  const piece = text.slice(from, to);
  const start = from + (piece.length - piece.trimStart().length);
  return { start, end: start + piece.trim().length, text: piece.trim() };
};
