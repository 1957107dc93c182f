import { featuresOf, type Term } from './features.ts';

/** Something that was said or written about an intent, by number. */
export interface Source {
  readonly intent: number;
  readonly terms: readonly Term[];
  /** At most 1: how much a likeness to it counts. */
  readonly trust: number;
}
interface Posting {
  readonly sources: number[];
  readonly values: number[];
}

/** The nearest example says most; the mean of all keeps one odd example from deciding alone. */
const nearestShare = 0.6;

export interface Index {
  /** @returns per intent, from 0 to 1: cosine of the nearest source, blended with that of the centroid */
  similarities(terms: readonly Term[]): Float64Array;
}

/** Builds TF-IDF vectors of all sources and an inverted index over them, so that a text meets only what shares a feature with it. */
export const indexOf = (sources: readonly Source[], intents: number): Index => {
  const idf = idfOf(sources, intents);
  const postings = new Map<string, Posting>();
  const centroids = Array.from({ length: intents }, () => new Map<string, number>());
  sources.forEach(({ intent, terms, trust }, index) => {
    const { vector, norm } = vectorOf(terms, idf);
    const centroid = centroids[intent];
    for (const [feature, weight] of vector) {
      const value = (weight / norm) * trust;
      const posting = postings.get(feature) ?? { sources: [], values: [] };
      posting.sources.push(index);
      posting.values.push(value);
      postings.set(feature, posting);
      centroid?.set(feature, (centroid.get(feature) ?? 0) + value);
    }
  });
  const lengths = centroids.map((centroid) => Math.hypot(...centroid.values()));

  return {
    similarities(terms) {
      const result = new Float64Array(intents);
      const { vector, norm } = vectorOf(terms, idf);
      if (norm === 0) return result;
      const dots = new Float64Array(sources.length);
      const touched: number[] = [];
      for (const [feature, weight] of vector) {
        const posting = postings.get(feature);
        if (posting === undefined) continue;
        const { sources: ids, values } = posting;
        for (let at = 0; at < ids.length; at++) {
          const id = ids[at] as number;
          if (dots[id] === 0) touched.push(id);
          dots[id] = (dots[id] as number) + weight * (values[at] as number);
        }
      }
      const nearest = new Float64Array(intents);
      for (const id of touched) {
        const dot = dots[id] as number;
        const { intent } = sources[id] as Source;
        const length = lengths[intent] as number;
        result[intent] = (result[intent] as number) + ((1 - nearestShare) * dot) / length / norm;
        if (dot > (nearest[intent] as number)) {
          result[intent] = (result[intent] as number) + (nearestShare * (dot - (nearest[intent] as number))) / norm;
          nearest[intent] = dot;
        }
      }
      return result;
    },
  };
};

type Idf = (feature: string) => number;

/** Counted by intents, not by examples: a word in every example of one intent is what marks it. */
const idfOf = (sources: readonly Source[], intents: number): Idf => {
  const seenIn = new Map<string, Set<number>>();
  for (const { intent, terms } of sources)
    for (const feature of featuresOf(terms).keys()) {
      const where = seenIn.get(feature) ?? new Set();
      seenIn.set(feature, where.add(intent));
    }
  const rarity = (seen: number) => Math.log((1 + intents) / (1 + seen)) + 1;
  const values = new Map([...seenIn].map(([feature, where]) => [feature, rarity(where.size)]));
  // What was never seen weighs as much as the rarest: that is what keeps unrelated text far from everything.
  const unseen = rarity(0);
  return (feature) => values.get(feature) ?? unseen;
};

const vectorOf = (terms: readonly Term[], idf: Idf): { vector: ReadonlyMap<string, number>; norm: number } => {
  const vector = featuresOf(terms);
  let square = 0;
  for (const [feature, weight] of vector) {
    const value = (weight > 1 ? 1 + Math.log(weight) : weight) * idf(feature);
    vector.set(feature, value);
    square += value * value;
  }
  return { vector, norm: Math.sqrt(square) };
};
