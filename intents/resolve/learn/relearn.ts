import { scoreIn, weightsIn, withLabels } from './compact.ts';
import { centroidsOf, type Data } from './data.ts';
import { denseOf } from './dense.ts';
import { fitLabels, type Weights } from './fit-labels.ts';
import { type Grams, gramsOf } from './grams.ts';
import { dot, type Point } from './head.ts';
import { type LearnOptions, learn } from './learn.ts';
import { learnedFrom, modelBehind } from './learned.ts';
import { marksOf } from './mark.ts';
import { withNames } from './names.ts';
import { fitOptions } from './recipe.ts';
import { widened } from './space.ts';
import type { LabelledText, Learned } from './types.ts';

/** When more than this share of the labels changed, all is learned anew. */
const mostChanged = 0.1;
/** A label whose texts lie this near to those it had, by the cosine of their centroids, goes on from its weights. */
const same = 0.85;
// Chosen on the validation split of CLINC150: a label relearned so is found, and mistaken for others, about as often as before.
const onwards = { neighbours: 10, texts: 10, epochs: 5, pace: 0.5 };
const afresh = { neighbours: 20, texts: 20, epochs: 15, pace: 1 };

/**
 * Takes over what did not change: labels whose texts are new are learned against those nearest to them, the rest keeps
 * its weights, and the calibration stands. Nearly what `learn` gives, not the same bytes: learn anew when there is time.
 * Where much changed, or what was learned before came from elsewhere, it is `learn` itself.
 * @param texts all there are now, not only what changed
 */
export const relearn = (previous: Learned, texts: readonly LabelledText[], options: LearnOptions = {}): Learned => {
  const before = modelBehind(previous);
  if ('index' in before) return learn(texts, options);
  const labels = [...new Set(texts.map(({ label }) => label))];
  const marks = marksOf(texts, labels);
  const oldNumber = new Map(before.labels.map((label, number) => [label, number]));
  const kept = labels.map((label, number) => {
    const old = oldNumber.get(label);
    return old !== undefined && before.marks[old] === marks[number] ? old : -1;
  });
  const changed = kept.flatMap((old, number) => (old === -1 ? [number] : []));
  const lost = before.labels.length - (labels.length - changed.length);
  const few = Math.max(changed.length, lost) <= Math.max(1, mostChanged * before.labels.length);
  const { encoderId = before.encoderId, vectors, seed = before.seed } = options;
  if (!few || encoderId !== before.encoderId || labels.length < 8) return learn(texts, { ...options, encoderId, seed });

  const named = vectors === undefined ? withNames(texts) : texts;
  const placesOf = placesByLabel(named);
  const textAt = (index: number): string => (named[index] as LabelledText).text;
  const fresh = changed.flatMap((number) => placesOf.get(labels[number] as string) ?? []);
  const counted = new Map<number, Grams>(fresh.map((index) => [index, gramsOf(textAt(index))]));
  const space = widened(before.space, [...counted.values()]);
  const { dimensions } = before.head;
  const numberOf = new Map(labels.map((label, number) => [label, number]));
  const dataOf = (indices: readonly number[]): Data => {
    const grams = indices.map((index) => counted.get(index) ?? gramsOf(textAt(index)));
    return {
      points: grams.map((one, at): Point => {
        const index = indices[at] as number;
        return { ...denseOf(textAt(index), vectors?.[index]), sparse: space.vector(one) };
      }),
      labelOf: Int32Array.from(indices, (index) => numberOf.get((named[index] as LabelledText).label) as number),
      weightOf: Float32Array.from(indices, (index) => Math.max(0, (named[index] as LabelledText).weight)),
      gramsOf: Int32Array.from(grams, ({ hashes }) => hashes.length),
      labels: labels.length,
      columns: space.size,
      dimensions,
    };
  };
  const ofFresh = dataOf(fresh);
  const centroids = centroidsOf(ofFresh, Int32Array.from(fresh.keys()));
  kept.forEach((old, number) => {
    if (old !== -1)
      centroids.set(before.centroids.subarray(old * dimensions, (old + 1) * dimensions), number * dimensions);
  });
  const centroidOf = (number: number) => centroids.subarray(number * dimensions, (number + 1) * dimensions);
  /** Where the weights of each are to begin, by their old number. */
  const starts = changed.map((number) => {
    const old = oldNumber.get(labels[number] as string);
    const isSame = old !== undefined && dot(before.centroids, old * dimensions, centroidOf(number)) >= same;
    return isSame ? old : undefined;
  });
  const { neighbours, texts: each, epochs, pace } = starts.includes(undefined) ? afresh : onwards;
  const near = new Set<number>();
  for (const number of changed) {
    const likeness = Float32Array.from(labels, (_, other) => dot(centroids, other * dimensions, centroidOf(number)));
    const order = kept.flatMap((old, other) => (old === -1 ? [] : [other]));
    order.sort((a, b) => (likeness[b] as number) - (likeness[a] as number));
    for (const other of order.slice(0, neighbours)) near.add(other);
  }
  const around = [...near].flatMap((number) => placesOf.get(labels[number] as string)?.slice(0, each) ?? []);
  const data = joined(ofFresh, dataOf(around));
  // What lies far from all of them has no say.
  const rivals = [...near].map((number) => kept[number] as number);
  const still = data.points.map((point) =>
    rivals.reduce((sum, old) => sum + Math.exp(scoreIn(before.head, point, old)), 0),
  );
  const fitted = starts.map(
    (old): Weights =>
      old === undefined
        ? { bias: 0, dense: new Float32Array(dimensions), sparse: new Float32Array(space.size) }
        : weightsIn(before.head, old, space.size),
  );
  const recipe = fitOptions(data, Int32Array.from(data.points.keys()), seed);
  fitLabels(changed, fitted, still, data, { ...recipe, epochs, rate: pace * recipe.rate });
  const put = new Map(changed.map((number, at) => [number, fitted[at] as Weights]));
  const head = withLabels(before.head, Int32Array.from(kept), put, space.size);
  return learnedFrom({ ...before, seed, labels, marks, space, head, centroids });
};

const placesByLabel = (texts: readonly LabelledText[]): ReadonlyMap<string, readonly number[]> => {
  const places = new Map<string, number[]>();
  texts.forEach(({ label }, index) => {
    const own = places.get(label);
    if (own === undefined) places.set(label, [index]);
    else own.push(index);
  });
  return places;
};

const joined = (one: Data, other: Data): Data => ({
  ...one,
  points: [...one.points, ...other.points],
  labelOf: Int32Array.from([...one.labelOf, ...other.labelOf]),
  weightOf: Float32Array.from([...one.weightOf, ...other.weightOf]),
  gramsOf: Int32Array.from([...one.gramsOf, ...other.gramsOf]),
});
