import type { Weights } from './fit-labels.ts';
import { dot, type Fitted, type Point } from './head.ts';
import { multiply } from './multiply.ts';

/** A fitted layer made small: a byte for each weight of an n-gram, which is nearly all of it. */
export interface Head {
  readonly labels: number;
  readonly dimensions: number;
  /** [labels] */
  readonly bias: Float32Array;
  /** [labels][dimensions] */
  readonly dense: Float32Array;
  /** [columns][labels], each row times its scale */
  readonly sparse: Int8Array;
  /** [columns] */
  readonly scales: Float32Array;
}

export const compact = ({ labels, dimensions, bias, dense, sparse }: Fitted): Head => {
  const columns = labels === 0 ? 0 : sparse.length / labels;
  const scales = new Float32Array(columns);
  const small = new Int8Array(sparse.length);
  for (let column = 0; column < columns; column++) {
    const from = column * labels;
    let most = 0;
    for (let at = from; at < from + labels; at++) most = Math.max(most, Math.abs(sparse[at] as number));
    if (most === 0) continue;
    const factor = 127 / most;
    scales[column] = most / 127;
    for (let at = from; at < from + labels; at++) small[at] = Math.round((sparse[at] as number) * factor);
  }
  return { labels, dimensions, bias, dense, sparse: small, scales };
};

/**
 * The layer with other labels and more columns. What is taken over keeps its bytes, but where an n-gram says more about
 * a label that is put in than any weight of its row can: that row is rounded again.
 * @param taken for each label there will be, the number of the one whose weights it takes over, or -1 for none
 * @param put weights of labels, by their new numbers
 */
export const withLabels = (
  { labels, dimensions, ...old }: Head,
  taken: Int32Array,
  put: ReadonlyMap<number, Weights>,
  columns: number,
): Head => {
  const count = taken.length;
  const bias = new Float32Array(count);
  const dense = new Float32Array(count * dimensions);
  const sparse = new Int8Array(count * columns);
  const scales = new Float32Array(columns);
  scales.set(old.scales);
  taken.forEach((from, label) => {
    if (from === -1) return;
    bias[label] = old.bias[from] as number;
    dense.set(old.dense.subarray(from * dimensions, (from + 1) * dimensions), label * dimensions);
  });
  const runs = runsOf(taken);
  for (let column = 0; column < old.scales.length; column++)
    for (const { from, to, length } of runs) {
      const row = column * labels + from;
      sparse.set(old.sparse.subarray(row, row + length), column * count + to);
    }
  for (const [label, weights] of put) {
    bias[label] = weights.bias;
    dense.set(weights.dense, label * dimensions);
    for (let column = 0; column < columns; column++) {
      const weight = weights.sparse[column] as number;
      if (weight === 0) continue;
      const scale = scales[column] as number;
      const to = column * count;
      if (Math.abs(weight) > 127.5 * scale) {
        const wider = Math.abs(weight) / 127;
        const factor = scale / wider;
        for (let at = to; at < to + count; at++) sparse[at] = Math.round((sparse[at] as number) * factor);
        scales[column] = wider;
      }
      sparse[to + label] = Math.round(weight / (scales[column] as number));
    }
  }
  return { labels: count, dimensions, bias, dense, sparse, scales };
};

/** What is taken over in one piece: nearly all labels keep their neighbours. */
const runsOf = (taken: Int32Array) => {
  const runs: { from: number; to: number; length: number }[] = [];
  taken.forEach((from, to) => {
    const last = runs.at(-1);
    if (from === -1) return;
    if (last !== undefined && last.from + last.length === from && last.to + last.length === to) last.length++;
    else runs.push({ from, to, length: 1 });
  });
  return runs;
};

/** Writes one score a label into `scores`. */
export type Scorer = (point: Point, scores: Float32Array) => void;

/** Scores texts one after the other, with the dense weights as doubles, so that nothing is converted in the innermost loops. */
export const scorerOf = ({ labels, dimensions, bias, dense, sparse, scales }: Head): Scorer => {
  const rows = Float64Array.from(dense);
  const vector = new Float64Array(dimensions);
  const sums = new Float64Array(labels);
  return (point, scores) => {
    vector.fill(0).set(point.dense);
    multiply(rows, vector, sums);
    addSparse(sparse, scales, point.sparse, sums);
    for (let label = 0; label < labels; label++) scores[label] = (sums[label] as number) + (bias[label] as number);
  };
};

/** Adds four columns at a time, so that the sums are read and written a quarter as often. */
const addSparse = (
  sparse: Int8Array,
  scales: Float32Array,
  { columns, values }: Point['sparse'],
  sums: Float64Array,
): void => {
  const labels = sums.length;
  /** Where the row of a cell begins, and what it counts: nothing beyond the last. */
  const cell = (at: number): readonly [from: number, by: number] => {
    const column = at < columns.length ? (columns[at] as number) : 0;
    return [column * labels, at < columns.length ? (values[at] as number) * (scales[column] as number) : 0];
  };
  for (let at = 0; at < columns.length; at += 4) {
    const [one, by1] = cell(at);
    const [two, by2] = cell(at + 1);
    const [three, by3] = cell(at + 2);
    const [four, by4] = cell(at + 3);
    for (let label = 0; label < labels; label++)
      sums[label] =
        (sums[label] as number) +
        (by1 * (sparse[one + label] as number) + by2 * (sparse[two + label] as number)) +
        (by3 * (sparse[three + label] as number) + by4 * (sparse[four + label] as number));
  }
};

/** Weights of one label, to be fitted on. @param columns as many as there will be */
export const weightsIn = (
  { labels, dimensions, bias, dense, sparse, scales }: Head,
  label: number,
  columns: number,
): Weights => {
  const row = new Float32Array(columns);
  for (let column = 0; column < scales.length; column++)
    row[column] = (scales[column] as number) * (sparse[column * labels + label] as number);
  return {
    bias: bias[label] as number,
    dense: dense.slice(label * dimensions, (label + 1) * dimensions),
    sparse: row,
  };
};

/** The score of one label. Columns that the layer does not have say nothing. */
export const scoreIn = (
  { labels, dimensions, bias, dense, sparse, scales }: Head,
  { dense: vector, sparse: { columns, values } }: Point,
  label: number,
): number => {
  let sum = (bias[label] as number) + dot(dense, label * dimensions, vector);
  for (let at = 0; at < columns.length; at++) {
    const column = columns[at] as number;
    if (column < scales.length)
      sum += (values[at] as number) * (scales[column] as number) * (sparse[column * labels + label] as number);
  }
  return sum;
};
