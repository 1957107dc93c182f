import { denseOf } from './dense.ts';
import { gramsOf } from './grams.ts';
import type { Point } from './head.ts';
import { type Space, spaceOf } from './space.ts';
import { loadTable } from './table.ts';
import type { LabelledText } from './types.ts';

/** What is learned from. */
export interface Data {
  readonly points: readonly Point[];
  readonly labelOf: Int32Array;
  readonly weightOf: Float32Array;
  /** n-grams of each text, known or not. */
  readonly gramsOf: Int32Array;
  readonly labels: number;
  readonly columns: number;
  readonly dimensions: number;
}

/** Texts in numbers; labels are numbered in the order in which they first occur. */
export const dataOf = (
  texts: readonly LabelledText[],
  vectors: readonly Float32Array[] | undefined,
): { labels: string[]; space: Space; data: Data } => {
  const labels = [...new Set(texts.map(({ label }) => label))];
  const numberOf = new Map(labels.map((label, index) => [label, index]));
  const grams = texts.map(({ text }) => gramsOf(text));
  // Among many texts, what occurs once tells little and would be most of what is kept.
  const space = spaceOf(grams, texts.length >= 1000 ? 2 : 1);
  const points = grams.map(
    (counted, index): Point => ({
      ...denseOf((texts[index] as LabelledText).text, vectors?.[index]),
      sparse: space.vector(counted),
    }),
  );
  const data: Data = {
    points,
    labelOf: Int32Array.from(texts, ({ label }) => numberOf.get(label) as number),
    weightOf: Float32Array.from(texts, ({ weight }) => Math.max(0, weight)),
    gramsOf: Int32Array.from(grams, ({ hashes }) => hashes.length),
    labels: labels.length,
    columns: space.size,
    dimensions: points[0]?.dense.length ?? loadTable().dimensions,
  };
  return { labels, space, data };
};

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
