import { distance } from 'fastest-levenshtein';

/**
 * Finds what was probably meant.
 * @returns ` Did you mean "x"?` with a leading space, or '' where nothing known is near (a third of its length, at least 1 edit)
 */
export const didYouMean = (word: string, known: Iterable<string>): string => {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const edits = distance(word.toLowerCase(), candidate.toLowerCase());
    if (edits < least) [best, least] = [candidate, edits];
  }
  return best === undefined ? '' : ` Did you mean "${best}"?`;
};
