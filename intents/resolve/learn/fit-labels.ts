import type { Data } from './data.ts';
import { addTo, dot, type FitOptions, type Fitted, type Point } from './head.ts';
import { randomFrom, shuffle } from './random.ts';

/** As cheap as they are, more rounds than for a whole head. */
const epochs = 15;

/**
 * Fits the weights of some labels, the others standing still, so that these need to be asked only once a text.
 * @param head changed in place, and given back
 * @param moving numbers of the labels to fit
 */
export const fitLabels = (
  head: Fitted,
  moving: readonly number[],
  { points, labelOf, weightOf }: Data,
  { rate, decay, denseScale, sparseScale, seed }: FitOptions,
): Fitted => {
  const { labels, dimensions, bias, dense, sparse } = head;
  const isMoving = new Uint8Array(labels);
  for (const label of moving) isMoving[label] = 1;
  const scoreOf = ({ dense: vector, sparse: { columns, values } }: Point, label: number): number => {
    let sum = (bias[label] as number) + dot(dense, label * dimensions, vector);
    for (let at = 0; at < columns.length; at++)
      sum += (sparse[(columns[at] as number) * labels + label] as number) * (values[at] as number);
    return sum;
  };
  // What all that stand still come to together.
  const still = points.map((point) => {
    let sum = 0;
    for (let label = 0; label < labels; label++) if (isMoving[label] === 0) sum += Math.exp(scoreOf(point, label));
    return sum;
  });
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
      moving.forEach((label, at) => {
        raised[at] = Math.exp(scoreOf(point, label));
        sum += raised[at] as number;
      });
      const { columns, values } = point.sparse;
      const factor = step * (weightOf[index] as number);
      moving.forEach((label, at) => {
        const gradient = (raised[at] as number) / sum - (label === labelOf[index] ? 1 : 0);
        const keep = 1 - step * decay;
        for (let cell = label * dimensions; cell < (label + 1) * dimensions; cell++)
          dense[cell] = (dense[cell] as number) * keep;
        const move = -gradient * factor;
        bias[label] = (bias[label] as number) + move;
        addTo(dense, label * dimensions, point.dense, move * denseScale * denseScale);
        const sparseMove = move * sparseScale * sparseScale;
        for (let cell = 0; cell < columns.length; cell++) {
          const to = (columns[cell] as number) * labels + label;
          sparse[to] = (sparse[to] as number) + sparseMove * (values[cell] as number);
        }
      });
    }
  }
  return head;
};
