import { dots, type Fitted, type Point } from './head.ts';

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
 * The layer again as it can be fitted on, with other labels and more columns.
 * @param taken for each label there will be, the number of the one whose weights it takes over, or -1 for none
 */
export const loosen = (head: Head, taken: Int32Array, columns: number): Fitted => {
  const { labels, dimensions } = head;
  const bias = new Float32Array(taken.length);
  const dense = new Float32Array(taken.length * dimensions);
  const sparse = new Float32Array(taken.length * columns);
  taken.forEach((old, label) => {
    if (old === -1) return;
    bias[label] = head.bias[old] as number;
    dense.set(head.dense.subarray(old * dimensions, (old + 1) * dimensions), label * dimensions);
  });
  for (let column = 0; column < head.scales.length; column++) {
    const scale = head.scales[column] as number;
    for (let label = 0; label < taken.length; label++) {
      const old = taken[label] as number;
      if (old !== -1) sparse[column * taken.length + label] = scale * (head.sparse[column * labels + old] as number);
    }
  }
  return { labels: taken.length, dimensions, bias, dense, sparse };
};

/** Writes one score a label into `scores`. */
export const scoresWith = (
  { labels, bias, dense, sparse, scales }: Head,
  { dense: vector, sparse: { columns, values } }: Point,
  scores: Float32Array,
): void => {
  dots(dense, vector, scores, labels);
  for (let label = 0; label < labels; label++) scores[label] = (scores[label] as number) + (bias[label] as number);
  for (let at = 0; at < columns.length; at++) {
    const column = columns[at] as number;
    const from = column * labels;
    const value = (values[at] as number) * (scales[column] as number);
    for (let label = 0; label < labels; label++)
      scores[label] = (scores[label] as number) + value * (sparse[from + label] as number);
  }
};
