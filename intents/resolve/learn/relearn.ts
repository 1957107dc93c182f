import { compact, loosen } from './compact.ts';
import { centroidsOf, type Data } from './data.ts';
import { fitLabels } from './fit-labels.ts';
import { gramsOf } from './grams.ts';
import { dot, type Point } from './head.ts';
import { type LearnOptions, learn } from './learn.ts';
import { learnedFrom, modelBehind } from './learned.ts';
import { marksOf } from './mark.ts';
import { withNames } from './names.ts';
import { fitOptions } from './recipe.ts';
import { widened } from './space.ts';
import { loadTable } from './table.ts';
import type { LabelledText, Learned } from './types.ts';

/** When more than this share of the labels changed, all is learned anew. */
const mostChanged = 0.1;
const neighbours = 20;
const textsOfNeighbour = 20;

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
  const isChanged = new Set(changed.map((number) => labels[number]));
  const pick = (holds: (label: string) => boolean, most: number): number[] => {
    const taken = new Map<string, number>();
    return named.flatMap(({ label }, index) => {
      const count = taken.get(label) ?? 0;
      if (!holds(label) || count >= most) return [];
      taken.set(label, count + 1);
      return [index];
    });
  };
  const denseOf = (index: number) => vectors?.[index] ?? loadTable().vector((named[index] as LabelledText).text);
  const numberOf = new Map(labels.map((label, number) => [label, number]));
  const { dimensions } = before.head;
  const fresh = pick((label) => isChanged.has(label), Number.POSITIVE_INFINITY);
  const space = widened(
    before.space,
    fresh.map((index) => gramsOf((named[index] as LabelledText).text)),
  );
  const dataOf = (indices: readonly number[]): Data => {
    const grams = indices.map((index) => gramsOf((named[index] as LabelledText).text));
    return {
      points: grams.map(
        (counted, at): Point => ({ dense: denseOf(indices[at] as number), sparse: space.vector(counted) }),
      ),
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
  const near = new Set<string>();
  for (const number of changed) {
    const own = centroids.subarray(number * dimensions, (number + 1) * dimensions);
    const order = labels
      .map((label, other) => ({ label, likeness: other === number ? -2 : dot(centroids, other * dimensions, own) }))
      .sort((a, b) => b.likeness - a.likeness);
    for (const { label } of order.slice(0, neighbours)) if (!isChanged.has(label)) near.add(label);
  }
  const data = dataOf([...fresh, ...pick((label) => near.has(label), textsOfNeighbour)]);
  const all = Int32Array.from(data.labelOf.keys());
  const start = loosen(before.head, Int32Array.from(kept), space.size);
  const fitted = fitLabels(start, changed, data, fitOptions(data, all, seed));
  return learnedFrom({ ...before, seed, labels, marks, space, head: compact(fitted), centroids });
};
