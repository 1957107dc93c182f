import { distance } from 'fastest-levenshtein';

/**
 * Finds what was probably meant: the nearest known word within a third of its length in edits (at least 1), or one
 * that begins with what was written.
 * @returns ` Did you mean "x"?` with a leading space, or '' where nothing known is near
 */
export const didYouMean = (word: string, known: Iterable<string>): string => {
  const written = word.toLowerCase();
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const option = candidate.toLowerCase();
    const begins = written.length >= 3 && option.startsWith(written);
    const edits = begins ? Math.min(1, distance(written, option)) : distance(written, option);
    if (edits < least) [best, least] = [candidate, edits];
  }
  return best === undefined ? '' : ` Did you mean "${best}"?`;
};
