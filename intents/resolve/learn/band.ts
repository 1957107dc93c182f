import { stratifiedFolds } from '../measure/folds.ts';
import { compact, scorerOf } from './compact.ts';
import { centroidsOf, dataOf } from './data.ts';
import { logit, read } from './facts.ts';
import { fitterOf } from './fit.ts';
import { modelBehind } from './learned.ts';
import { fitLogistic, type Logistic, logisticOf } from './logistic.ts';
import { withNames } from './names.ts';
import type { LabelledText, Learned } from './types.ts';
import { mostNarrow } from './wide.ts';

/**
 * How far a second tier is to be believed where a first one was asked before and was not sure: such texts are harder than
 * others, and it is right less often than it says. From the logits of its own confidence and of the first tier's, and
 * whether both think first of the same label.
 */
export type Band = Logistic;

/** What the first tier is unsure of with fewer examples is easier than what it is unsure of with all: few are left out at a time. */
const folds = 10;
const fewestExamples = 30;
/** From this confidence on the first tier is hardly ever asked twice: what it surely knows tells little of the rest. */
const sure = logit(0.9);
const weightOfSure = 0.1;

/**
 * Fits a band by cross-validation: both tiers are learned anew without each fold, and asked about it. On CLINC150's
 * validation split with ten examples an intent it takes the second tier's calibration error there from 0.036 to 0.030
 * (0.021 is what so few texts show of a perfect one), and leaves its order as it was.
 * @param vectors one a text, of the second tier's encoder
 * @returns undefined where there are too few examples to tell, or so many labels that nobody would wait for it
 */
export const bandOf = (
  texts: readonly LabelledText[],
  vectors: readonly Float32Array[],
  first: Learned,
  second: Learned,
  seed = 1,
): Band | undefined => {
  // A name is learned from, never asked about.
  const asked = texts.flatMap(({ label, weight }, index) => (weight < 1 ? [] : [{ index, label }]));
  const labels = new Set(texts.map(({ label }) => label)).size;
  if (asked.length < fewestExamples || labels < 2 || labels > mostNarrow) return undefined;
  const [plain, encoded] = [readerOf(withNames(texts), undefined, seed), readerOf(texts, vectors, seed)];
  const [low, high] = [levelOf(first), levelOf(second)];
  const rows = stratifiedFolds(
    asked.map(({ label }) => label),
    folds,
  ).flatMap(({ held }) => {
    const out = held.map((place) => asked[place] as (typeof asked)[number]);
    const without = new Set(out.map(({ index }) => index));
    const [before, after] = [plain(without), encoded(without)];
    return out.map(({ index, label }) => {
      const [own, earlier] = [after(index), before(index)];
      return {
        facts: [high(own.share), low(earlier.share), own.best === earlier.best ? 1 : 0],
        isRight: own.best === label,
      };
    });
  });
  return fitLogistic(
    rows.map(({ facts }) => facts),
    rows.map(({ isRight }) => (isRight ? 1 : 0)),
    rows.map(({ facts: [, lower = 0] }) => (lower < sure ? 1 : weightOfSure)),
    1,
  );
};

/** The second tier as it is to be believed after the first. Its order, its scope and its words stay its own. */
export const inBand = (first: Learned, second: Learned, band: Band): Learned => ({
  ...second,
  rank(text, limit, vector) {
    const { candidates, scope } = second.rank(text, limit, vector);
    const [earlier] = first.rank(text, 1).candidates;
    const before = [logit(earlier?.confidence ?? 0), earlier?.label === candidates[0]?.label ? 1 : 0];
    return {
      candidates: candidates.map(({ label, confidence }) => ({
        label,
        confidence: logisticOf(band, [logit(confidence), ...before]),
      })),
      scope,
    };
  },
});

/** @returns from a share to the logit of the confidence that a tier's own calibration makes of it */
const levelOf = (learned: Learned) => {
  const { confidence } = modelBehind(learned).calibration;
  return (share: number): number => logit(logisticOf(confidence, [logit(share)]));
};

/** @returns what learns without some of the texts, and then says which label any of them is, with its share */
const readerOf = (texts: readonly LabelledText[], vectors: readonly Float32Array[] | undefined, seed: number) => {
  const { labels, data } = dataOf(texts, vectors);
  const { points, gramsOf } = data;
  const fitOn = fitterOf(data, seed);
  return (without: ReadonlySet<number>) => {
    const order = Int32Array.from([...points.keys()].filter((index) => !without.has(index)));
    const score = scorerOf(compact(fitOn(order)));
    const centroids = centroidsOf(data, order);
    return (index: number) => {
      const point = points[index] as (typeof points)[number];
      const { best, shares } = read(
        score,
        data.labels,
        centroids,
        point,
        point.sparse.columns.length,
        gramsOf[index] as number,
      );
      return { best: labels[best], share: shares[best] ?? 0 };
    };
  };
};
