import { type Calibration, calibrate } from './calibrate.ts';
import { gramsOf } from './grams.ts';
import { fitHead, type Head, type Point } from './head.ts';
import { learnedFrom } from './learned.ts';
import { fitOptions } from './recipe.ts';
import { type Space, spaceOf } from './space.ts';
import { loadTable } from './table.ts';
import type { LabelledText, Learned } from './types.ts';

export interface LearnOptions {
  /** One a text, unit length, all of one size: made by another encoder in place of the built-in table. */
  readonly vectors?: readonly Float32Array[];
  /** Which encoder made them; kept with what was learned. */
  readonly encoderId?: string;
  readonly seed?: number;
  /** Called now and then with the share done, in [0, 1]. */
  readonly onProgress?: (share: number) => void;
}

/** All that was learned, in numbers. */
export interface Model {
  readonly labels: readonly string[];
  readonly space: Space;
  readonly head: Head;
  readonly calibration: Calibration;
  /** [labels][dimensions], unit length */
  readonly centroids: Float32Array;
}

/**
 * Learns to tell labels apart by labelled texts: one softmax layer over a dense vector and n-grams of each text.
 * Same texts and seed, same result. Takes any texts: none, of one label, the same text twice, empty ones.
 */
export const learn = (texts: readonly LabelledText[], options: LearnOptions = {}): Learned =>
  learnedFrom(modelOf(texts, options));

/** @throws RangeError where there are vectors, but not one a text */
export const modelOf = (
  texts: readonly LabelledText[],
  { vectors, seed = 1, onProgress = () => {} }: LearnOptions = {},
): Model => {
  if (vectors !== undefined && vectors.length !== texts.length)
    throw new RangeError(`${texts.length} texts need as many vectors, not ${vectors.length}`);
  const labels = [...new Set(texts.map(({ label }) => label))];
  const numberOf = new Map(labels.map((label, index) => [label, index]));
  const labelOf = Int32Array.from(texts, ({ label }) => numberOf.get(label) as number);
  const weightOf = Float32Array.from(texts, ({ weight }) => Math.max(0, weight));
  const grams = texts.map(({ text }) => gramsOf(text));
  const space = spaceOf(grams);
  const dimensions = vectors?.[0]?.length ?? loadTable().dimensions;
  const points = texts.map(
    ({ text }, index): Point => ({
      dense: vectors?.[index] ?? loadTable().vector(text),
      sparse: space.vector(grams[index] as (typeof grams)[number]),
    }),
  );
  const data = { points, labelOf, weightOf, labels: labels.length, columns: space.size, dimensions };
  onProgress(0.02);
  const calibration = calibrate(data, seed, (share) => onProgress(0.02 + 0.8 * share));
  const all = Int32Array.from(labelOf.keys());
  const head = fitHead(points, labelOf, weightOf, all, fitOptions(data, all, seed));
  onProgress(1);
  return { labels, space, head, calibration, centroids: centroidsOf(data, all) };
};

/** What is learned from. */
export interface Data {
  readonly points: readonly Point[];
  readonly labelOf: Int32Array;
  readonly weightOf: Float32Array;
  readonly labels: number;
  readonly columns: number;
  readonly dimensions: number;
}

/** @returns [labels][dimensions], each unit length, or zero for a label without points in `order` */
export const centroidsOf = (
  { points, labelOf, weightOf, labels, dimensions }: Data,
  order: Int32Array,
): Float32Array => {
  const centroids = new Float32Array(labels * dimensions);
  for (const index of order) {
    const from = (labelOf[index] as number) * dimensions;
    const { dense } = points[index] as Point;
    const weight = weightOf[index] as number;
    for (let at = 0; at < dimensions; at++)
      centroids[from + at] = (centroids[from + at] as number) + weight * (dense[at] as number);
  }
  for (let label = 0; label < labels; label++) {
    let square = 0;
    for (let at = label * dimensions; at < (label + 1) * dimensions; at++) square += (centroids[at] as number) ** 2;
    const factor = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let at = label * dimensions; at < (label + 1) * dimensions; at++)
      centroids[at] = (centroids[at] as number) * factor;
  }
  return centroids;
};
