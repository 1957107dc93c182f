import { fewestLabels, type Held } from './calibrate.ts';
import { centroidsOf, type Data } from './data.ts';
import { readScores } from './facts.ts';
import { type Fitted, scoresOf } from './head.ts';
import { foldsOfLabels } from './leave-out.ts';
import { randomFrom, shuffle } from './random.ts';

/**
 * Each fold leaves out some of the labels whole and some texts of the others, so that one fit tells both how often the
 * best label is right and what a text about no label looks like.
 */
export const heldOut = (
  data: Data,
  fitOn: (order: Int32Array) => Fitted,
  seed: number,
  onProgress: (share: number) => void,
): Held[] => {
  const { points, labelOf, labels } = data;
  if (labels < 2) return [];
  const folds = points.length / labels < 5 ? 3 : 5;
  const leavesLabels = labels >= fewestLabels;
  const random = randomFrom(seed + 1);
  const labelFold = foldsOfLabels(data, folds, random);
  const turn = Int32Array.from(points.keys());
  shuffle(turn, random);
  const dealt = new Int32Array(labels);
  const pointFold = new Int32Array(points.length);
  for (const index of turn) {
    // A name is no example of what people say: it is learned from, never asked about.
    if ((data.weightOf[index] as number) < 1) {
      pointFold[index] = -1;
      continue;
    }
    const label = labelOf[index] as number;
    // One of the folds is the one without the label; its texts are dealt to the others.
    const next = (dealt[label] as number) % (leavesLabels ? folds - 1 : folds);
    dealt[label] = (dealt[label] as number) + 1;
    pointFold[index] = leavesLabels ? ((labelFold[label] as number) + 1 + next) % folds : next;
  }
  const held: Held[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const isOut = (index: number) => leavesLabels && labelFold[labelOf[index] as number] === fold;
    const order = Int32Array.from([...points.keys()].filter((index) => !isOut(index) && pointFold[index] !== fold));
    if (order.length === 0) continue;
    const head = fitOn(order);
    const centroids = centroidsOf(data, order);
    const seen = new Uint8Array(data.columns);
    for (const index of order) for (const column of points[index]?.sparse.columns ?? []) seen[column] = 1;
    points.forEach((point, index) => {
      const isInside = !isOut(index);
      if (pointFold[index] === -1 || (isInside && pointFold[index] !== fold)) return;
      const known = point.sparse.columns.reduce((sum, column) => sum + (seen[column] as number), 0);
      const shares = new Float32Array(labels);
      scoresOf(head, point, 1, 1, shares);
      const { best, facts } = readScores(shares, centroids, point, known, data.gramsOf[index] as number);
      held.push({ share: shares[best] ?? 0, facts, isInside, isRight: best === labelOf[index] });
    });
    onProgress((fold + 1) / folds);
  }
  return held;
};
