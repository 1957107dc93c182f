import { evidencePriors } from './evidence.ts';
import type { Features, Rows } from './features.ts';
import { Index } from './hash.ts';
import type { Lattice, Marginals } from './lattice.ts';

/** Weights of one kind of feature: a row a feature, `width` columns. */
export interface Block {
  readonly index: Index;
  readonly width: number;
  weights: Float32Array;
  /** Sums of squared gradients, kept while learning only. */
  squares: Float32Array;
}
export interface Weights {
  readonly labels: number;
  readonly longest: number;
  readonly token: Block;
  readonly gap: Block;
  readonly segment: Block;
  readonly moves: Block;
  /** One row a kind of evidence: first column for every slot, then one a label. */
  readonly evidence: Block;
}

export const block = (rows: number, width: number): Block => ({
  index: new Index(rows),
  width,
  weights: new Float32Array(rows * width),
  squares: new Float32Array(rows * width),
});

export const emptyWeights = (labels: number, longest: number): Weights => {
  const evidence = block(evidencePriors.length, labels + 1);
  for (const [feature, value] of evidencePriors.entries()) evidence.weights[feature * (labels + 1)] = value;
  return {
    labels,
    longest,
    token: block(0, labels),
    gap: block(0, 2 * (labels - 1)),
    segment: block(0, labels - 1),
    moves: block(labels + 1, labels),
    evidence,
  };
};

/** Features by row instead of by hash, unknown ones dropped. */
export const bindRows = (rows: Rows, block: Block, learn: boolean): Rows => {
  const ids = new Int32Array(rows.ids.length);
  const starts = new Int32Array(rows.starts.length);
  let size = 0;
  for (let item = 0; item + 1 < rows.starts.length; item++) {
    for (let at = rows.starts[item] as number; at < (rows.starts[item + 1] as number); at++) {
      const row = learn ? block.index.add(rows.ids[at] as number) : block.index.find(rows.ids[at] as number);
      if (row >= 0) ids[size++] = row;
    }
    starts[item + 1] = size;
  }
  return { ids: ids.slice(0, size), starts };
};

export const bindFeatures = (features: Features, weights: Weights, learn: boolean): Features => ({
  token: bindRows(features.token, weights.token, learn),
  gap: bindRows(features.gap, weights.gap, learn),
  segment: bindRows(features.segment, weights.segment, learn),
  evidence: features.evidence,
});

const addRows = ({ ids, starts }: Rows, item: number, { width, weights }: Block, into: Float64Array, at: number) => {
  for (let index = starts[item] as number; index < (starts[item + 1] as number); index++) {
    const row = (ids[index] as number) * width;
    for (let column = 0; column < width; column++)
      into[at + column] = (into[at + column] as number) + (weights[row + column] as number);
  }
};

/** Scores every segment of a text. @param features bound to rows */
export const latticeOf = (features: Features, tokens: number, model: Weights): Lattice => {
  const { labels: K, longest: L } = model;
  const S = K - 1;
  const token = new Float64Array(tokens * K);
  const gap = new Float64Array((tokens + 1) * 2 * S);
  const segment = new Float64Array(tokens * L * S);
  for (let i = 0; i < tokens; i++) addRows(features.token, i, model.token, token, i * K);
  for (let g = 0; g <= tokens; g++) addRows(features.gap, g, model.gap, gap, g * 2 * S);
  for (let i = 0; i < tokens; i++)
    for (let l = 0; l < L && i + l < tokens; l++)
      addRows(features.segment, i * L + l, model.segment, segment, (i * L + l) * S);
  const own = model.evidence.weights;
  for (const { place, cell, label, feature, value } of features.evidence) {
    const score = ((own[feature * (K + 1)] as number) + (own[feature * (K + 1) + 1 + label] as number)) * value;
    if (place === 'token') token[cell * K + label] = (token[cell * K + label] as number) + score;
    else if (place === 'segment') segment[cell * S + label - 1] = (segment[cell * S + label - 1] as number) + score;
    else {
      const at = cell * 2 * S + (place === 'begin' ? 0 : S) + label - 1;
      gap[at] = (gap[at] as number) + score;
    }
  }
  const outside = new Float64Array(tokens);
  for (let i = 0; i < tokens; i++) outside[i] = token[i * K] as number;
  for (let y = 1; y < K; y++)
    for (let i = 0; i < tokens; i++) {
      let sum = gap[i * 2 * S + y - 1] as number;
      for (let l = 0; l < L && i + l < tokens; l++) {
        sum += token[(i + l) * K + y] as number;
        const cell = (i * L + l) * S + y - 1;
        segment[cell] = (segment[cell] as number) + sum + (gap[(i + l + 1) * 2 * S + S + y - 1] as number);
      }
    }
  return { tokens, labels: K, longest: L, outside, segment, moves: Float64Array.from(model.moves.weights) };
};

/** Sums of segment probabilities where the weights stand: a token in a label, a slot that begins or ends. */
export const expectationsOf = (of: Pick<Marginals, 'outside' | 'segment'>, tokens: number, K: number, L: number) => {
  const S = K - 1;
  const token = new Float64Array(tokens * K);
  const gap = new Float64Array((tokens + 1) * 2 * S);
  for (let i = 0; i < tokens; i++) {
    token[i * K] = of.outside[i] as number;
    for (let y = 1; y < K; y++) {
      let covered = 0;
      for (let l = Math.min(L, tokens - i) - 1; l >= 0; l--) {
        const p = of.segment[(i * L + l) * S + y - 1] as number;
        covered += p;
        // A segment of length l + 1 covers the tokens i to i + l: what reaches i + l reaches those before it.
        if (covered !== 0) token[(i + l) * K + y] = (token[(i + l) * K + y] as number) + covered;
        if (p !== 0) {
          const end = (i + l + 1) * 2 * S + S + y - 1;
          gap[end] = (gap[end] as number) + p;
        }
      }
      gap[i * 2 * S + y - 1] = (gap[i * 2 * S + y - 1] as number) + covered;
    }
  }
  return { token, gap };
};
