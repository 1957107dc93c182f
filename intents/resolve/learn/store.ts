import type { Calibration } from './calibrate.ts';
import type { Model } from './learn.ts';
import { learnedFrom, modelBehind } from './learned.ts';
import { spaceFrom } from './space.ts';
import type { Learned } from './types.ts';
import type { WideModel } from './wide.ts';

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

interface WideHeader extends Omit<Header, 'seed' | 'marks'> {
  readonly wide: true;
  readonly centres: number;
  readonly postings: number;
}

/**
 * All that was learned, to be stored under `hashOf` of its texts; little endian. Same texts, same bytes.
 * @throws TypeError where it was learned elsewhere
 */
export const toBytes = (learned: Learned): Uint8Array<ArrayBuffer> => {
  const model = modelBehind(learned);
  return 'index' in model ? wideBytes(model) : narrowBytes(model);
};

const narrowBytes = ({ seed, encoderId, labels, marks, space, head, calibration, centroids }: Model) => {
  const header: Header = {
    seed,
    encoderId,
    labels,
    marks,
    dimensions: head.dimensions,
    columns: space.size,
    calibration,
  };
  return packed(header, [space.hashes, space.rarity, head.bias, head.dense, centroids, head.scales, head.sparse]);
};

const wideBytes = ({ encoderId, labels, space, index, calibration }: WideModel) => {
  const { dimensions, clusters } = index;
  const sizes = { columns: space.size, centres: clusters.centres.length, postings: index.labels.length };
  return packed({ wide: true, encoderId, labels, calibration, dimensions, ...sizes }, [
    ...[space.hashes, space.rarity, clusters.centres, clusters.clusterOf],
    ...[index.starts, index.labels, index.weights, index.rows],
  ]);
};

/** A header, then the parts one after the other; those of bytes last, so that all stay aligned. */
const packed = (header: object, parts: readonly (Int32Array | Float32Array | Int8Array)[]): Uint8Array<ArrayBuffer> => {
  const text = new TextEncoder().encode(JSON.stringify(header));
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
  const at = padded(12 + length);
  // A copy of its own: aligned, and not held by whatever the bytes were read into.
  const body = Uint8Array.prototype.slice.call(stored, at).buffer;
  const model = 'wide' in header ? wideIn(header, body) : narrowIn(header, body);
  return model === undefined ? undefined : learnedFrom(model);
};

const narrowIn = (header: Header, body: ArrayBuffer): Model | undefined => {
  const { seed, encoderId, labels, marks, dimensions, columns, calibration } = header;
  const rows = labels.length;
  if (body.byteLength !== 4 * (3 * columns + rows + 2 * rows * dimensions) + columns * rows) return undefined;
  const take = reader(body);
  const space = spaceFrom(take.integers(columns), take.floats(columns));
  const bias = take.floats(rows);
  const dense = take.floats(rows * dimensions);
  const centroids = take.floats(rows * dimensions);
  const scales = take.floats(columns);
  const sparse = take.bytes(columns * rows);
  const head = { labels: rows, dimensions, bias, dense, sparse, scales };
  return { seed, encoderId, labels, marks, space, head, calibration, centroids };
};

const wideIn = (header: WideHeader, body: ArrayBuffer): WideModel | undefined => {
  const { encoderId, labels, dimensions, columns, centres, postings, calibration } = header;
  const rows = labels.length;
  if (body.byteLength !== 4 * (2 * columns + centres + rows + columns + 1 + 2 * postings) + rows * dimensions)
    return undefined;
  const take = reader(body);
  const space = spaceFrom(take.integers(columns), take.floats(columns));
  const clusters = { centres: take.floats(centres), clusterOf: take.integers(rows) };
  const starts = take.integers(columns + 1);
  const owners = take.integers(postings);
  const weights = take.floats(postings);
  const index = { dimensions, clusters, starts, labels: owners, weights, rows: take.bytes(rows * dimensions) };
  return { encoderId, labels, space, index, calibration };
};

const reader = (body: ArrayBuffer) => {
  let at = 0;
  const next = (bytes: number) => {
    at += bytes;
    return at - bytes;
  };
  return {
    integers: (count: number) => new Int32Array(body, next(4 * count), count),
    floats: (count: number) => new Float32Array(body, next(4 * count), count),
    bytes: (count: number) => new Int8Array(body, next(count), count),
  };
};

const padded = (length: number): number => Math.ceil(length / 8) * 8;

const headerIn = (bytes: Uint8Array): Header | WideHeader | undefined => {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Header | WideHeader;
  } catch {
    return undefined;
  }
};
