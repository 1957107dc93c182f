/** `share = 1 / (1 + exp(-(bias + weights . facts)))` */
export interface Logistic {
  readonly bias: number;
  readonly weights: readonly number[];
}

export const logisticOf = ({ bias, weights }: Logistic, facts: ArrayLike<number>): number => {
  let sum = bias;
  for (let at = 0; at < weights.length; at++) sum += (weights[at] as number) * (facts[at] as number);
  return 1 / (1 + Math.exp(-sum));
};

const rounds = 40;

/**
 * Fits a logistic regression by Newton's method; facts are brought to one scale first, so that `decay` weighs all alike.
 * @param facts one row a case, all of one length
 * @param holds in [0, 1], one a case; what lies between 0 and 1 is a target, as Platt has it
 * @param counts how much each case counts
 * @param decay of the squared weights, in cases
 * Source: Platt 1999, Lin, Lin and Weng 2007.
 */
export const fitLogistic = (
  facts: readonly ArrayLike<number>[],
  holds: readonly number[],
  counts: readonly number[],
  decay: number,
): Logistic => {
  const size = facts[0]?.length ?? 0;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const mean = new Float64Array(size);
  const spread = new Float64Array(size);
  facts.forEach((row, index) => {
    for (let at = 0; at < size; at++)
      mean[at] = (mean[at] as number) + ((row[at] as number) * (counts[index] as number)) / total;
  });
  facts.forEach((row, index) => {
    for (let at = 0; at < size; at++)
      spread[at] =
        (spread[at] as number) +
        (((row[at] as number) - (mean[at] as number)) ** 2 * (counts[index] as number)) / total;
  });
  for (let at = 0; at < size; at++) spread[at] = Math.sqrt(spread[at] as number) || 1;
  const wide = size + 1;
  const weights = new Float64Array(wide);
  const scaled = facts.map((row) =>
    Float64Array.from({ length: wide }, (_, at) =>
      at === size ? 1 : ((row[at] as number) - (mean[at] as number)) / (spread[at] as number),
    ),
  );
  for (let round = 0; round < rounds; round++) {
    const slope = new Float64Array(wide);
    const bend = new Float64Array(wide * wide);
    scaled.forEach((row, index) => {
      let sum = 0;
      for (let at = 0; at < wide; at++) sum += (weights[at] as number) * (row[at] as number);
      const share = 1 / (1 + Math.exp(-sum));
      const count = counts[index] as number;
      const miss = (share - (holds[index] as number)) * count;
      const curve = Math.max(share * (1 - share), 1e-6) * count;
      for (let at = 0; at < wide; at++) {
        const one = row[at] as number;
        slope[at] = (slope[at] as number) + miss * one;
        for (let to = 0; to <= at; to++)
          bend[at * wide + to] = (bend[at * wide + to] as number) + curve * one * (row[to] as number);
      }
    });
    for (let at = 0; at < size; at++) {
      slope[at] = (slope[at] as number) + decay * (weights[at] as number);
      bend[at * wide + at] = (bend[at * wide + at] as number) + decay;
    }
    bend[wide * wide - 1] = (bend[wide * wide - 1] as number) + 1e-9;
    const move = solve(bend, slope, wide);
    let largest = 0;
    for (let at = 0; at < wide; at++) {
      const by = Math.max(-2, Math.min(2, move[at] as number));
      weights[at] = (weights[at] as number) - by;
      largest = Math.max(largest, Math.abs(by));
    }
    if (largest < 1e-7) break;
  }
  let bias = weights[size] as number;
  const unscaled = Array.from({ length: size }, (_, at) => {
    const weight = (weights[at] as number) / (spread[at] as number);
    bias -= weight * (mean[at] as number);
    return weight;
  });
  return { bias, weights: unscaled };
};

/** Solves a symmetric positive system whose lower half is given. Source: Cholesky. */
const solve = (matrix: Float64Array, right: Float64Array, size: number): Float64Array => {
  const lower = Float64Array.from(matrix);
  for (let row = 0; row < size; row++)
    for (let column = 0; column <= row; column++) {
      let sum = lower[row * size + column] as number;
      for (let at = 0; at < column; at++)
        sum -= (lower[row * size + at] as number) * (lower[column * size + at] as number);
      lower[row * size + column] =
        row === column ? Math.sqrt(Math.max(sum, 1e-12)) : sum / (lower[column * size + column] as number);
    }
  const result = Float64Array.from(right);
  for (let row = 0; row < size; row++) {
    let sum = result[row] as number;
    for (let at = 0; at < row; at++) sum -= (lower[row * size + at] as number) * (result[at] as number);
    result[row] = sum / (lower[row * size + row] as number);
  }
  for (let row = size - 1; row >= 0; row--) {
    let sum = result[row] as number;
    for (let at = row + 1; at < size; at++) sum -= (lower[at * size + row] as number) * (result[at] as number);
    result[row] = sum / (lower[row * size + row] as number);
  }
  return result;
};
