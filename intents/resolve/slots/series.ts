import type { Pair } from './bind.ts';
import type { Leaf } from './leaves.ts';
import { type Found, overlaps } from './utterance.ts';

const ordinals = new Map(['first', 'second', 'third', 'fourth'].map((word, index) => [word, index + 1]));

/**
 * Fills slots that are numbered alike (`number1`, `number2`; `a`, `b`, `c`; `start_city`, `end_city`) in the order in which
 * their values stand in the words: only where none of them is filled yet and there are just as many values.
 * And a required slot that is left alone with the only value of its form that is left. Reads alone do so: an order is a guess.
 */
export const inSeries = (
  leaves: readonly Leaf[],
  candidates: ReadonlyMap<Leaf, readonly Found[]>,
  bound: readonly Pair[],
): Pair[] => {
  const filled: Pair[] = [];
  const taken = () => [...bound, ...filled];
  const free = (leaf: Leaf) =>
    outermost((candidates.get(leaf) ?? []).filter((found) => !taken().some((other) => overlaps(other.found, found))));
  const open = () =>
    leaves.filter((leaf) => leaf.cues?.lenient && leaf.required && !taken().some((other) => other.leaf === leaf));
  const groups = Map.groupBy(open(), (leaf) => `${leaf.kind} ${leaf.list} ${placeIn(leaf)?.series ?? leaf.pointer}`);
  for (const group of groups.values()) {
    const [first] = group;
    if (group.length < 2 || first === undefined) continue;
    const ordered = group.toSorted((a, b) => (placeIn(a)?.order ?? 0) - (placeIn(b)?.order ?? 0));
    const values = fitting(free(first), group.length);
    if (values === undefined) continue;
    ordered.forEach((leaf, index) => {
      const found = values[index];
      if (found !== undefined) filled.push({ leaf, found });
    });
  }
  for (const kind of ['text', 'number'] as const) {
    const left = open().filter((leaf) => leaf.kind === kind);
    const [last] = left;
    if (left.length !== 1 || last === undefined) continue;
    const [only, ...more] = free(last);
    if (only !== undefined && more.length === 0) filled.push({ leaf: last, found: only });
  }
  return filled;
};

/** Just as many values: of lists those with several members, of numbers those in digits, where all together are too many. */
const fitting = (values: readonly Found[], count: number): readonly Found[] | undefined => {
  const lists = values.filter(({ value }) => !Array.isArray(value) || value.length > 1);
  const digits = lists.filter(({ digits: written }) => written !== false);
  return [values, lists, digits].find(({ length }) => length === count);
};

/** In the order of the text, none within another. */
const outermost = (values: readonly Found[]): Found[] =>
  values
    .filter(
      (one) =>
        !values.some(
          (other) =>
            other !== one &&
            other.start <= one.start &&
            other.end >= one.end &&
            other.end - other.start > one.end - one.start,
        ),
    )
    .toSorted((a, b) => a.start - b.start);

const placeIn = ({ path, cues }: Leaf): { series: string; order: number } | undefined => {
  const name = path.at(-1) ?? '';
  const digit = /^(.*?)_?(\d)$/.exec(name);
  if (digit !== null) return { series: `${digit[1]}#`, order: Number(digit[2]) };
  const letter = /^(?:(.*)_)?([a-z])$/i.exec(name);
  if (letter !== null) return { series: `${letter[1] ?? ''}@`, order: letter[2]?.toLowerCase().charCodeAt(0) ?? 0 };
  for (const [word, order] of ordinals)
    if (name.toLowerCase().includes(word)) return { series: name.toLowerCase().replace(word, ''), order };
  if (cues?.side !== undefined) return { series: '±', order: cues.side === 'from' ? 0 : 1 };
  return undefined;
};
