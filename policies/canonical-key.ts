/**
 * One string of several scalars, so that no two lists of them make the same.
 * @returns undefined where one of them is no string, number or boolean
 */
export const canonicalKey = (parts: readonly unknown[]): string | undefined => {
  for (const part of parts)
    if (typeof part !== 'string' && typeof part !== 'boolean' && (typeof part !== 'number' || !Number.isFinite(part)))
      return undefined;
  return JSON.stringify(parts);
};
