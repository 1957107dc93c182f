import { type DistilOptions, distil } from './distil.ts';
import type { Matrix } from './matrix.ts';
import { principalAxes } from './principal-axes.ts';
import { projected, unitRows, weighByRank } from './start.ts';
import { tableBytes } from './table-file.ts';

/** What a teacher said. */
export interface Taught {
  /** Of each piece alone, in order of its number; shape [pieces, teacher's dimensions]. */
  readonly pieceVectors: Matrix;
  /** Shape [sentences, teacher's dimensions], unit length. */
  readonly sentenceVectors: Matrix;
  /** Piece numbers of each sentence as the built-in tier cuts it. */
  readonly sentences: readonly (readonly number[])[];
}

/**
 * Makes a table of one row a piece: the pieces' own vectors on the sentences' widest axes, weighed by rank, then fitted
 * to the sentences.
 * @param dimensions of a row, at most the teacher's
 * @returns the bytes of `table.int8.bin`; same input and seed, same bytes
 */
export const tableFrom = (
  { pieceVectors, sentenceVectors, sentences }: Taught,
  dimensions: number,
  options: DistilOptions,
  progress: (done: number, of: number, loss: number) => void,
): Uint8Array => {
  const axes = principalAxes(sentenceVectors, dimensions);
  const table = weighByRank(projected(pieceVectors, axes));
  const aims = unitRows(projected(sentenceVectors, axes));
  distil(table, { sentences, aims, teacher: sentenceVectors }, options, progress);
  return tableBytes(table);
};
