import type { Tagger } from '../tagger/types.ts';
import type { Span } from '../text.ts';
import type { Pair } from './bind.ts';
import type { Leaf } from './leaves.ts';
import { overlaps } from './utterance.ts';

/** What a learned span must reach: below it, a question costs less than a wrong value. */
const surely = 0.9;

/**
 * Free text that no finder could bound, where a tagger learned from the examples is sure of it. It fills a slot that is still
 * empty, with words that nothing else took, as they are written.
 * @param taken values of other slots, and what is surely no free text
 */
export const tagged = (
  tagger: Tagger,
  leaves: readonly Leaf[],
  bound: readonly Pair[],
  text: string,
  taken: readonly Span[],
): Pair[] => {
  const open = leaves.filter(
    (leaf) =>
      leaf.kind === 'text' &&
      !leaf.list &&
      leaf.neighbours.some(({ quoted }) => !quoted) &&
      !bound.some((pair) => pair.leaf === leaf),
  );
  if (open.length === 0) return [];
  const spans = tagger.tag(text).filter(({ confidence }) => confidence >= surely);
  return open.flatMap((leaf) => {
    const [only, ...more] = spans.filter(({ slot }) => slot === leaf.path.join('/'));
    if (only === undefined || more.length > 0) return [];
    if ([...taken, ...bound.map(({ found }) => found)].some((other) => overlaps(other, only))) return [];
    const { start, end } = only;
    return [{ leaf, found: { value: text.slice(start, end), start, end, grade: 1 } }];
  });
};
