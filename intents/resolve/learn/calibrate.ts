import { calibrationError } from '../measure/calibration.ts';
import { compact } from './compact.ts';
import { centroidsOf, type Data } from './data.ts';
import { type Reading, read } from './facts.ts';
import { fitHead } from './head.ts';
import { fitLogistic, type Logistic, logisticOf } from './logistic.ts';
import { randomFrom, shuffle } from './random.ts';
import { fitOptions } from './recipe.ts';
import { shippedConfidence, shippedScope } from './shipped.ts';
import type { CalibrationReport, OperatingPoint } from './types.ts';

export interface Calibration {
  /** From the logit of a label's share to how likely it is right. */
  readonly confidence: Logistic;
  /** From the facts of a reading to how likely the text is about any label. */
  readonly scope: Logistic;
  readonly report: CalibrationReport;
}

/** Fewer labels than this and leaving some out says nothing about what lies outside. */
const fewestLabels = 8;
const fewestHeld = 30;

interface Held {
  readonly reading: Reading;
  readonly isInside: boolean;
  readonly isRight: boolean;
}

/**
 * Learns how far the head is to be believed: each fold leaves out some of the labels whole and some texts of the others,
 * so that one fit tells both how often the best label is right and what a text about no label looks like.
 */
export const calibrate = (data: Data, seed: number, onProgress: (share: number) => void): Calibration => {
  const held = heldOut(data, seed, onProgress);
  const inside = held.filter(({ isInside }) => isInside);
  const outside = held.filter(({ isInside }) => !isInside);
  const enough = inside.length >= fewestHeld && data.labels > 1;
  const right = inside.filter(({ isRight }) => isRight).length;
  const confidence = !enough
    ? shippedConfidence
    : fitLogistic(
        inside.map(({ reading }) => [reading.facts[0] as number]),
        inside.map(({ isRight }) => (isRight ? (right + 1) / (right + 2) : 1 / (inside.length - right + 2))),
        inside.map(() => 1),
        1,
      );
  const scope =
    !enough || data.labels < fewestLabels || outside.length === 0
      ? shippedScope
      : fitLogistic(
          held.map(({ reading }) => reading.facts),
          held.map(({ isInside }) => (isInside ? 1 : 0)),
          held.map(({ isInside }) => held.length / 2 / (isInside ? inside.length : outside.length)),
          1,
        );
  return { confidence, scope, report: reportOf(data, inside, { confidence, scope }, enough) };
};

const heldOut = (data: Data, seed: number, onProgress: (share: number) => void): Held[] => {
  const { points, labelOf, labels } = data;
  if (labels < 2) return [];
  const folds = points.length / labels < 5 ? 3 : 5;
  const leavesLabels = labels >= fewestLabels;
  const random = randomFrom(seed + 1);
  const labelTurn = Int32Array.from({ length: labels }, (_, at) => at);
  shuffle(labelTurn, random);
  const labelFold = new Int32Array(labels);
  labelTurn.forEach((label, at) => {
    labelFold[label] = at % folds;
  });
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
    const head = compact(fitHead(points, labelOf, data.weightOf, order, fitOptions(data, order, seed)));
    const centroids = centroidsOf(data, order);
    const seen = new Uint8Array(data.columns);
    for (const index of order) for (const column of points[index]?.sparse.columns ?? []) seen[column] = 1;
    points.forEach((point, index) => {
      const isInside = !isOut(index);
      if (pointFold[index] === -1 || (isInside && pointFold[index] !== fold)) return;
      const known = point.sparse.columns.reduce((sum, column) => sum + (seen[column] as number), 0);
      const reading = read(head, centroids, point, known, data.gramsOf[index] as number);
      held.push({ reading, isInside, isRight: reading.best === labelOf[index] });
    });
    onProgress((fold + 1) / folds);
  }
  return held;
};

const lines = Array.from({ length: 101 }, (_, at) => at / 100);
const shares = [0.8, 0.9, 0.95, 0.97, 0.99] as const;

const reportOf = (
  { points, labels }: Data,
  inside: readonly Held[],
  { confidence, scope }: Omit<Calibration, 'report'>,
  enough: boolean,
): CalibrationReport => {
  const said = inside.map(({ reading, isRight }) => ({
    confidence: logisticOf(confidence, reading.facts),
    right: isRight,
  }));
  const right = said.filter((one) => one.right);
  const scopes = inside
    .filter(({ isRight }) => isRight)
    .map(({ reading }) => logisticOf(scope, reading.facts))
    .sort((a, b) => a - b);
  return {
    fitted: enough ? 'cross-validation' : 'shipped',
    examples: points.length,
    labels,
    accuracy: said.length === 0 ? 0 : right.length / said.length,
    ece: calibrationError(said) ?? 0,
    points: lines.flatMap((line): OperatingPoint[] => {
      const over = said.filter((one) => one.confidence >= line);
      return over.length === 0
        ? []
        : [
            {
              confidence: line,
              coverage: over.length / said.length,
              precision: over.filter((one) => one.right).length / over.length,
            },
          ];
    }),
    scopeAt: Object.fromEntries(
      shares.map((share) => [String(share), scopes[Math.floor((1 - share) * scopes.length)] ?? 0.5]),
    ),
  };
};
