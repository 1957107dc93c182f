import { distance } from 'fastest-levenshtein';
import type { Json } from '../../json.ts';
import { nameWords, stopwords } from '../text.ts';
import type { Finder, Found } from './utterance.ts';

interface Spelling {
  readonly value: Json;
  readonly words: readonly string[];
  /** Set where the member is also an everyday word (`IT`, `NO`): then only this very spelling counts. */
  readonly exact: string | undefined;
}

/**
 * Finds members of an enum by their words, by synonyms, and by near spellings: one edit from five letters on,
 * two from nine, the first letter right and no other member as near.
 * @param synonyms the schema's `x-synonyms`: member -> other words for it
 * @param known folded words that mean something else here and are never read as a misspelling
 */
export const enumFinder = (
  members: readonly Json[],
  synonyms: Readonly<Record<string, readonly string[]>>,
  known: ReadonlySet<string>,
): Finder => {
  const spellings: Spelling[] = members.flatMap((value) =>
    [String(value), ...(synonyms[String(value)] ?? [])].map((written) => {
      const words = nameWords(written);
      const everyday = words.length === 1 && stopwords.has(words[0] ?? '') && written !== written.toLowerCase();
      return { value, words, exact: everyday ? written : undefined };
    }),
  );
  const longest = Math.max(0, ...spellings.map(({ words }) => words.length));
  const byWords = new Map<string, Spelling>();
  for (const spelling of spellings)
    if (spelling.words.length > 0 && !byWords.has(spelling.words.join(' ')))
      byWords.set(spelling.words.join(' '), spelling);
  const single = spellings.filter(({ words }) => words.length === 1);

  return ({ words, plain }) => {
    const found: Found[] = [];
    for (let at = 0; at < words.length; at++) {
      for (let size = Math.min(longest, words.length - at); size >= 1; size--) {
        const run = words.slice(at, at + size);
        const [start, end] = [run[0]?.start ?? 0, run.at(-1)?.end ?? 0];
        if (size > 1 && !/^[\p{L}\p{M}\p{N}\s_\-'/]+$/u.test(plain.slice(start, end))) continue;
        const key = run.map(({ fold }) => fold).join(' ');
        const spelling = byWords.get(key) ?? (size === 1 && !known.has(key) ? nearest(key, single) : undefined);
        if (spelling === undefined) continue;
        if (spelling.exact !== undefined && plain.slice(start, end) !== spelling.exact) continue;
        found.push({ value: spelling.value, start, end, grade: byWords.has(key) ? 3 : 2 });
        at += size - 1;
        break;
      }
    }
    return found;
  };
};

const nearest = (word: string, spellings: readonly Spelling[]): Spelling | undefined => {
  const allowed = word.length >= 9 ? 2 : word.length >= 5 ? 1 : 0;
  if (allowed === 0 || stopwords.has(word)) return undefined;
  let best: { spelling: Spelling; edits: number } | undefined;
  let tied = false;
  for (const spelling of spellings) {
    const own = spelling.words[0] ?? '';
    if (own.length < 5 || own[0] !== word[0] || Math.abs(own.length - word.length) > allowed) continue;
    const edits = distance(own, word);
    if (edits > allowed || (best !== undefined && edits > best.edits)) continue;
    tied = best !== undefined && edits === best.edits && best.spelling.value !== spelling.value;
    best = { spelling, edits };
  }
  return tied ? undefined : best?.spelling;
};
