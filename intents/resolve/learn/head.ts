import { randomFrom, shuffle } from './random.ts';
import type { Sparse } from './space.ts';

/** One text as the head reads it. */
export interface Point {
  /** Unit length. */
  readonly dense: Float32Array;
  readonly sparse: Sparse;
  /** Logarithm of how long its pieces' rows are on average, summed up; everyday words have short ones. Left out: 0. */
  readonly heft?: number;
}

/** One linear layer as it is being fitted: `score[label] = bias[label] + dense . x + sparse . y`. */
export interface Fitted {
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

/** Smaller gradients are gathered until they come to this much: most labels are far off, and to move each of them would cost most of the time. */
export const least = 0.05;
/** After the first rounds a text meets only so many labels, those it was nearest to; who they are is looked at again later. */
const rivals = 24;
const isWide = (epoch: number) => epoch < 2 || epoch === 5;

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
): Fitted => {
  const { labels, columns, dimensions, epochs, rate, decay, denseScale, sparseScale, seed } = options;
  const bias = new Float32Array(labels);
  const dense = new Float32Array(labels * dimensions);
  const sparse = new Float32Array(columns * labels);
  const head: Fitted = { labels, dimensions, bias, dense, sparse };
  const random = randomFrom(seed);
  const turn = Int32Array.from(order);
  const scores = new Float32Array(labels);
  const everyone = Int32Array.from({ length: labels }, (_, label) => label);
  const near = new Map<number, Int32Array>();
  const steps = epochs * turn.length;
  // The weights are `shrink` times what is stored, so that decay costs one multiplication.
  let shrink = 1;
  let done = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    shuffle(turn, random);
    const wide = isWide(epoch) || labels <= 2 * rivals;
    const notes = wide && labels > 2 * rivals && !isWide(epoch + 1);
    for (const index of turn) {
      const point = points[index] as Point;
      const label = labelOf[index] as number;
      const step = rate * (1 - done++ / steps);
      const asked = wide ? everyone : (near.get(index) as Int32Array);
      if (wide) scoresOf(head, point, denseScale * shrink, sparseScale * shrink, scores);
      else scoresAmong(head, point, denseScale * shrink, sparseScale * shrink, asked, scores);
      toShares(scores, asked.length);
      if (notes) near.set(index, mostOf(scores, label, rivals));
      shrink *= 1 - step * decay;
      const factor = (step * (weightOf[index] as number)) / shrink;
      const { columns: where, values } = point.sparse;
      let carry = random() * least;
      for (let at = 0; at < asked.length; at++) {
        const one = asked[at] as number;
        let gradient = (scores[at] as number) - (one === label ? 1 : 0);
        if (gradient < least && gradient > -least) {
          carry += gradient;
          if (carry < least) continue;
          carry -= least;
          gradient = least;
        }
        const move = -gradient * factor;
        bias[one] = (bias[one] as number) + move * shrink;
        addTo(dense, one * dimensions, point.dense, move * denseScale);
        const sparseMove = move * sparseScale;
        for (let cell = 0; cell < where.length; cell++) {
          const to = (where[cell] as number) * labels + one;
          sparse[to] = (sparse[to] as number) + sparseMove * (values[cell] as number);
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

/** The labels with the highest scores, `label` among them, in rising order. */
const mostOf = (scores: Float32Array, label: number, count: number): Int32Array => {
  const line = Float32Array.from(scores).sort()[scores.length - count] as number;
  const most: number[] = [];
  for (let at = 0; at < scores.length; at++) if (at === label || (scores[at] as number) >= line) most.push(at);
  return Int32Array.from(most);
};

/** Writes one score for each label of `asked`, in its order. */
const scoresAmong = (
  { labels, dimensions, bias, dense, sparse }: Fitted,
  { dense: vector, sparse: { columns, values } }: Point,
  denseScale: number,
  sparseScale: number,
  asked: Int32Array,
  scores: Float32Array,
): void => {
  for (let at = 0; at < asked.length; at++) {
    const label = asked[at] as number;
    let sum = 0;
    for (let cell = 0; cell < columns.length; cell++)
      sum += (sparse[(columns[cell] as number) * labels + label] as number) * (values[cell] as number);
    scores[at] = (bias[label] as number) + denseScale * dot(dense, label * dimensions, vector) + sparseScale * sum;
  }
};

/** Writes one score a label into `scores`. */
export const scoresOf = (
  { labels, bias, dense, sparse }: Fitted,
  { dense: vector, sparse: { columns, values } }: Point,
  denseScale: number,
  sparseScale: number,
  scores: Float32Array,
): void => {
  dots(dense, vector, scores, labels);
  for (let label = 0; label < labels; label++)
    scores[label] = (bias[label] as number) + denseScale * (scores[label] as number);
  for (let at = 0; at < columns.length; at++) {
    const from = (columns[at] as number) * labels;
    const value = (values[at] as number) * sparseScale;
    for (let label = 0; label < labels; label++)
      scores[label] = (scores[label] as number) + value * (sparse[from + label] as number);
  }
};

/** Turns the first `length` scores into shares that sum to 1, in place. @returns log of the sum of their exponentials */
export const toShares = (scores: Float32Array, length = scores.length): number => {
  let most = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < length; at++) if ((scores[at] as number) > most) most = scores[at] as number;
  let sum = 0;
  for (let at = 0; at < length; at++) {
    const share = Math.exp((scores[at] as number) - most);
    scores[at] = share;
    sum += share;
  }
  for (let at = 0; at < length; at++) scores[at] = (scores[at] as number) / sum;
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

export const addTo = (rows: Float32Array, from: number, vector: Float32Array, factor: number): void => {
  for (let at = 0; at < vector.length; at++)
    rows[from + at] = (rows[from + at] as number) + factor * (vector[at] as number);
};

/** `products[row] = rows[row] . vector`, four rows at a time, so that the vector is read a quarter as often. */
export const dots = (rows: Float32Array, vector: Float32Array, products: Float32Array, count: number): void => {
  const length = vector.length;
  let row = 0;
  for (; row + 3 < count; row += 4) {
    const one = row * length;
    const two = one + length;
    const three = two + length;
    const four = three + length;
    let first = 0;
    let second = 0;
    let third = 0;
    let fourth = 0;
    for (let at = 0; at < length; at++) {
      const value = vector[at] as number;
      first += (rows[one + at] as number) * value;
      second += (rows[two + at] as number) * value;
      third += (rows[three + at] as number) * value;
      fourth += (rows[four + at] as number) * value;
    }
    products[row] = first;
    products[row + 1] = second;
    products[row + 2] = third;
    products[row + 3] = fourth;
  }
  for (; row < count; row++) products[row] = dot(rows, row * length, vector);
};
