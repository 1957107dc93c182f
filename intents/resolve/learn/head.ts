import { randomFrom, shuffle } from './random.ts';
import type { Sparse } from './space.ts';

/** One text as the head reads it. */
export interface Point {
  /** Unit length. */
  readonly dense: Float32Array;
  readonly sparse: Sparse;
}

/** One linear layer: `score[label] = bias[label] + dense . x + sparse . y`. */
export interface Head {
  readonly labels: number;
  readonly dimensions: number;
  /** [labels] */
  readonly bias: Float32Array;
  /** [labels][dimensions] */
  readonly dense: Float32Array;
  /** [columns][labels] */
  readonly sparse: Float32Array;
}

export interface FitOptions {
  readonly labels: number;
  readonly columns: number;
  readonly dimensions: number;
  readonly epochs: number;
  readonly rate: number;
  /** Of the squared weights. */
  readonly decay: number;
  readonly denseScale: number;
  readonly sparseScale: number;
  readonly seed: number;
}

/** A gradient below this moves nothing that matters, and most labels are there after the first rounds. */
const least = 0.001;

/**
 * Softmax regression by plain stochastic gradient descent, its rate falling to 0. Same points and seed, same weights.
 * @param order which of the points to learn from
 */
export const fitHead = (
  points: readonly Point[],
  labelOf: Int32Array,
  weightOf: Float32Array,
  order: Int32Array,
  options: FitOptions,
): Head => {
  const { labels, columns, dimensions, epochs, rate, decay, denseScale, sparseScale, seed } = options;
  const bias = new Float32Array(labels);
  const dense = new Float32Array(labels * dimensions);
  const sparse = new Float32Array(columns * labels);
  const head: Head = { labels, dimensions, bias, dense, sparse };
  const random = randomFrom(seed);
  const turn = Int32Array.from(order);
  const scores = new Float32Array(labels);
  const active = new Int32Array(labels);
  const steps = epochs * turn.length;
  // The weights are `shrink` times what is stored, so that decay costs one multiplication.
  let shrink = 1;
  let done = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    shuffle(turn, random);
    for (const index of turn) {
      const point = points[index] as Point;
      const label = labelOf[index] as number;
      const step = rate * (1 - done++ / steps);
      scoresOf(head, point, denseScale * shrink, sparseScale * shrink, scores);
      toShares(scores);
      shrink *= 1 - step * decay;
      const factor = (step * (weightOf[index] as number)) / shrink;
      let count = 0;
      for (let at = 0; at < labels; at++) {
        const gradient = (scores[at] as number) - (at === label ? 1 : 0);
        scores[at] = gradient;
        if (gradient > least || gradient < -least) active[count++] = at;
      }
      const { columns: where, values } = point.sparse;
      for (let at = 0; at < count; at++) {
        const one = active[at] as number;
        const move = -(scores[one] as number) * factor;
        bias[one] = (bias[one] as number) + move * shrink;
        addTo(dense, one * dimensions, point.dense, move * denseScale);
        const sparseMove = move * sparseScale;
        for (let near = 0; near < where.length; near++) {
          const cell = (where[near] as number) * labels + one;
          sparse[cell] = (sparse[cell] as number) + sparseMove * (values[near] as number);
        }
      }
    }
  }
  const denseFactor = shrink * denseScale;
  const sparseFactor = shrink * sparseScale;
  for (let at = 0; at < dense.length; at++) dense[at] = (dense[at] as number) * denseFactor;
  for (let at = 0; at < sparse.length; at++) sparse[at] = (sparse[at] as number) * sparseFactor;
  return head;
};

/** Writes one score a label into `scores`. */
export const scoresOf = (
  { labels, dimensions, bias, dense, sparse }: Head,
  point: Point,
  denseScale: number,
  sparseScale: number,
  scores: Float32Array,
): void => {
  const { columns, values } = point.sparse;
  for (let label = 0; label < labels; label++)
    scores[label] = (bias[label] as number) + denseScale * dot(dense, label * dimensions, point.dense);
  for (let at = 0; at < columns.length; at++) {
    const from = (columns[at] as number) * labels;
    const value = (values[at] as number) * sparseScale;
    for (let label = 0; label < labels; label++)
      scores[label] = (scores[label] as number) + value * (sparse[from + label] as number);
  }
};

/** Turns scores into shares that sum to 1, in place. @returns log of the sum of their exponentials */
export const toShares = (scores: Float32Array): number => {
  let most = Number.NEGATIVE_INFINITY;
  for (const score of scores) if (score > most) most = score;
  let sum = 0;
  for (let at = 0; at < scores.length; at++) {
    const share = Math.exp((scores[at] as number) - most);
    scores[at] = share;
    sum += share;
  }
  for (let at = 0; at < scores.length; at++) scores[at] = (scores[at] as number) / sum;
  return most + Math.log(sum);
};

/** `rows[from ...] . vector`, in four sums that do not wait for each other. */
export const dot = (rows: Float32Array, from: number, vector: Float32Array): number => {
  const length = vector.length;
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  let at = 0;
  for (; at + 3 < length; at += 4) {
    first += (rows[from + at] as number) * (vector[at] as number);
    second += (rows[from + at + 1] as number) * (vector[at + 1] as number);
    third += (rows[from + at + 2] as number) * (vector[at + 2] as number);
    fourth += (rows[from + at + 3] as number) * (vector[at + 3] as number);
  }
  for (; at < length; at++) first += (rows[from + at] as number) * (vector[at] as number);
  return first + second + third + fourth;
};

const addTo = (rows: Float32Array, from: number, vector: Float32Array, factor: number): void => {
  for (let at = 0; at < vector.length; at++)
    rows[from + at] = (rows[from + at] as number) + factor * (vector[at] as number);
};
