import { centroidsOf, type Data } from './data.ts';
import { dot } from './head.ts';
import { shuffle } from './random.ts';

const largest = 8;

/**
 * Deals labels to folds so that like ones are left out together, in groups of up to eight. A label left out alone has its
 * neighbours still there, and looks nearer to the catalogue than most that is out of scope; left out by whole domains,
 * nothing is near. On CLINC150's validation split groups of eight are the best of one, three, eight and thirty at both.
 * @returns the fold of each label
 */
export const foldsOfLabels = (data: Data, folds: number, random: () => number): Int32Array => {
  const { labels, dimensions, labelOf } = data;
  const size = Math.max(1, Math.min(largest, Math.floor(labels / (2 * folds))));
  const centroids = centroidsOf(data, Int32Array.from(labelOf.keys()));
  const turn = Int32Array.from({ length: labels }, (_, label) => label);
  shuffle(turn, random);
  const left = new Set(turn);
  const groups: number[][] = [];
  for (const first of turn) {
    if (!left.delete(first)) continue;
    const group = [first];
    const sum = centroids.slice(first * dimensions, (first + 1) * dimensions);
    while (group.length < size && left.size > 0) {
      const next = nearest(left, centroids, sum);
      left.delete(next);
      group.push(next);
      for (let at = 0; at < dimensions; at++)
        sum[at] = (sum[at] as number) + (centroids[next * dimensions + at] as number);
    }
    groups.push(group);
  }
  const order = Int32Array.from(groups.keys());
  shuffle(order, random);
  const foldOf = new Int32Array(labels);
  groups.forEach((group, at) => {
    for (const label of group) foldOf[label] = (order[at] as number) % folds;
  });
  return foldOf;
};

const nearest = (left: ReadonlySet<number>, centroids: Float32Array, vector: Float32Array): number => {
  let best = -1;
  let most = Number.NEGATIVE_INFINITY;
  for (const label of left) {
    const likeness = dot(centroids, label * vector.length, vector);
    if (likeness > most) {
      most = likeness;
      best = label;
    }
  }
  return best;
};
