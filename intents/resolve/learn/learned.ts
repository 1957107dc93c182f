import { words } from '../text.ts';
import { scorerOf } from './compact.ts';
import { denseOf } from './dense.ts';
import { logit, read } from './facts.ts';
import { gramsOf } from './grams.ts';
import type { Point } from './head.ts';
import type { Model } from './learn.ts';
import { logisticOf } from './logistic.ts';
import type { Learned, Ranked, Weighed } from './types.ts';
import { type WideModel, wideRanking } from './wide.ts';

/** What was learned, ready to rank texts by. */
export const learnedFrom = (model: Model | WideModel): Learned => {
  const { labels, calibration } = model;
  const ranking = 'index' in model ? wideRanking(model) : rankingOf(model);
  const learned: Learned = { labels, report: calibration.report, ...ranking };
  modelsOf.set(learned, model);
  return learned;
};

const modelsOf = new WeakMap<Learned, Model | WideModel>();

/** The numbers behind what was learned. @throws TypeError where it was learned elsewhere */
export const modelBehind = (learned: Learned): Model | WideModel => {
  const model = modelsOf.get(learned);
  if (model === undefined) throw new TypeError('this was not learned here');
  return model;
};

const rankingOf = ({ labels, space, head, calibration, centroids }: Model): Pick<Learned, 'rank' | 'weigh'> => {
  const score = scorerOf(head);
  const pointOf = (text: string, vector?: Float32Array): { point: Point; grams: number } => {
    const grams = gramsOf(text);
    return {
      point: { ...denseOf(text, vector), sparse: space.vector(grams) },
      grams: grams.hashes.length,
    };
  };
  return {
    rank(text, limit, vector) {
      if (labels.length === 0) return { candidates: [], scope: 0 };
      const { point, grams } = pointOf(text, vector);
      const { shares, facts } = read(score, labels.length, centroids, point, point.sparse.columns.length, grams);
      const order = topOf(shares, limit);
      return {
        candidates: order.map(
          (label): Ranked => ({
            label: labels[label] as string,
            confidence: logisticOf(calibration.confidence, [logit(shares[label] as number)]),
          }),
        ),
        scope: logisticOf(calibration.scope, facts),
      };
    },
    weigh(text, label) {
      const number = labels.indexOf(label);
      if (number === -1) return [];
      const scoreOf = (part: string): number => {
        const { point } = pointOf(part);
        const shares = new Float32Array(labels.length);
        for (let at = 0; at < head.dimensions; at++)
          shares[number] =
            (shares[number] as number) +
            (head.dense[number * head.dimensions + at] as number) * (point.dense[at] as number);
        point.sparse.columns.forEach((column, at) => {
          shares[number] =
            (shares[number] as number) +
            (head.sparse[column * labels.length + number] as number) *
              (head.scales[column] as number) *
              (point.sparse.values[at] as number);
        });
        return shares[number] as number;
      };
      const whole = scoreOf(text);
      return words(text)
        .slice(0, 256)
        .map(
          ({ start, end }): Weighed => ({
            start,
            end,
            weight: whole - scoreOf(`${text.slice(0, start)} ${text.slice(end)}`),
          }),
        );
    },
  };
};

const topOf = (shares: Float32Array, limit: number): number[] => {
  const top: number[] = [];
  for (let label = 0; label < shares.length; label++) {
    const share = shares[label] as number;
    if (top.length === limit && share <= (shares[top[limit - 1] as number] as number)) continue;
    let at = Math.min(top.length, limit - 1);
    for (; at > 0 && (shares[top[at - 1] as number] as number) < share; at--) top[at] = top[at - 1] as number;
    if (limit > 0) top[at] = label;
  }
  return top;
};
