import type { Scorer } from './compact.ts';
import { dot, type Point, toShares } from './head.ts';

const thought = 0.01;

/** What a head makes of one text. */
export interface Reading {
  /** [labels], summing to 1 */
  readonly shares: Float32Array;
  /** -1 where there are no labels. */
  readonly best: number;
  /** From which the chance of being about any label at all is told. */
  readonly facts: readonly number[];
}

export const factNames = ['logit', 'energy', 'nearest', 'known', 'heft', 'length'] as const;

/**
 * @param centroids [labels][dimensions]
 * @param known n-grams of the text that the examples have
 * @param grams how many it has
 */
export const read = (
  score: Scorer,
  labels: number,
  centroids: Float32Array,
  point: Point,
  known: number,
  grams: number,
): Reading => {
  const shares = new Float32Array(labels);
  score(point, shares);
  return readScores(shares, centroids, point, known, grams);
};

/** @param shares scores at first, one a label: changed in place */
export const readScores = (
  shares: Float32Array,
  centroids: Float32Array,
  { dense: vector, heft = 0 }: Pick<Point, 'dense' | 'heft'>,
  known: number,
  grams: number,
): Reading => {
  const labels = shares.length;
  if (labels === 0) return { shares, best: -1, facts: factNames.map(() => 0) };
  let best = 0;
  for (let label = 1; label < labels; label++) if ((shares[label] as number) > (shares[best] as number)) best = label;
  const energy = toShares(shares);
  // Nearest among those that the head thinks of at all.
  let nearest = -1;
  for (let label = 0; label < labels; label++)
    if (label === best || (shares[label] as number) > thought)
      nearest = Math.max(nearest, dot(centroids, label * vector.length, vector));
  return {
    shares,
    best,
    facts: [
      // Of one label there is nothing to tell apart, and so nothing to be sure by.
      labels === 1 ? 0 : logit(shares[best] as number),
      energy,
      nearest,
      grams === 0 ? 0 : known / grams,
      heft,
      Math.log(1 + grams),
    ],
  };
};

export const logit = (share: number): number => {
  const inside = Math.min(1 - 1e-7, Math.max(1e-7, share));
  return Math.log(inside / (1 - inside));
};
