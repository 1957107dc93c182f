/**
 * Scores of every way to cut one text into segments. Label 0 is "outside" and always one token long.
 * `segment` holds, for a segment from token i of length l with label y >= 1, cell `((i * longest) + l - 1) * (labels - 1) + y - 1`.
 */
export interface Lattice {
  readonly tokens: number;
  /** Outside and the slots. */
  readonly labels: number;
  readonly longest: number;
  /** One a token. */
  readonly outside: Float64Array;
  readonly segment: Float64Array;
  /** From label y to label z: cell `y * labels + z`; row `labels` is the start. */
  readonly moves: Float64Array;
}

/** What the forward and backward sums give: probabilities of segments and moves. */
export interface Marginals {
  readonly logZ: number;
  readonly outside: Float64Array;
  readonly segment: Float64Array;
  readonly moves: Float64Array;
}

export interface Segment {
  readonly from: number;
  readonly length: number;
  readonly label: number;
}

/**
 * Forward-backward over segmentations: a semi-Markov conditional random field
 * (Sarawagi and Cohen, "Semi-Markov Conditional Random Fields for Information Extraction", 2004).
 */
export const marginalsOf = ({ tokens: n, labels: K, longest: L, outside, segment, moves }: Lattice): Marginals => {
  const S = K - 1;
  const into = new Float64Array((n + 1) * K).fill(-Infinity);
  const ended = new Float64Array((n + 1) * K).fill(-Infinity);
  const scratch = new Float64Array(Math.max(K, L) + 1);
  for (let y = 0; y < K; y++) into[y] = moves[K * K + y] as number;
  for (let g = 1; g <= n; g++) {
    ended[g * K] = (into[(g - 1) * K] as number) + (outside[g - 1] as number);
    for (let y = 1; y < K; y++) {
      let size = 0;
      for (let l = 1; l <= L && l <= g; l++)
        scratch[size++] = (into[(g - l) * K + y] as number) + (segment[((g - l) * L + l - 1) * S + y - 1] as number);
      ended[g * K + y] = logSum(scratch, size);
    }
    if (g === n) break;
    for (let z = 0; z < K; z++) {
      for (let y = 0; y < K; y++) scratch[y] = (ended[g * K + y] as number) + (moves[y * K + z] as number);
      into[g * K + z] = logSum(scratch, K);
    }
  }
  for (let y = 0; y < K; y++) scratch[y] = ended[n * K + y] as number;
  const logZ = logSum(scratch, K);

  const rest = new Float64Array((n + 1) * K);
  const out = new Float64Array((n + 1) * K);
  const marginals: Marginals = {
    logZ,
    outside: new Float64Array(n),
    segment: new Float64Array(n * L * S),
    moves: new Float64Array((K + 1) * K),
  };
  for (let g = n - 1; g >= 0; g--) {
    const open = (outside[g] as number) + (rest[(g + 1) * K] as number);
    out[g * K] = open;
    marginals.outside[g] = Math.exp((into[g * K] as number) + open - logZ);
    for (let y = 1; y < K; y++) {
      let size = 0;
      const before = (into[g * K + y] as number) - logZ;
      for (let l = 1; l <= L && g + l <= n; l++) {
        const cell = (g * L + l - 1) * S + y - 1;
        const score = (segment[cell] as number) + (rest[(g + l) * K + y] as number);
        scratch[size++] = score;
        if (before + score > -20) marginals.segment[cell] = Math.exp(before + score);
      }
      out[g * K + y] = logSum(scratch, size);
    }
    for (let y = 0; y < K; y++) {
      const row = g === 0 ? K : y;
      for (let z = 0; z < K; z++) {
        const score = (moves[row * K + z] as number) + (out[g * K + z] as number);
        scratch[z] = score;
        const before = g === 0 ? 0 : (ended[g * K + y] as number);
        if (before + score - logZ > -20)
          marginals.moves[row * K + z] = (marginals.moves[row * K + z] as number) + Math.exp(before + score - logZ);
      }
      if (g === 0) break;
      rest[g * K + y] = logSum(scratch, K);
    }
  }
  return marginals;
};

/** The best segmentation: only the slots, in the order of the text. */
export const bestPath = ({ tokens: n, labels: K, longest: L, outside, segment, moves }: Lattice): Segment[] => {
  const S = K - 1;
  const into = new Float64Array((n + 1) * K).fill(-Infinity);
  const ended = new Float64Array((n + 1) * K).fill(-Infinity);
  const lengths = new Int32Array((n + 1) * K);
  const previous = new Int32Array((n + 1) * K).fill(-1);
  for (let y = 0; y < K; y++) into[y] = moves[K * K + y] as number;
  for (let g = 1; g <= n; g++) {
    ended[g * K] = (into[(g - 1) * K] as number) + (outside[g - 1] as number);
    lengths[g * K] = 1;
    for (let y = 1; y < K; y++)
      for (let l = 1; l <= L && l <= g; l++) {
        const score = (into[(g - l) * K + y] as number) + (segment[((g - l) * L + l - 1) * S + y - 1] as number);
        if (score <= (ended[g * K + y] as number)) continue;
        ended[g * K + y] = score;
        lengths[g * K + y] = l;
      }
    for (let z = 0; z < K; z++)
      for (let y = 0; y < K; y++) {
        const score = (ended[g * K + y] as number) + (moves[y * K + z] as number);
        if (score <= (into[g * K + z] as number)) continue;
        into[g * K + z] = score;
        previous[g * K + z] = y;
      }
  }
  let label = 0;
  for (let y = 1; y < K; y++) if ((ended[n * K + y] as number) > (ended[n * K + label] as number)) label = y;
  const path: Segment[] = [];
  for (let g = n; g > 0; ) {
    const length = Math.max(1, lengths[g * K + label] as number);
    const from = g - length;
    if (label > 0) path.push({ from, length, label });
    label = Math.max(0, previous[from * K + label] as number);
    g = from;
  }
  return path.reverse();
};

const logSum = (scores: Float64Array, size: number): number => {
  let most = -Infinity;
  for (let at = 0; at < size; at++) if ((scores[at] as number) > most) most = scores[at] as number;
  if (most === -Infinity) return most;
  let sum = 0;
  for (let at = 0; at < size; at++) {
    const below = (scores[at] as number) - most;
    if (below > -30) sum += Math.exp(below);
  }
  return most + Math.log(sum);
};
