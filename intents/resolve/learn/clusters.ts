import { dots } from './head.ts';

/** Labels dealt to the nearest of some centres, so that a text meets only those near it. */
export interface Clusters {
  /** [count][dimensions], unit length */
  readonly centres: Float32Array;
  /** Of which centre each label is. */
  readonly clusterOf: Int32Array;
}

const rounds = 4;
const sample = 2000;

/**
 * @param rows [labels][dimensions], unit length
 * Source: spherical k-means, Dhillon and Modha 2001, begun from evenly spaced rows.
 */
export const clustersOf = (rows: Float32Array, dimensions: number): Clusters => {
  const labels = rows.length / dimensions;
  const count = Math.max(1, Math.round(1.3 * Math.sqrt(labels)));
  let centres = new Float32Array(count * dimensions);
  for (let at = 0; at < count; at++) {
    const from = Math.floor((at * labels) / count) * dimensions;
    centres.set(rows.subarray(from, from + dimensions), at * dimensions);
  }
  const clusterOf = new Int32Array(labels);
  const near = new Float32Array(count);
  for (let round = 0; round < rounds; round++) {
    const sums = new Float32Array(count * dimensions);
    // A sample is enough to place the centres; the last round deals every label.
    const step = round === rounds - 1 ? 1 : Math.max(1, Math.floor(labels / sample));
    for (let label = 0; label < labels; label += step) {
      const row = rows.subarray(label * dimensions, (label + 1) * dimensions);
      dots(centres, row, near, count);
      let best = 0;
      for (let at = 1; at < count; at++) if ((near[at] as number) > (near[best] as number)) best = at;
      clusterOf[label] = best;
      for (let at = 0; at < dimensions; at++)
        sums[best * dimensions + at] = (sums[best * dimensions + at] as number) + (row[at] as number);
    }
    unitRows(sums, dimensions);
    centres = sums;
  }
  return { centres, clusterOf };
};

/** Scales each row to unit length in place; zero stays zero. */
export const unitRows = (rows: Float32Array, dimensions: number): void => {
  for (let from = 0; from < rows.length; from += dimensions) {
    let square = 0;
    for (let at = from; at < from + dimensions; at++) square += (rows[at] as number) ** 2;
    const factor = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let at = from; at < from + dimensions; at++) rows[at] = (rows[at] as number) * factor;
  }
};
