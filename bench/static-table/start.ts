import { toUnit } from '../../adapters/encoders/unit.ts';
import type { Matrix } from './matrix.ts';

/** Turns each row towards the axes: shape [rows, axes]. */
export const projected = ({ rows, columns, data }: Matrix, axes: readonly Float64Array[]): Matrix => {
  const out = new Float32Array(rows * axes.length);
  for (let row = 0; row < rows; row++)
    axes.forEach((axis, i) => {
      let sum = 0;
      for (let j = 0; j < columns; j++) sum += (data[row * columns + j] as number) * (axis[j] as number);
      out[row * axes.length + i] = sum;
    });
  return { rows, columns: axes.length, data: out };
};

/** Scales each row to length 1, in place; one without a direction is left as it is. */
export const unitRows = (matrix: Matrix): Matrix => {
  for (let row = 0; row < matrix.rows; row++) {
    const view = matrix.data.subarray(row * matrix.columns, (row + 1) * matrix.columns);
    view.set(toUnit(view) ?? view);
  }
  return matrix;
};

/**
 * Makes frequent pieces count less, in place: row r is multiplied by a / (a + p(r)), where p is the share of the r-th
 * most frequent piece by Zipf's law. The vocabulary of BERT is in the order of frequency.
 * Source: smooth inverse frequency, Arora et al. 2017; Zipf ranks for it, Model2Vec (Tulkens and van Dongen 2024).
 */
export const weighByRank = (matrix: Matrix, a = 1e-3): Matrix => {
  let total = 0;
  for (let row = 0; row < matrix.rows; row++) total += 1 / (row + 2);
  for (let row = 0; row < matrix.rows; row++) {
    const factor = a / (a + 1 / (row + 2) / total);
    for (let i = row * matrix.columns; i < (row + 1) * matrix.columns; i++)
      matrix.data[i] = (matrix.data[i] as number) * factor;
  }
  return matrix;
};
