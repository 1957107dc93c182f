import { type Clusters, clustersOf } from './clusters.ts';
import { centroidsOf, type Data } from './data.ts';
import { type Point, toShares } from './head.ts';
import { multiply } from './multiply.ts';

/** What thousands of labels are ranked by: centroids in clusters, and n-grams that point to their labels. */
export interface WideIndex {
  readonly dimensions: number;
  /** [labels][dimensions]: centroids, unit length, times 127 */
  readonly rows: Int8Array;
  readonly clusters: Clusters;
  /** [columns + 1]: where in `labels` and `weights` a column's postings begin */
  readonly starts: Int32Array;
  readonly labels: Int32Array;
  readonly weights: Float32Array;
}

/** One text among the few labels it may be about. */
export interface WideReading {
  /** Highest share first. */
  readonly labels: readonly number[];
  readonly shares: Float32Array;
  readonly facts: readonly number[];
}

const gramsOfLabel = 64;
/** An n-gram of more labels than this tells too little for what it costs. */
const mostLabels = 400;
const nearClusters = 3;
const fromGrams = 40;
const gramScale = 1;
const sharpness = 24;
const kept = 20;
/** Marks a cluster whose labels have been weighed. */
const met = -2;

export const wideIndexOf = (data: Data, order: Int32Array): WideIndex => {
  const { points, labelOf, weightOf, labels, dimensions, columns } = data;
  const centroids = centroidsOf(data, order);
  const sums = Array.from({ length: labels }, () => new Map<number, number>());
  for (const index of order) {
    const sum = sums[labelOf[index] as number] as Map<number, number>;
    const { columns: where, values } = (points[index] as Point).sparse;
    for (let at = 0; at < where.length; at++) {
      const column = where[at] as number;
      sum.set(column, (sum.get(column) ?? 0) + (values[at] as number) * (weightOf[index] as number));
    }
  }
  const lines = sums.map((sum) => {
    const length = Math.hypot(...sum.values()) || 1;
    const most = [...sum].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, gramsOfLabel);
    return most.map(([column, weight]) => [column, weight / length] as const);
  });
  const counts = new Int32Array(columns + 1);
  for (const line of lines) for (const [column] of line) counts[column] = (counts[column] as number) + 1;
  const starts = new Int32Array(columns + 1);
  for (let column = 0; column < columns; column++) {
    const count = counts[column] as number;
    starts[column + 1] = (starts[column] as number) + (count > mostLabels ? 0 : count);
  }
  const next = starts.slice();
  const owners = new Int32Array(starts[columns] as number);
  const weights = new Float32Array(owners.length);
  lines.forEach((line, label) => {
    for (const [column, weight] of line) {
      if ((counts[column] as number) > mostLabels) continue;
      const at = next[column] as number;
      next[column] = at + 1;
      owners[at] = label;
      weights[at] = weight;
    }
  });
  return {
    dimensions,
    rows: Int8Array.from(centroids, (value) => Math.round(127 * value)),
    clusters: clustersOf(centroids, dimensions),
    starts,
    labels: owners,
    weights,
  };
};

