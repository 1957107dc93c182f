import type { Said } from './judged.ts';

/** All that was said with about the same confidence. */
export interface Bin {
  /** Confidences from here on … */
  readonly from: number;
  /** … up to here; the last bin has its end too. */
  readonly to: number;
  readonly count: number;
  /** Mean of what was said. */
  readonly confidence: number;
  /** Share of it that was right. */
  readonly accuracy: number;
}

/** As published figures have it. */
const defaultBins = 15;

/**
 * @param bins of equal width over [0, 1]
 * @returns those that hold anything, rising
 */
export const reliability = (said: readonly Said[], bins = defaultBins): Bin[] => {
  const sums = Array.from({ length: bins }, () => ({ count: 0, confidence: 0, right: 0 }));
  for (const { confidence, right } of said) {
    const bin = sums[Math.min(bins - 1, Math.max(0, Math.floor(confidence * bins)))];
    if (bin === undefined) continue;
    bin.count++;
    bin.confidence += confidence;
    bin.right += right ? 1 : 0;
  }
  return sums.flatMap(({ count, confidence, right }, index) =>
    count === 0
      ? []
      : [
          {
            from: index / bins,
            to: (index + 1) / bins,
            count,
            confidence: confidence / count,
            accuracy: right / count,
          },
        ],
  );
};

/**
 * Expected calibration error: how far what is said lies from what is so, on average over all that was said.
 * @returns in [0, 1], 0 being perfect; undefined where nothing was said
 * Source: Naeini et al. 2015, with 15 bins of equal width as in Guo et al. 2017.
 */
export const calibrationError = (said: readonly Said[], bins = defaultBins): number | undefined =>
  said.length === 0
    ? undefined
    : reliability(said, bins).reduce(
        (sum, { count, confidence, accuracy }) => sum + (count / said.length) * Math.abs(confidence - accuracy),
        0,
      );
