import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type WordPieces, wordPieces } from './word-piece.ts';

/** A static encoder: one row a word piece, and how to cut a text into pieces. */
export interface Table {
  readonly dimensions: number;
  readonly pieces: WordPieces;
  /** Sum of the rows of a text's pieces, unit length; all zero where it has none. */
  vector(text: string): Float32Array;
  /** The same vector, and the logarithm of its length before that by the number of pieces; 0 where there are none. */
  read(text: string): { readonly dense: Float32Array; readonly heft: number };
  /** Adds `factor` times one row to `sum`. */
  add(id: number, factor: number, sum: Float32Array): void;
}

const folder = new URL('./static-256/', import.meta.url);
let shipped: Table | undefined;

/**
 * The table of the package, read once a thread: 8 MB and about as much for the pieces.
 * @throws Error where the files are missing or not what they should be
 */
export const loadTable = (): Table => {
  shipped ??= readTable(
    readFileSync(fileURLToPath(new URL('table.int8.bin', folder))),
    readFileSync(fileURLToPath(new URL('vocabulary.txt', folder)), 'utf8'),
  );
  return shipped;
};

/**
 * @param bytes little endian: int32 V, int32 D, float32 scale[V], int8 row[V][D]
 * @param vocabulary V word pieces, one a line
 * @throws Error where lengths do not fit together
 */
export const readTable = (bytes: Uint8Array, vocabulary: string): Table => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rows = bytes.byteLength < 8 ? 0 : view.getInt32(0, true);
  const dimensions = bytes.byteLength < 8 ? 0 : view.getInt32(4, true);
  const words = vocabulary.replace(/\n$/, '').split('\n');
  if (rows <= 0 || dimensions <= 0 || bytes.byteLength !== 8 + rows * (4 + dimensions) || words.length !== rows)
    throw new Error('the table of word pieces is damaged: its lengths do not fit together');
  const scales = new Float32Array(Uint8Array.prototype.slice.call(bytes, 8, 8 + 4 * rows).buffer);
  const values = new Int8Array(bytes.buffer, bytes.byteOffset + 8 + 4 * rows, rows * dimensions);
  const pieces = wordPieces(words);
  const add = (id: number, factor: number, sum: Float32Array): void => {
    const scale = (scales[id] as number) * factor;
    const from = id * dimensions;
    for (let at = 0; at < dimensions; at++) sum[at] = (sum[at] as number) + scale * (values[from + at] as number);
  };
  const read: Table['read'] = (text) => {
    const sum = new Float32Array(dimensions);
    const ids = pieces.ids(text);
    for (const id of ids) add(id, 1, sum);
    let square = 0;
    for (const value of sum) square += value * value;
    return { dense: unit(sum), heft: square === 0 ? 0 : Math.log(Math.sqrt(square) / ids.length) };
  };
  return { dimensions, pieces, add, read, vector: (text) => read(text).dense };
};

/** Scales to unit length in place; all zero stays so. */
export const unit = (vector: Float32Array): Float32Array => {
  let square = 0;
  for (const value of vector) square += value * value;
  if (square > 0) {
    const factor = 1 / Math.sqrt(square);
    for (let at = 0; at < vector.length; at++) vector[at] = (vector[at] as number) * factor;
  }
  return vector;
};
