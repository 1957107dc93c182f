import type { Calibration } from './calibrate.ts';
import type { Model } from './learn.ts';
import { learnedFrom, modelBehind } from './learned.ts';
import { spaceFrom } from './space.ts';
import type { Learned } from './types.ts';

/** `OSTL`, then the layout's number. */
const magic = 0x4f53_5402;

interface Header {
  readonly seed: number;
  readonly encoderId: string;
  readonly labels: readonly string[];
  readonly marks: readonly string[];
  readonly dimensions: number;
  readonly columns: number;
  readonly calibration: Calibration;
}

/**
 * All that was learned, to be stored under `hashOf` of its texts; little endian. Same texts, same bytes.
 * @throws TypeError where it was learned elsewhere
 */
export const toBytes = (learned: Learned): Uint8Array<ArrayBuffer> => {
  const { seed, encoderId, labels, marks, space, head, calibration, centroids } = modelBehind(learned);
  const header: Header = {
    seed,
    encoderId,
    labels,
    marks,
    dimensions: head.dimensions,
    columns: space.size,
    calibration,
  };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const parts = [space.hashes, space.rarity, head.bias, head.dense, centroids, head.scales, head.sparse];
  const from = padded(12 + text.length);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, from));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic, true);
  view.setUint32(4, text.length, true);
  view.setUint32(8, bytes.length, true);
  bytes.set(text, 12);
  let at = from;
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += part.byteLength;
  }
  return bytes;
};

/**
 * @returns undefined where the bytes are cut short, of another version or not ours at all: then it is learned anew
 * @param encoderId the encoder that texts will be read with; what was learned with another is refused
 */
export const fromBytes = (stored: Uint8Array, encoderId?: string): Learned | undefined => {
  if (stored.length < 12) return undefined;
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  const length = view.getUint32(4, true);
  if (view.getUint32(0, true) !== magic || view.getUint32(8, true) !== stored.length || 12 + length > stored.length)
    return undefined;
  const header = headerIn(stored.subarray(12, 12 + length));
  if (header === undefined || (encoderId !== undefined && header.encoderId !== encoderId)) return undefined;
  const { labels, marks, dimensions, columns, calibration } = header;
  const rows = labels.length;
  let at = padded(12 + length);
  if (stored.length !== at + 4 * (3 * columns + rows + 2 * rows * dimensions) + columns * rows) return undefined;
  // A copy of its own: aligned, and not held by whatever the bytes were read into.
  const { buffer } = stored.slice();
  const floats = (count: number) => {
    at += 4 * count;
    return new Float32Array(buffer, at - 4 * count, count);
  };
  const hashes = new Int32Array(buffer, at, columns);
  at += 4 * columns;
  const rarity = floats(columns);
  const bias = floats(rows);
  const dense = floats(rows * dimensions);
  const centroids = floats(rows * dimensions);
  const scales = floats(columns);
  const sparse = new Int8Array(buffer, at, columns * rows);
  const model: Model = {
    seed: header.seed,
    encoderId: header.encoderId,
    labels,
    marks,
    space: spaceFrom(hashes, rarity),
    head: { labels: rows, dimensions, bias, dense, sparse, scales },
    calibration,
    centroids,
  };
  return learnedFrom(model);
};

const padded = (length: number): number => Math.ceil(length / 8) * 8;

const headerIn = (bytes: Uint8Array): Header | undefined => {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Header;
  } catch {
    return undefined;
  }
};
