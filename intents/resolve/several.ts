import type { Mask } from './mask.ts';
import { partsOf } from './parts.ts';
import { stopwords } from './text.ts';
import type { Candidate, RequestPart } from './types.ts';

interface Reading {
  readonly mask: Mask;
  /** Candidates that a part may mean, best first; none where nothing that the caller may know of is near. */
  readonly candidates: (text: string) => readonly Candidate[];
  /** Whether one answer is sure enough to run by itself. */
  readonly isSure: (candidate: Candidate) => boolean;
}

/**
 * Says whether a text holds several requests: two parts that mean different intents, one of them for sure.
 * "Show order A-1001. It is urgent" is one request: a part counts when it says something besides values and everyday words.
 * @returns none where it is one request
 */
export const severalIn = (text: string, { mask, candidates, isSure }: Reading): readonly RequestPart[] => {
  const parts = partsOf(text)
    .filter((part) => mask(part.text).some(({ word, isValue }) => !isValue && !stopwords.has(word)))
    .map((part): RequestPart => ({ text: part.text, candidates: candidates(part.text) }))
    .filter((part) => part.candidates.length > 0);
  const meant = new Set(parts.map((part) => part.candidates[0]?.intent));
  const sure = parts.some(({ candidates: [first] }) => first !== undefined && isSure(first));
  return meant.size > 1 && sure ? parts : [];
};
