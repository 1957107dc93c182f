import { dot, type Fitted, type Point } from './head.ts';

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

/** The layer again as it can be fitted on. */
export const loosen = ({ labels, dimensions, bias, dense, sparse, scales }: Head): Fitted => {
  const wide = new Float32Array(sparse.length);
  for (let column = 0; column < scales.length; column++) {
    const scale = scales[column] as number;
    for (let at = column * labels; at < (column + 1) * labels; at++) wide[at] = scale * (sparse[at] as number);
  }
  return { labels, dimensions, bias: bias.slice(), dense: dense.slice(), sparse: wide };
};

/** Writes one score a label into `scores`. */
export const scoresWith = (
  { labels, dimensions, bias, dense, sparse, scales }: Head,
  { dense: vector, sparse: { columns, values } }: Point,
  scores: Float32Array,
): void => {
  for (let label = 0; label < labels; label++)
    scores[label] = (bias[label] as number) + dot(dense, label * dimensions, vector);
  for (let at = 0; at < columns.length; at++) {
    const column = columns[at] as number;
    const from = column * labels;
    const value = (values[at] as number) * (scales[column] as number);
    for (let label = 0; label < labels; label++)
      scores[label] = (scores[label] as number) + value * (sparse[from + label] as number);
  }
};