/** Reads texts one after the other; what it works with is kept between them. */
export const wideReader = (index: WideIndex): ((point: Point, grams: number) => WideReading) => {
  const { dimensions, rows, clusters, starts, labels: owners, weights } = index;
  const count = clusters.clusterOf.length;
  const members = Array.from({ length: clusters.centres.length / dimensions }, () => [] as number[]);
  clusters.clusterOf.forEach((cluster, label) => {
    members[cluster]?.push(label);
  });
  const near = new Float64Array(members.length);
  const centres = Float64Array.from(clusters.centres);
  const vector = new Float64Array(dimensions);
  const byGrams = new Float32Array(count);
  const room = new Int32Array(count);
  const rounded = new Int32Array(dimensions);
  const who = new Int32Array(count);
  const products = new Float64Array(count + 3);
  return ({ dense, sparse: { columns, values } }, grams) => {
    let many = 0;
    for (let at = 0; at < columns.length; at++) {
      const column = columns[at] as number;
      const value = values[at] as number;
      const end = starts[column + 1] as number;
      for (let place = starts[column] as number; place < end; place++) {
        const label = owners[place] as number;
        if (byGrams[label] === 0) room[many++] = label;
        byGrams[label] = (byGrams[label] as number) + value * (weights[place] as number);
      }
    }
    const touched = room.subarray(0, many);
    const line = lineOf(touched, byGrams);
    vector.fill(0).set(dense);
    multiply(centres, vector, near);
    let asked = 0;
    for (let turn = 0; turn < Math.min(nearClusters, members.length); turn++) {
      let best = 0;
      for (let at = 1; at < near.length; at++) if ((near[at] as number) > (near[best] as number)) best = at;
      near[best] = met;
      for (const label of members[best] as number[]) who[asked++] = label;
    }
    for (const label of touched)
      if ((byGrams[label] as number) >= line && near[clusters.clusterOf[label] as number] !== met) who[asked++] = label;
    for (let at = 0; at < dimensions; at++) rounded[at] = Math.round(whole * (dense[at] as number));
    dotsOf(rows, who, asked, rounded, products);
    const scored: Scored[] = [];
    for (let at = 0; at < asked; at++) {
      const label = who[at] as number;
      const likeness = (products[at] as number) / (127 * whole);
      keep(scored, label, likeness, likeness + gramScale * (byGrams[label] as number));
    }
    for (const label of touched) byGrams[label] = 0;
    const shares = Float32Array.from(scored, ({ score }) => sharpness * score);
    const margin = scored.length < 2 ? 0 : (scored[0]?.score ?? 0) - (scored[1]?.score ?? 0);
    if (shares.length > 0) toShares(shares);
    const { score = 0, likeness = 0 } = scored[0] ?? {};
    return {
      labels: scored.map(({ label }) => label),
      shares,
      facts: [margin, score, likeness, grams === 0 ? 0 : columns.length / grams, Math.log(1 + grams)],
    };
  };
};

/** What the best labels by n-grams reach: a line that so many of them are on or above. */
const lineOf = (touched: Int32Array, byGrams: Float32Array): number => {
  if (touched.length <= fromGrams) return 0;
  // The best so far, highest first. Of thousands nearly all are turned away by the first comparison.
  const best = new Float32Array(fromGrams).fill(-1);
  for (let each = 0; each < touched.length; each++) {
    const score = byGrams[touched[each] as number] as number;
    let at = fromGrams - 1;
    if (score <= (best[at] as number)) continue;
    for (; at > 0 && (best[at - 1] as number) < score; at--) best[at] = best[at - 1] as number;
    best[at] = score;
  }
  return best[fromGrams - 1] as number;
};

interface Scored {
  readonly label: number;
  readonly likeness: number;
  readonly score: number;
}

/** Puts one where it belongs among the best, or nowhere. */
const keep = (best: Scored[], label: number, likeness: number, score: number): void => {
  if (best.length === kept && score <= (best[kept - 1]?.score ?? 0)) return;
  let at = Math.min(best.length, kept - 1);
  for (; at > 0 && (best[at - 1] as Scored).score < score; at--) best[at] = best[at - 1] as Scored;
  best[at] = { label, likeness, score };
};

/** What a vector's numbers are multiplied by to be whole: their products with 127 times a unit vector sum up within 32 bits. */
const whole = 2 ** 22;

/** `products[at] = rows[who[at]] . vector` of whole numbers, four rows at a time, so that the vector is read a quarter as often. */
const dotsOf = (rows: Int8Array, who: Int32Array, count: number, vector: Int32Array, products: Float64Array): void => {
  const length = vector.length;
  for (let at = 0; at < count; at += 4) {
    // The last row is multiplied again where their number is not a multiple of four.
    const one = (who[at] as number) * length;
    const two = (who[Math.min(at + 1, count - 1)] as number) * length;
    const three = (who[Math.min(at + 2, count - 1)] as number) * length;
    const four = (who[Math.min(at + 3, count - 1)] as number) * length;
    let [first, second, third, fourth] = [0, 0, 0, 0];
    for (let cell = 0; cell < length; cell++) {
      const value = vector[cell] as number;
      first = (first + Math.imul(rows[one + cell] as number, value)) | 0;
      second = (second + Math.imul(rows[two + cell] as number, value)) | 0;
      third = (third + Math.imul(rows[three + cell] as number, value)) | 0;
      fourth = (fourth + Math.imul(rows[four + cell] as number, value)) | 0;
    }
    products[at] = first;
    products[at + 1] = second;
    products[at + 2] = third;
    products[at + 3] = fourth;
  }
};
