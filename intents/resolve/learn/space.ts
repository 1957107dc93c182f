import type { Grams } from './grams.ts';
import { hashIndex } from './hash-index.ts';

/** A sparse vector: columns and their values, unit length unless empty. */
export interface Sparse {
  readonly columns: Int32Array;
  readonly values: Float32Array;
}

/** Which n-grams are known, each with its column and how rare it is. */
export interface Space {
  readonly size: number;
  /** What is unknown is dropped. */
  vector(grams: Grams): Sparse;
  knows(hash: number): boolean;
  /** By column, for storing. */
  readonly hashes: Int32Array;
  readonly rarity: Float32Array;
}

/** Columns are dealt in the order in which n-grams are first seen; rarity is the smoothed log of texts over texts with it. */
export const spaceOf = (texts: readonly Grams[], fewest = 1): Space => {
  const seen = new Map<number, number>();
  for (const { hashes } of texts) for (const hash of hashes) seen.set(hash, (seen.get(hash) ?? 0) + 1);
  if (fewest > 1) for (const [hash, times] of seen) if (times < fewest) seen.delete(hash);
  const hashes = Int32Array.from(seen.keys());
  const rarity = Float32Array.from(seen.values(), (times) => Math.log((1 + texts.length) / (1 + times)) + 1);
  return spaceFrom(hashes, rarity);
};

/** The space again from what was stored. */
export const spaceFrom = (hashes: Int32Array, rarity: Float32Array): Space => {
  const columnOf = hashIndex(hashes);
  return {
    size: hashes.length,
    hashes,
    rarity,
    knows: (hash) => columnOf(hash) !== -1,
    vector(grams) {
      const columns = new Int32Array(grams.hashes.length);
      const values = new Float32Array(grams.hashes.length);
      let length = 0;
      let square = 0;
      for (let at = 0; at < grams.hashes.length; at++) {
        const column = columnOf(grams.hashes[at] as number);
        if (column === -1) continue;
        const value = (1 + Math.log(grams.counts[at] as number)) * (rarity[column] as number);
        columns[length] = column;
        values[length] = value;
        length++;
        square += value * value;
      }
      const factor = square > 0 ? 1 / Math.sqrt(square) : 0;
      for (let at = 0; at < length; at++) values[at] = (values[at] as number) * factor;
      return { columns: columns.subarray(0, length), values: values.subarray(0, length) };
    },
  };
};

/** The same with the n-grams of some more texts, each as rare as one seen once; known columns stay where they are. */
export const widened = (space: Space, texts: readonly Grams[]): Space => {
  const fresh = new Set<number>();
  for (const { hashes } of texts) for (const hash of hashes) if (!space.knows(hash)) fresh.add(hash);
  const rarest = space.rarity.reduce((most, rarity) => Math.max(most, rarity), 1);
  const hashes = new Int32Array(space.size + fresh.size);
  hashes.set(space.hashes);
  hashes.set([...fresh], space.size);
  const rarity = new Float32Array(hashes.length).fill(rarest, space.size);
  rarity.set(space.rarity);
  return spaceFrom(hashes, rarity);
};
