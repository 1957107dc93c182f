import type { Matrix } from './matrix.ts';

/**
 * The directions in which rows differ most.
 * @returns `count` unit vectors of length `columns`, the widest first; each turned so that its largest part is positive
 * Source: eigenvectors of the covariance by cyclic Jacobi rotations, Golub and Van Loan 2013, section 8.5.
 */
export const principalAxes = ({ rows, columns, data }: Matrix, count: number): Float64Array[] => {
  const matrix = covariance(rows, columns, data);
  const axes = Array.from({ length: columns }, (_, i) => new Float64Array(columns).fill(1, i, i + 1));
  const at = (i: number, j: number) => (matrix[i] as Float64Array)[j] as number;
  for (let sweep = 0; sweep < 30 && offDiagonal(matrix) > 1e-9 * diagonal(matrix); sweep++)
    for (let p = 0; p < columns; p++)
      for (let q = p + 1; q < columns; q++) {
        if (Math.abs(at(p, q)) < 1e-300) continue;
        const theta = (at(q, q) - at(p, p)) / (2 * at(p, q));
        const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        rotate(matrix[p] as Float64Array, matrix[q] as Float64Array, c, t * c);
        for (const row of matrix) turn(row, p, q, c, t * c);
        rotate(axes[p] as Float64Array, axes[q] as Float64Array, c, t * c);
      }
  return axes
    .map((axis, i) => ({ axis, width: at(i, i) }))
    .sort((a, b) => b.width - a.width)
    .slice(0, count)
    .map(({ axis }) => facing(axis));
};

const covariance = (rows: number, columns: number, data: Float32Array): Float64Array[] => {
  const mean = new Float64Array(columns);
  for (let i = 0; i < data.length; i++) mean[i % columns] = (mean[i % columns] as number) + (data[i] as number) / rows;
  const sums = Array.from({ length: columns }, () => new Float64Array(columns));
  const centred = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < columns; i++) centred[i] = (data[row * columns + i] as number) - (mean[i] as number);
    for (let i = 0; i < columns; i++) {
      const factor = centred[i] as number;
      const sum = sums[i] as Float64Array;
      for (let j = i; j < columns; j++) sum[j] = (sum[j] as number) + factor * (centred[j] as number);
    }
  }
  for (let i = 0; i < columns; i++)
    for (let j = i; j < columns; j++) {
      const value = ((sums[i] as Float64Array)[j] as number) / rows;
      (sums[i] as Float64Array)[j] = value;
      (sums[j] as Float64Array)[i] = value;
    }
  return sums;
};

const rotate = (a: Float64Array, b: Float64Array, c: number, s: number): void => {
  for (let i = 0; i < a.length; i++) {
    const x = a[i] as number;
    const y = b[i] as number;
    a[i] = c * x - s * y;
    b[i] = s * x + c * y;
  }
};

const turn = (row: Float64Array, p: number, q: number, c: number, s: number): void => {
  const x = row[p] as number;
  const y = row[q] as number;
  row[p] = c * x - s * y;
  row[q] = s * x + c * y;
};

const diagonal = (matrix: readonly Float64Array[]): number =>
  matrix.reduce((sum, row, i) => sum + (row[i] as number) ** 2, 0);
const offDiagonal = (matrix: readonly Float64Array[]): number =>
  matrix.reduce((sum, row, i) => row.reduce((own, value, j) => (i === j ? own : own + value * value), sum), 0);

/** An axis and its opposite are the same axis: one of them, always the same. */
const facing = (axis: Float64Array): Float64Array => {
  const largest = axis.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
  return largest < 0 ? axis.map((value) => -value) : axis;
};
