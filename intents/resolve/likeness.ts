import { featuresOf } from './features.ts';
import { hashIndex } from './learn/hash-index.ts';
import type { Piece } from './mask.ts';

/** Something that was said or written about a label. */
export interface Source {
  readonly label: string;
  readonly pieces: readonly Piece[];
  /** At most 1: how much a likeness to it counts. */
  readonly trust: number;
}

/** How like its own words a text is to a label's, whatever they mean: what no embedding of a small catalogue can tell. */
export interface Likeness {
  /** @returns per label asked for, in [0, 1]: cosine of its nearest source, blended with that of its centroid */
  of(pieces: readonly Piece[], labels: readonly string[]): readonly number[];
}

/** The nearest example says most; the mean of all keeps one odd example from deciding alone. */
const nearestShare = 0.6;

/**
 * TF-IDF of words, pairs of words and letters. A text is compared with the labels asked for alone, however many there are.
 * What is compared with lies in rows of numbers: as maps it was most of what understanding a small catalogue took.
 */
export const likenessTo = (sources: readonly Source[]): Likeness => {
  const byLabel = Map.groupBy(
    sources.map(({ label, pieces, trust }) => ({ label, trust, features: featuresOf(pieces) })),
    ({ label }) => label,
  );
  const { size, weigh } = weighing([...byLabel.values()].map((own) => own.map(({ features }) => features)));
  const columns: number[] = [];
  const values: number[] = [];
  const ends: number[] = [0];
  const keep = (column: number, value: number) => {
    columns.push(column);
    values.push(value);
  };
  /** The first row of each label; that of its centroid comes after those of its sources. */
  const firstOf = new Map<string, { readonly first: number; readonly centroid: number }>();
  for (const [label, own] of byLabel) {
    const first = ends.length - 1;
    const sum = new Map<number, number>();
    for (const { features, trust } of own) {
      weigh(features, (column, value) => {
        keep(column, trust * value);
        sum.set(column, (sum.get(column) ?? 0) + trust * value);
      });
      ends.push(columns.length);
    }
    const length = Math.hypot(...sum.values()) || 1;
    for (const [column, value] of sum) keep(column, value / length);
    firstOf.set(label, { first, centroid: ends.length - 1 });
    ends.push(columns.length);
  }
  const like = likenessBy({
    ends: Int32Array.from(ends),
    columns: Int32Array.from(columns),
    values: Float32Array.from(values),
  });
  const text = new Float64Array(size);
  return {
    of(pieces, labels) {
      const features = featuresOf(pieces);
      weigh(features, (column, value) => {
        text[column] = value;
      });
      const found = labels.map((label) => {
        const about = firstOf.get(label);
        if (about === undefined) return 0;
        let nearest = 0;
        for (let row = about.first; row < about.centroid; row++) nearest = Math.max(nearest, like(row, text));
        return nearestShare * nearest + (1 - nearestShare) * like(about.centroid, text);
      });
      weigh(features, (column) => {
        text[column] = 0;
      });
      return found;
    },
  };
};

/** @returns the product of one row with a vector that has a number for every column */
const likenessBy =
  ({
    ends,
    columns,
    values,
  }: {
    readonly ends: Int32Array;
    readonly columns: Int32Array;
    readonly values: Float32Array;
  }) =>
  (row: number, vector: Float64Array): number => {
    let sum = 0;
    for (let at = ends[row] as number; at < (ends[row + 1] as number); at++)
      sum += (values[at] as number) * (vector[columns[at] as number] as number);
    return sum;
  };

/**
 * Makes vectors of unit length. Rarity is counted by labels, not by sources: a word in every example of one label is what
 * marks it. What was never seen weighs as much as the rarest: that is what keeps unrelated text far from everything.
 * @param labels features of every source, label by label
 */
const weighing = (labels: readonly (readonly ReadonlyMap<number, number>[])[]) => {
  const seenIn = new Map<number, number>();
  for (const own of labels)
    for (const feature of new Set(own.flatMap((features) => [...features.keys()])))
      seenIn.set(feature, (seenIn.get(feature) ?? 0) + 1);
  const rarity = (seen: number) => Math.log((1 + labels.length) / (1 + seen)) + 1;
  const columnOf = hashIndex(Int32Array.from(seenIn.keys()));
  const rarities = Float64Array.from(seenIn.values(), rarity);
  const unseen = rarity(0);
  const weightOf = (column: number, weight: number) =>
    (weight > 1 ? 1 + Math.log(weight) : weight) * (column === -1 ? unseen : (rarities[column] as number));
  return {
    size: seenIn.size,
    weigh: (features: ReadonlyMap<number, number>, hear: (column: number, value: number) => void): void => {
      let square = 0;
      for (const [feature, weight] of features) square += weightOf(columnOf(feature), weight) ** 2;
      if (square === 0) return;
      const factor = 1 / Math.sqrt(square);
      for (const [feature, weight] of features) {
        const column = columnOf(feature);
        if (column !== -1) hear(column, factor * weightOf(column, weight));
      }
    },
  };
};
