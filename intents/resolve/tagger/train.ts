import { evidencePriors } from './evidence.ts';
import type { Features, Rows } from './features.ts';
import type { Cut } from './knowledge.ts';
import { marginalsOf } from './lattice.ts';
import { type Block, bindFeatures, emptyWeights, expectationsOf, latticeOf, type Weights } from './model.ts';

export interface Settings {
  readonly epochs: number;
  readonly rate: number;
  /** Penalty on squared weights, of one example. */
  readonly decay: number;
  readonly dropout: number;
  readonly seed: number;
}

/**
 * Fits the weights by stochastic gradient ascent on the conditional log-likelihood, steps by AdaGrad (Duchi et al. 2011).
 * @param examples in any order; features not yet bound
 */
export const train = (
  examples: readonly { readonly cut: Cut; readonly features: Features }[],
  labels: number,
  longest: number,
  { epochs, rate, decay, dropout, seed }: Settings,
): Weights => {
  const model = emptyWeights(labels, longest);
  const bound = examples.map(({ cut, features }) => ({ cut, features: bindFeatures(features, model, true) }));
  for (const block of [model.token, model.gap, model.segment]) {
    block.weights = new Float32Array(block.index.size * block.width);
    block.squares = new Float32Array(block.index.size * block.width);
  }
  const random = generator(seed);
  const order = bound.map((_, index) => index);
  const [K, L, S] = [labels, longest, labels - 1];
  const shared = decay / Math.max(1, examples.length);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const step = rate * (1 - (0.9 * epoch) / epochs);
    for (let at = order.length - 1; at > 0; at--) {
      const other = Math.floor(random() * (at + 1));
      [order[at], order[other]] = [order[other] as number, order[at] as number];
    }
    for (const which of order) {
      const { cut, features: whole } = bound[which] as (typeof bound)[number];
      const features = dropout === 0 ? whole : thinned(whole, dropout, random);
      const n = cut.tokens.length;
      if (n === 0) continue;
      const given = marginalsOf(latticeOf(features, n, model));
      // The gradient: what the example says minus what the model expects.
      const outside = given.outside.map((p) => -p);
      const segment = given.segment.map((p) => -p);
      const moves = given.moves.map((p) => -p);
      const inside = new Uint8Array(n);
      const path: number[] = [];
      for (let i = 0; i < n; ) {
        const gold = cut.segments.find(({ from }) => from === i);
        const length = gold === undefined ? 1 : gold.to - gold.from;
        if (gold === undefined) outside[i] = (outside[i] as number) + 1;
        else {
          const cell = (i * L + length - 1) * S + gold.label - 1;
          segment[cell] = (segment[cell] as number) + 1;
          inside.fill(1, gold.from, gold.to);
        }
        path.push(gold?.label ?? 0);
        i += length;
      }
      let last = K;
      for (const label of path) {
        moves[last * K + label] = (moves[last * K + label] as number) + 1;
        last = label;
      }
      const { token, gap } = expectationsOf({ outside, segment }, n, K, L);
      push(features.token, n, token, model.token, step, shared);
      push(features.gap, n + 1, gap, model.gap, step, shared);
      push(features.segment, n * L, segment, model.segment, step, shared);
      for (let cell = 0; cell < moves.length; cell++)
        if (moves[cell] !== 0) nudge(model.moves, cell, moves[cell] as number, step, shared, 0);
      const sums = new Float64Array(model.evidence.weights.length);
      for (const { place, cell, label, feature, value } of features.evidence) {
        const g =
          place === 'token'
            ? token[cell * K + label]
            : place === 'segment'
              ? segment[cell * S + label - 1]
              : gap[cell * 2 * S + (place === 'begin' ? 0 : S) + label - 1];
        sums[feature * (K + 1)] = (sums[feature * (K + 1)] as number) + (g as number) * value;
        sums[feature * (K + 1) + 1 + label] = (sums[feature * (K + 1) + 1 + label] as number) + (g as number) * value;
      }
      for (let cell = 0; cell < sums.length; cell++)
        if (sums[cell] !== 0)
          nudge(
            model.evidence,
            cell,
            sums[cell] as number,
            step,
            shared,
            cell % (K + 1) === 0 ? (evidencePriors[cell / (K + 1)] as number) : 0,
          );
    }
  }
  return model;
};

const nudge = (block: Block, cell: number, gain: number, step: number, decay: number, towards: number) => {
  const own = block.weights[cell] as number;
  const g = gain - decay * (own - towards);
  const square = (block.squares[cell] as number) + g * g;
  block.squares[cell] = square;
  block.weights[cell] = own + (step * g) / (Math.sqrt(square) + 1e-6);
};

const push = ({ ids, starts }: Rows, items: number, gains: Float64Array, block: Block, step: number, decay: number) => {
  const { width } = block;
  for (let item = 0; item < items; item++) {
    const [from, to] = [starts[item] as number, starts[item + 1] as number];
    for (let column = 0; column < width; column++) {
      const gain = gains[item * width + column] as number;
      if (gain < 1e-4 && gain > -1e-4) continue;
      for (let at = from; at < to; at++) nudge(block, (ids[at] as number) * width + column, gain, step, decay, 0);
    }
  }
};

/** Leaves features out by chance, so that none is leaned on alone. */
const thinned = (features: Features, share: number, random: () => number): Features => {
  const thin = ({ ids, starts }: Rows): Rows => {
    const kept = new Int32Array(ids.length);
    const bounds = new Int32Array(starts.length);
    let size = 0;
    for (let item = 0; item + 1 < starts.length; item++) {
      for (let at = starts[item] as number; at < (starts[item + 1] as number); at++)
        if (random() >= share) kept[size++] = ids[at] as number;
      bounds[item + 1] = size;
    }
    return { ids: kept, starts: bounds };
  };
  return { ...features, token: thin(features.token), gap: thin(features.gap), segment: thin(features.segment) };
};

/** Mulberry32: uniform in [0, 1), the same row for the same seed. */
export const generator = (seed: number): (() => number) => {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};
