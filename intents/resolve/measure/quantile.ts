/**
 * The value that a share of all values does not exceed, by nearest rank: always one that was measured.
 * @param part in [0, 1]: 0.5 is the median
 * @returns undefined of no values
 */
export const quantile = (values: readonly number[], part: number): number | undefined => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
};
