import type { Data } from './data.ts';
import type { FitOptions, Point } from './head.ts';

/** How far a step on one text moves the score of another, for all pairs: worked out once for all fits on some of them. */
export interface Kernel {
  readonly size: number;
  /** [size][size], symmetric */
  readonly rows: Float32Array;
}

/** @returns 4 bytes a pair of texts: for some thousands of texts at most */
export const kernelOf = (
  { points, dimensions, columns }: Data,
  { denseScale, sparseScale }: Pick<FitOptions, 'denseScale' | 'sparseScale'>,
): Kernel => {
  const size = points.length;
  const rows = new Float32Array(size * size);
  addDense(points, dimensions, denseScale, rows);
  addSparse(points, columns, sparseScale * sparseScale, rows);
  for (let row = 0; row < size; row++)
    for (let column = 0; column < row; column++) rows[column * size + row] = rows[row * size + column] as number;
  return { size, rows };
};

/** The kernel of some of the texts. */
export const kernelAmong = ({ size, rows }: Kernel, order: Int32Array): Kernel => {
  const count = order.length;
  const own = new Float32Array(count * count);
  for (let row = 0; row < count; row++) {
    const from = (order[row] as number) * size;
    for (let column = 0; column < count; column++)
      own[row * count + column] = rows[from + (order[column] as number)] as number;
  }
  return { size: count, rows: own };
};

const tall = 2;
const broad = 4;
/** So many columns stay in the processor's cache while all rows pass by. */
const band = 32;

/** Products of dense vectors, on the diagonal and below it, some rows by some columns at a time. */
const addDense = (points: readonly Point[], dimensions: number, scale: number, rows: Float32Array): void => {
  const size = points.length;
  // Doubles, so that nothing is converted in the innermost loop; empty rows at the end fill up the last tile.
  const dense = new Float64Array((size + broad) * dimensions);
  points.forEach(({ dense: vector }, index) => {
    for (let at = 0; at < dimensions; at++) dense[index * dimensions + at] = scale * (vector[at] as number);
  });
  const tile = new Float64Array(tall * broad);
  for (let from = 0; from < size; from += band)
    for (let row = from; row < size; row += tall)
      for (let column = from; column < Math.min(from + band, row + tall, size); column += broad) {
        multiply(dense, row * dimensions, column * dimensions, dimensions, tile);
        for (let down = 0; down < tall && row + down < size; down++)
          for (let right = 0; right < broad && column + right <= row + down; right++)
            rows[(row + down) * size + column + right] = tile[down * broad + right] as number;
      }
};

/** Two rows by four. */
const multiply = (rows: Float64Array, upper: number, first: number, length: number, tile: Float64Array): void => {
  const lower = upper + length;
  const second = first + length;
  const third = second + length;
  const fourth = third + length;
  let [upper1, upper2, upper3, upper4] = [0, 0, 0, 0];
  let [lower1, lower2, lower3, lower4] = [0, 0, 0, 0];
  for (let at = 0; at < length; at++) {
    const above = rows[upper + at] as number;
    const below = rows[lower + at] as number;
    const one = rows[first + at] as number;
    const two = rows[second + at] as number;
    const three = rows[third + at] as number;
    const four = rows[fourth + at] as number;
    upper1 += above * one;
    upper2 += above * two;
    upper3 += above * three;
    upper4 += above * four;
    lower1 += below * one;
    lower2 += below * two;
    lower3 += below * three;
    lower4 += below * four;
  }
  tile.set([upper1, upper2, upper3, upper4, lower1, lower2, lower3, lower4]);
};

/** Adds what the n-grams come to that two texts share, found by what each n-gram occurs in. */
const addSparse = (points: readonly Point[], columns: number, scale: number, rows: Float32Array): void => {
  const size = points.length;
  const starts = new Int32Array(columns + 1);
  for (const { sparse } of points)
    for (const column of sparse.columns) starts[column + 1] = (starts[column + 1] as number) + 1;
  for (let column = 0; column < columns; column++)
    starts[column + 1] = (starts[column + 1] as number) + (starts[column] as number);
  const owners = new Int32Array(starts[columns] as number);
  const values = new Float32Array(owners.length);
  const ends = starts.slice();
  points.forEach(({ sparse }, index) => {
    for (let cell = 0; cell < sparse.columns.length; cell++) {
      const column = sparse.columns[cell] as number;
      const value = sparse.values[cell] as number;
      const last = ends[column] as number;
      ends[column] = last + 1;
      owners[last] = index;
      values[last] = value;
      for (let place = starts[column] as number; place <= last; place++) {
        const to = index * size + (owners[place] as number);
        rows[to] = (rows[to] as number) + scale * value * (values[place] as number);
      }
    }
  });
};
