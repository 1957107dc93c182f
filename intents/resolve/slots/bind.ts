import { type Span, stopwords } from '../text.ts';
import { numberEvidence, sharedBy } from './cues.ts';
import type { Leaf } from './leaves.ts';
import { nameEvidence } from './proper-name.ts';
import { inSeries } from './series.ts';
import { collide, type Found, overlaps, type Utterance } from './utterance.ts';

export interface Pair {
  readonly leaf: Leaf;
  readonly found: Found;
}
interface Scored extends Pair {
  readonly score: number;
}

/** Free text without at least this much around it that names the slot is no value of it. */
const textEvidence = 1;

/**
 * Gives each value to the slot that its form and its neighbourhood fit best; no slot gets two, no span serves two.
 * What fits two slots equally well is left unbound unless just one of them is required, and so is a slot that two different
 * values fit equally well, or that takes identifiers and is offered a second one: none of these may be guessed.
 */
export const bind = (
  leaves: readonly Leaf[],
  candidates: ReadonlyMap<Leaf, readonly Found[]>,
  said: Utterance,
): Pair[] => {
  const shared = sharedBy(leaves.flatMap(({ cues }) => cues ?? []));
  const texts = leaves.filter(({ kind }) => kind === 'text').length;
  const scored: Scored[] = leaves
    .flatMap((leaf) =>
      (candidates.get(leaf) ?? []).flatMap((found) => {
        if (found.whole && found.side !== leaf.side) return [];
        if (leaf.cues !== undefined && (leaf.kind === 'number' || leaf.kind === 'text')) {
          const near = (leaf.kind === 'number' ? numberEvidence : nameEvidence)(leaf.cues, found, said, shared);
          if (near < leastOf(leaf, found, said)) return [];
          return [{ leaf, found, score: found.grade + near }];
        }
        const near = evidence(leaf, found, said);
        if (countsOther(leaf, found, said)) return [];
        const lone = texts === 1 && isQuoted(found, said);
        if (leaf.kind === 'text' && near < textEvidence && !lone) return [];
        return [{ leaf, found, score: found.grade + near }];
      }),
    )
    .sort((a, b) => b.score - a.score || a.found.start - b.found.start || b.found.end - a.found.end);

  const bound: Scored[] = [];
  const shut = new Set<Leaf>();
  for (const pair of scored) {
    const isOpen = ({ leaf, found }: Pair) =>
      !shut.has(leaf) && !bound.some((other) => other.leaf === leaf || collide(other.found, found));
    if (!isOpen(pair)) continue;
    const ties = scored.filter((other) => other !== pair && isOpen(other) && Math.abs(other.score - pair.score) < 1e-9);
    if (ties.some((other) => other.leaf === pair.leaf && !same(other.found, pair.found))) {
      shut.add(pair.leaf);
      continue;
    }
    const rivals = ties.filter((other) => other.leaf !== pair.leaf && collide(other.found, pair.found));
    const needed = [pair, ...rivals].filter(({ leaf }) => leaf.required);
    if (rivals.length > 0 && !(needed.length === 1 && needed[0] === pair)) {
      if (needed.length !== 1) for (const { leaf } of [pair, ...rivals]) shut.add(leaf);
      continue;
    }
    bound.push(pair);
  }
  const all = [...bound, ...inSeries(leaves, candidates, bound)];
  return all.filter((pair) => !hasSecond(pair, candidates, all));
};

/** The least that must speak for a slot which only its schema describes. */
const leastOf = (leaf: Leaf, found: Found, said: Utterance): number => {
  if (leaf.kind === 'text') return found.grade >= 3 && !isQuoted(found, said) ? -1 : 0.7;
  const next = said.words.find(({ start }) => start >= found.end);
  const counted = next !== undefined && isBeside(found, next, said) && durations.test(next.fold);
  if (counted && !leaf.cues?.units.some(({ dimension }) => dimension === 'time' || dimension === 'months'))
    return leaf.required ? 0.4 : 0.8;
  return leaf.required ? -1.5 : 0.4;
};

/** Whether an identifier slot is offered another identifier that no other slot has taken. */
const hasSecond = (pair: Pair, candidates: ReadonlyMap<Leaf, readonly Found[]>, bound: readonly Pair[]): boolean =>
  pair.leaf.kind === 'identifier' &&
  (candidates.get(pair.leaf) ?? []).some(
    (other) => !same(other, pair.found) && !bound.some(({ found }) => overlaps(found, other) || same(found, other)),
  );

const same = (a: Found, b: Found): boolean => overlaps(a, b) || JSON.stringify(a.value) === JSON.stringify(b.value);

const isQuoted = ({ start, end }: Span, { plain }: Utterance) =>
  /["«']/.test(plain.charAt(start - 1)) && /["»']/.test(plain.charAt(end));

/** How much the words around a value speak for a slot: annotated neighbours first, its name next, its description least. */
const evidence = (leaf: Leaf, found: Found, said: Utterance): number => {
  const { words } = said;
  const before = words.filter(({ end }) => end <= found.start).map(({ fold }) => fold);
  const after = words.filter(({ start }) => start >= found.end).map(({ fold }) => fold);
  let neighbours = 0;
  for (const { left, right } of leaf.neighbours) {
    const onLeft = (before.at(-1) ?? '') === left.at(-1) ? (left.at(-1) === '' ? 0.5 : 2) : 0;
    const onRight = (after[0] ?? '') === right[0] ? (right[0] === '' ? 0.25 : 1) : 0;
    neighbours = Math.max(neighbours, onLeft + onRight);
  }
  const distance = before
    .toReversed()
    .slice(0, 3)
    .findIndex((word) => leaf.names.has(word));
  const named = distance >= 0 ? 1.5 / (distance + 1) : leaf.names.has(after[0] ?? '') ? 0.75 : 0;
  const described = before.slice(-3).some((word) => leaf.described.has(word)) ? 0.25 : 0;
  const beside = said.money.some((span) => isBeside(span, found, said));
  const inMoney = leaf.kind === 'number' && beside ? (leaf.aboutMoney ? 2 : -0.5) : 0;
  const inRange = leaf.side === undefined || found.side === undefined ? 0 : leaf.side === found.side ? 0.8 : -0.8;
  return neighbours + named + described + inMoney + inRange;
};

const durations = /^(?:second|minute|hour|day|week|month|year|time|percent)s?$/;

/** "3 weeks" and "3 lamps" are no sum of money, whatever stands before them; "3 weeks" is no limit either. */
const countsOther = (leaf: Leaf, found: Span, said: Utterance): boolean => {
  const next = said.words.find(({ start }) => start >= found.end);
  if (leaf.kind !== 'number' || next === undefined || !isBeside(found, next, said)) return false;
  if (leaf.names.has(next.fold) || leaf.neighbours.some(({ right }) => right[0] === next.fold)) return false;
  if (!leaf.aboutMoney) return durations.test(next.fold);
  const isSum = said.money.some((span) => isBeside(span, found, said));
  return !isSum && !stopwords.has(next.fold) && !said.days.some((day) => overlaps(day, next));
};

/** Whether nothing but space stands between two spans. */
export const isBeside = (a: Span, b: Span, { plain }: Utterance): boolean =>
  plain.slice(Math.min(a.end, b.end), Math.max(a.start, b.start)).trim() === '';
