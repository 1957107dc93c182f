import { featuresOf } from './features.ts';
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

type Vector = ReadonlyMap<string, number>;
interface Known {
  readonly sources: readonly Vector[];
  readonly centroid: Vector;
}

/** The nearest example says most; the mean of all keeps one odd example from deciding alone. */
const nearestShare = 0.6;

/** TF-IDF of words, pairs of words and letters. A text is compared with the labels asked for alone, however many there are. */
export const likenessTo = (sources: readonly Source[]): Likeness => {
  const weigh = weighing(sources);
  const byLabel = new Map<string, Vector[]>();
  for (const { label, pieces, trust } of sources) {
    const vectors = byLabel.get(label) ?? [];
    vectors.push(scaled(weigh(pieces), trust));
    byLabel.set(label, vectors);
  }
  const known = new Map(
    [...byLabel].map(([label, vectors]): [string, Known] => [label, { sources: vectors, centroid: meanOf(vectors) }]),
  );
  return {
    of(pieces, labels) {
      const text = weigh(pieces);
      return labels.map((label) => {
        const about = known.get(label);
        if (about === undefined) return 0;
        const nearest = about.sources.reduce((best, source) => Math.max(best, dot(source, text)), 0);
        return nearestShare * nearest + (1 - nearestShare) * dot(about.centroid, text);
      });
    },
  };
};

const dot = (a: Vector, b: Vector): number => {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  let sum = 0;
  for (const [feature, value] of few) sum += value * (many.get(feature) ?? 0);
  return sum;
};

const scaled = (vector: Vector, factor: number): Vector =>
  new Map([...vector].map(([feature, value]) => [feature, value * factor]));

const meanOf = (vectors: readonly Vector[]): Vector => {
  const sum = new Map<string, number>();
  for (const vector of vectors)
    for (const [feature, value] of vector) sum.set(feature, (sum.get(feature) ?? 0) + value);
  const length = Math.hypot(...sum.values());
  return length === 0 ? sum : scaled(sum, 1 / length);
};

/**
 * Makes vectors of unit length. Rarity is counted by labels, not by sources: a word in every example of one label is what
 * marks it. What was never seen weighs as much as the rarest: that is what keeps unrelated text far from everything.
 */
const weighing = (sources: readonly Source[]): ((pieces: readonly Piece[]) => Vector) => {
  const seenIn = new Map<string, Set<string>>();
  for (const { label, pieces } of sources)
    for (const feature of featuresOf(pieces).keys()) {
      const where = seenIn.get(feature) ?? new Set();
      seenIn.set(feature, where.add(label));
    }
  const labels = new Set(sources.map(({ label }) => label)).size;
  const rarity = (seen: number) => Math.log((1 + labels) / (1 + seen)) + 1;
  return (pieces) => {
    const vector = featuresOf(pieces);
    let square = 0;
    for (const [feature, weight] of vector) {
      const value = (weight > 1 ? 1 + Math.log(weight) : weight) * rarity(seenIn.get(feature)?.size ?? 0);
      vector.set(feature, value);
      square += value * value;
    }
    return square === 0 ? vector : scaled(vector, 1 / Math.sqrt(square));
  };
};
