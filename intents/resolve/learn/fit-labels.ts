import type { Data } from './data.ts';
import { dot, type FitOptions, type Point } from './head.ts';
import { randomFrom, shuffle } from './random.ts';

/** Of one label. */
export interface Weights {
  bias: number;
  readonly dense: Float32Array;
  /** [columns] */
  readonly sparse: Float32Array;
}

/**
 * Fits the weights of some labels, the others standing still, so that these need to be asked only once a text.
 * @param moving numbers of the labels to fit
 * @param fitted weights of each, to begin with; changed in place
 * @param still what the exponentials of the others' scores come to together, one sum a text
 */
export const fitLabels = (
  moving: readonly number[],
  fitted: readonly Weights[],
  still: ArrayLike<number>,
  { points, labelOf, weightOf }: Data,
  { epochs, rate, decay, denseScale, sparseScale, seed }: FitOptions,
): void => {
  const random = randomFrom(seed);
  const turn = Int32Array.from(points.keys());
  const steps = epochs * turn.length;
  const raised = new Float64Array(moving.length);
  let done = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    shuffle(turn, random);
    for (const index of turn) {
      const point = points[index] as Point;
      const step = rate * (1 - done++ / steps);
      let sum = still[index] as number;
      for (let at = 0; at < fitted.length; at++) {
        raised[at] = Math.exp(scoreOf(fitted[at] as Weights, point));
        sum += raised[at] as number;
      }
      const factor = step * (weightOf[index] as number);
      const keep = 1 - step * decay;
      for (let at = 0; at < fitted.length; at++) {
        const weights = fitted[at] as Weights;
        const { dense, sparse } = weights;
        const gradient = (raised[at] as number) / sum - (moving[at] === labelOf[index] ? 1 : 0);
        const move = -gradient * factor;
        weights.bias += move;
        const { dense: vector } = point;
        const denseMove = move * denseScale * denseScale;
        for (let cell = 0; cell < vector.length; cell++)
          dense[cell] = (dense[cell] as number) * keep + denseMove * (vector[cell] as number);
        const { columns: where, values } = point.sparse;
        const sparseMove = move * sparseScale * sparseScale;
        for (let cell = 0; cell < where.length; cell++) {
          const column = where[cell] as number;
          sparse[column] = (sparse[column] as number) + sparseMove * (values[cell] as number);
        }
      }
    }
  }
};

const scoreOf = ({ bias, dense, sparse }: Weights, { dense: vector, sparse: { columns, values } }: Point): number => {
  let sum = bias + dot(dense, 0, vector);
  for (let at = 0; at < columns.length; at++) sum += (sparse[columns[at] as number] as number) * (values[at] as number);
  return sum;
};
