import { calibrationError } from '../measure/calibration.ts';
import type { Data } from './data.ts';
import { logit } from './facts.ts';
import { fitLogistic, type Logistic, logisticOf } from './logistic.ts';
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
export const fewestLabels = 8;
/** Of fewer, what lies outside is learned worse than the package knows it: bench/understanding/fit-evidence.ts, log loss 0.301 and not 0.307. */
const fewestForScope = 20;
/** Of more, what the package knows counts like this many labels: of 24 intents what was left out are six, and little to go by. */
const shippedLabels = 8;
const fewestHeld = 30;

/** What was made of one text that was not learned from. */
export interface Held {
  /** Of the best label. */
  readonly share: number;
  readonly facts: readonly number[];
  readonly isInside: boolean;
  readonly isRight: boolean;
}

/**
 * Learns from what was held out how far a ranking is to be believed. Confidence is about texts that mean one of the labels;
 * whether a text means any of them is `scope`, a score of its own: folded in, it would make what is in scope look less
 * sure than it is. Who must not answer what is out of scope holds both to a line.
 */
export const calibrationOf = (data: Data, held: readonly Held[]): Calibration => {
  const inside = held.filter(({ isInside }) => isInside);
  const outside = held.filter(({ isInside }) => !isInside);
  const enough = inside.length >= fewestHeld && data.labels > 1;
  const right = inside.filter(({ isRight }) => isRight).length;
  const confidence = !enough
    ? shippedConfidence
    : fitLogistic(
        inside.map(({ share }) => [logit(share)]),
        inside.map(({ isRight }) => (isRight ? (right + 1) / (right + 2) : 1 / (inside.length - right + 2))),
        inside.map(() => 1),
        1,
      );
  const scope =
    !enough || data.labels < fewestForScope || outside.length === 0
      ? shippedScope
      : towards(
          shippedScope,
          fitLogistic(
            held.map(({ facts }) => facts),
            held.map(({ isInside }) => (isInside ? 1 : 0)),
            held.map(({ isInside }) => held.length / 2 / (isInside ? inside.length : outside.length)),
            1,
          ),
          // A ranking of thousands goes by other facts, of which the package knows nothing.
          shippedScope.weights.length === held[0]?.facts.length ? data.labels / (data.labels + shippedLabels) : 1,
        );
  return { confidence, scope, report: reportOf(data, inside, { confidence, scope }, enough) };
};

const towards = (from: Logistic, to: Logistic, share: number): Logistic => {
  const mixed = (one: number, other: number) => (1 - share) * one + share * other;
  return {
    bias: mixed(from.bias, to.bias),
    weights: to.weights.map((weight, at) => mixed(from.weights[at] ?? 0, weight)),
  };
};

const lines = Array.from({ length: 101 }, (_, at) => at / 100);
const shares = [0.8, 0.9, 0.95, 0.97, 0.98, 0.99] as const;

const reportOf = (
  { points, labels }: Data,
  inside: readonly Held[],
  { confidence, scope }: Omit<Calibration, 'report'>,
  enough: boolean,
): CalibrationReport => {
  const said = inside.map(({ share, isRight }) => ({
    confidence: logisticOf(confidence, [logit(share)]),
    right: isRight,
  }));
  const right = said.filter((one) => one.right);
  const scopes = inside
    .filter(({ isRight }) => isRight)
    .map(({ facts }) => logisticOf(scope, facts))
    .sort((a, b) => a - b);
  return {
    fitted: enough ? 'cross-validation' : 'shipped',
    examples: points.length,
    labels,
    accuracy: said.length === 0 ? 0 : right.length / said.length,
    ece: calibrationError(said) ?? 0,
    held: said.length,
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
