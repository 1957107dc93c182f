import type { Data } from './data.ts';
import { addTo, type FitOptions, type Fitted, least, type Point } from './head.ts';
import { type Kernel, kernelAmong } from './kernel.ts';
import { randomFrom, shuffle } from './random.ts';

/** Further below the best, a score has no share worth counting. */
const deepest = 12;
/** So many moves are gathered before all scores are brought up to date: several texts a label in one go. */
const mostOpen = 384;

/**
 * The fit of `fitHead` without its weights: a step on one text moves the scores of all others by their kernel, so a text's
 * scores are looked up instead of worked out, and a step costs by the labels it moves alone.
 * @param order which of the texts to learn from
 * Source: the dual form of stochastic gradient descent; Shalev-Shwartz et al. 2011 (Pegasos), section 4.
 */
export const fitByKernel = (all: Kernel, data: Data, order: Int32Array, options: FitOptions): Fitted => {
  const { labelOf, weightOf } = data;
  const { labels, epochs, rate, decay, seed } = options;
  const { size, rows } = order.length === all.size ? all : kernelAmong(all, order);
  const bias = new Float64Array(labels);
  /** [texts][labels]: how many times each text is in each label's weights */
  const moved = new Float64Array(size * labels);
  /** [labels][texts], without what is still open */
  const scores = new Float32Array(labels * size);
  const shares = new Float64Array(labels);
  const open = openMoves(mostOpen + labels);
  const random = randomFrom(seed);
  const turn = Int32Array.from(order.keys());
  const steps = epochs * size;
  // What is stored is worth `shrink` times as much, so that decay costs one multiplication.
  let shrink = 1;
  let done = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    shuffle(turn, random);
    for (const text of turn) {
      const index = order[text] as number;
      const own = labelOf[index] as number;
      const step = rate * (1 - done++ / steps);
      for (let label = 0; label < labels; label++) shares[label] = scores[label * size + text] as number;
      addOpen(open, rows, text * size, shares);
      sharesOf(shares, shrink, bias);
      shrink *= 1 - step * decay;
      const factor = (step * (weightOf[index] as number)) / shrink;
      let carry = random() * least;
      for (let label = 0; label < labels; label++) {
        let gradient = (shares[label] as number) - (label === own ? 1 : 0);
        if (gradient < least && gradient > -least) {
          carry += gradient;
          if (carry < least) continue;
          carry -= least;
          gradient = least;
        }
        const move = -gradient * factor;
        const cell = text * labels + label;
        bias[label] = (bias[label] as number) + move * shrink;
        moved[cell] = (moved[cell] as number) + move;
        open.texts[open.count] = text;
        open.labels[open.count] = label;
        open.moves[open.count++] = move;
      }
      if (open.count >= mostOpen) settle(open, rows, size, scores);
    }
  }
  for (let cell = 0; cell < moved.length; cell++) moved[cell] = (moved[cell] as number) * shrink;
  return weightsOf(moved, Float32Array.from(bias), data, order, options);
};

const weightsOf = (
  moved: Float64Array,
  bias: Float32Array,
  { points }: Data,
  order: Int32Array,
  { labels, columns, dimensions, denseScale, sparseScale }: FitOptions,
): Fitted => {
  const dense = new Float32Array(labels * dimensions);
  const sparse = new Float32Array(columns * labels);
  const who = new Int32Array(labels);
  order.forEach((index, text) => {
    const { dense: vector, sparse: row } = points[index] as Point;
    let count = 0;
    for (let label = 0; label < labels; label++) {
      const move = moved[text * labels + label] as number;
      if (move === 0) continue;
      who[count++] = label;
      addTo(dense, label * dimensions, vector, move * denseScale * denseScale);
    }
    for (let cell = 0; cell < row.columns.length; cell++) {
      const from = (row.columns[cell] as number) * labels;
      const value = (row.values[cell] as number) * sparseScale * sparseScale;
      for (let at = 0; at < count; at++) {
        const label = who[at] as number;
        sparse[from + label] = (sparse[from + label] as number) + value * (moved[text * labels + label] as number);
      }
    }
  });
  return { labels, dimensions, bias, dense, sparse };
};

/** Moves that the scores do not have yet. */
interface OpenMoves {
  count: number;
  readonly texts: Int32Array;
  readonly labels: Int32Array;
  readonly moves: Float64Array;
}

const openMoves = (most: number): OpenMoves => ({
  count: 0,
  texts: new Int32Array(most),
  labels: new Int32Array(most),
  moves: new Float64Array(most),
});

const addOpen = ({ count, texts, labels, moves }: OpenMoves, rows: Float32Array, from: number, sums: Float64Array) => {
  for (let at = 0; at < count; at++) {
    const label = labels[at] as number;
    sums[label] = (sums[label] as number) + (moves[at] as number) * (rows[from + (texts[at] as number)] as number);
  }
};

const sharesOf = (shares: Float64Array, shrink: number, bias: Float64Array): void => {
  const labels = shares.length;
  let most = Number.NEGATIVE_INFINITY;
  for (let label = 0; label < labels; label++) {
    const score = (bias[label] as number) + shrink * (shares[label] as number);
    shares[label] = score;
    if (score > most) most = score;
  }
  let sum = 0;
  for (let label = 0; label < labels; label++) {
    const below = (shares[label] as number) - most;
    const share = below < -deepest ? 0 : Math.exp(below);
    shares[label] = share;
    sum += share;
  }
  const factor = 1 / sum;
  for (let label = 0; label < labels; label++) shares[label] = (shares[label] as number) * factor;
};

/** Brings the scores up to date, up to four texts of a label at a time. */
const settle = (open: OpenMoves, rows: Float32Array, size: number, scores: Float32Array): void => {
  const { texts, labels, moves } = open;
  const last = new Int32Array(scores.length / size).fill(-1);
  const before = new Int32Array(open.count);
  for (let at = 0; at < open.count; at++) {
    const label = labels[at] as number;
    before[at] = last[label] as number;
    last[label] = at;
  }
  open.count = 0;
  const froms = new Int32Array(4);
  const by = new Float64Array(4);
  for (let label = 0; label < last.length; label++)
    for (let at = last[label] as number; at !== -1; ) {
      let count = 0;
      for (; at !== -1 && count < 4; at = before[at] as number) {
        froms[count] = (texts[at] as number) * size;
        by[count++] = moves[at] as number;
      }
      if (count === 3) by[3] = 0;
      addRows(scores, label * size, rows, size, froms, by, count);
    }
};

const addRows = (
  sums: Float32Array,
  to: number,
  rows: Float32Array,
  length: number,
  froms: Int32Array,
  by: Float64Array,
  count: number,
): void => {
  const [one, two, three, four] = [froms[0], froms[1], froms[2], froms[3]] as [number, number, number, number];
  const [by1, by2, by3, by4] = [by[0], by[1], by[2], by[3]] as [number, number, number, number];
  if (count === 1)
    for (let at = 0; at < length; at++) sums[to + at] = (sums[to + at] as number) + by1 * (rows[one + at] as number);
  else if (count === 2)
    for (let at = 0; at < length; at++)
      sums[to + at] = (sums[to + at] as number) + (by1 * (rows[one + at] as number) + by2 * (rows[two + at] as number));
  else
    for (let at = 0; at < length; at++)
      sums[to + at] =
        (sums[to + at] as number) +
        (by1 * (rows[one + at] as number) + by2 * (rows[two + at] as number)) +
        (by3 * (rows[three + at] as number) + by4 * (rows[four + at] as number));
};
