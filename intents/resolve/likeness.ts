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

type Features = ReadonlyMap<number, number>;

/** What is compared with, in rows of numbers: as maps it was most of what understanding a small catalogue took. */
interface Known {
  /** Where the rows of each label are: those of its sources, then that of its centroid. */
  readonly rowsOf: ReadonlyMap<string, { readonly first: number; readonly centroid: number }>;
  /** [rows + 1]: where each begins in the other two */
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float32Array;
}

/** TF-IDF of words, pairs of words and letters. A text is compared with the labels asked for alone, however many there are. */
export const likenessTo = (sources: readonly Source[]): Likeness => {
  const { known, weighing } = learnedFrom(sources);
  const text = new Float64Array(weighing.rarities.length);
  return {
    of(pieces, labels) {
      const features = featuresOf(pieces);
      weigh(weighing, features, (column, value) => {
        text[column] = value;
      });
      const found = labels.map((label) => {
        const rows = known.rowsOf.get(label);
        if (rows === undefined) return 0;
        let nearest = 0;
        for (let row = rows.first; row < rows.centroid; row++) nearest = Math.max(nearest, product(known, row, text));
        return nearestShare * nearest + (1 - nearestShare) * product(known, rows.centroid, text);
      });
      weigh(weighing, features, (column) => {
        text[column] = 0;
      });
      return found;
    },
  };
};

const learnedFrom = (sources: readonly Source[]): { readonly known: Known; readonly weighing: Weighing } => {
  const byLabel = Map.groupBy(
    sources.map(({ label, pieces, trust }) => ({ label, trust, features: featuresOf(pieces) })),
    ({ label }) => label,
  );
  const weighing = weighingBy([...byLabel.values()].map((own) => own.map(({ features }) => features)));
  const starts = [0];
  const columns: number[] = [];
  const values: number[] = [];
  const rowsOf = new Map<string, { readonly first: number; readonly centroid: number }>();
  for (const [label, own] of byLabel) {
    const first = starts.length - 1;
    const sum = new Map<number, number>();
    for (const { features, trust } of own) {
      weigh(weighing, features, (column, value) => {
        columns.push(column);
        values.push(trust * value);
        sum.set(column, (sum.get(column) ?? 0) + trust * value);
      });
      starts.push(columns.length);
    }
    const length = Math.hypot(...sum.values()) || 1;
    for (const [column, value] of sum) {
      columns.push(column);
      values.push(value / length);
    }
    rowsOf.set(label, { first, centroid: starts.length - 1 });
    starts.push(columns.length);
  }
  const known = {
    rowsOf,
    starts: Int32Array.from(starts),
    columns: Int32Array.from(columns),
    values: Float32Array.from(values),
  };
  return { known, weighing };
};

const product = ({ starts, columns, values }: Known, row: number, vector: Float64Array): number => {
  let sum = 0;
  for (let at = starts[row] as number; at < (starts[row + 1] as number); at++)
    sum += (values[at] as number) * (vector[columns[at] as number] as number);
  return sum;
};

interface Weighing {
  /** @returns -1 for a feature that no source has */
  readonly columnOf: (feature: number) => number;
  readonly rarities: Float64Array;
  readonly unseen: number;
}

/**
 * Rarity is counted by labels, not by sources: a word in every example of one label is what marks it. What was never seen
 * weighs as much as the rarest: that is what keeps unrelated text far from everything.
 * @param labels features of every source, label by label
 */
const weighingBy = (labels: readonly (readonly Features[])[]): Weighing => {
  const seenIn = new Map<number, number>();
  for (const own of labels)
    for (const feature of new Set(own.flatMap((features) => [...features.keys()])))
      seenIn.set(feature, (seenIn.get(feature) ?? 0) + 1);
  const rarity = (seen: number) => Math.log((1 + labels.length) / (1 + seen)) + 1;
  return {
    columnOf: hashIndex(Int32Array.from(seenIn.keys())),
    rarities: Float64Array.from(seenIn.values(), rarity),
    unseen: rarity(0),
  };
};

/** Tells each feature that is known what it comes to in a vector of unit length. */
const weigh = (
  { columnOf, rarities, unseen }: Weighing,
  features: Features,
  hear: (column: number, value: number) => void,
): void => {
  const weightOf = (column: number, count: number) =>
    (count > 1 ? 1 + Math.log(count) : count) * (column === -1 ? unseen : (rarities[column] as number));
  let square = 0;
  for (const [feature, count] of features) square += weightOf(columnOf(feature), count) ** 2;
  if (square === 0) return;
  const factor = 1 / Math.sqrt(square);
  for (const [feature, count] of features) {
    const column = columnOf(feature);
    if (column !== -1) hear(column, factor * weightOf(column, count));
  }
};
