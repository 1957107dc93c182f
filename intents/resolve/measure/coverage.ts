import type { OperatingPoint } from '../learn/types.ts';
import type { Said } from './judged.ts';

/**
 * The largest share that can be answered when what is answered must be right so often. What is equally confident is
 * answered together or not at all.
 * @param precision share that must be right, in [0, 1]
 * @returns coverage 0, and a line that nothing reaches, where no line is good enough
 */
export const coverageAt = (said: readonly Said[], precision: number): OperatingPoint => {
  const best = operatingPoints(said).findLast((point) => point.precision >= precision - 1e-12);
  return best ?? { confidence: 1, coverage: 0, precision: 1 };
};

/** What a line gives: the share that reaches it, and the share of those that is right (1 where nothing reaches it). */
export const atLine = (said: readonly Said[], confidence: number): OperatingPoint => {
  const over = said.filter((one) => one.confidence >= confidence);
  const right = over.filter((one) => one.right).length;
  return {
    confidence,
    coverage: said.length === 0 ? 0 : over.length / said.length,
    precision: over.length === 0 ? 1 : right / over.length,
  };
};

/** Every line that makes a difference, falling in confidence, so rising in coverage. */
const operatingPoints = (said: readonly Said[]): OperatingPoint[] => {
  const sorted = said.toSorted((a, b) => b.confidence - a.confidence);
  const points: OperatingPoint[] = [];
  let right = 0;
  sorted.forEach((one, index) => {
    right += one.right ? 1 : 0;
    const count = index + 1;
    if (sorted[count]?.confidence !== one.confidence)
      points.push({ confidence: one.confidence, coverage: count / said.length, precision: right / count });
  });
  return points;
};

/**
 * The lowest line at which the examples, held out, were right so often.
 * @param points rising in confidence
 * @returns undefined where no line is good enough
 */
export const lineFor = (points: readonly OperatingPoint[], precision: number): number | undefined =>
  points
    .filter((point) => point.coverage > 0 && point.precision >= precision)
    .reduce<OperatingPoint | undefined>(
      (best, point) => (best === undefined || point.coverage > best.coverage ? point : best),
      undefined,
    )?.confidence;
