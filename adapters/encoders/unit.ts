/**
 * Scales a vector to length 1, so that a dot product is a cosine.
 * @returns a new vector; undefined where it has no direction: all zeros, or a value that is not finite
 */
export const toUnit = (vector: ArrayLike<number>): Float32Array | undefined => {
  const scaled = Float32Array.from(vector);
  let largest = 0;
  for (const value of scaled) {
    if (!Number.isFinite(value)) return undefined;
    largest = Math.max(largest, Math.abs(value));
  }
  if (largest === 0) return undefined;
  let squares = 0;
  // By the largest first: squares of very large or very small values leave what a number can hold.
  for (const value of scaled) squares += (value / largest) ** 2;
  const length = Math.sqrt(squares);
  for (let i = 0; i < scaled.length; i++) scaled[i] = (scaled[i] as number) / largest / length;
  return scaled;
};
