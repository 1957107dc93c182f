import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** What turns a sequence of piece ids, the special ones included, into a vector of unit length. */
export interface Teacher {
  readonly dimensions: number;
  vectorOf(ids: readonly number[]): Promise<Float32Array>;
}

/** Rows of equal length, one after the other. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

/**
 * The teacher's vector of each sequence, kept in a file under a hash of the sequences: what was cut off goes on where
 * it stopped.
 * @param work folder of the files
 * @param progress called now and then with the number of rows done
 */
export const teach = async (
  teacher: Teacher,
  sequences: readonly (readonly number[])[],
  work: string,
  progress: (done: number, of: number) => void,
): Promise<Matrix> => {
  const columns = teacher.dimensions;
  const hash = createHash('sha256').update(`${columns}`);
  for (const ids of sequences) hash.update(`\n${ids}`);
  const file = join(work, `${hash.digest('hex').slice(0, 16)}.f32`);
  const data = new Float32Array(sequences.length * columns);
  const bytes = new Uint8Array(data.buffer);
  let done = 0;
  if (existsSync(file)) {
    const kept = readFileSync(file);
    done = Math.min(sequences.length, Math.floor(kept.length / (columns * 4)));
    bytes.set(kept.subarray(0, done * columns * 4));
  }
  const handle = openSync(file, done === 0 ? 'w' : 'r+');
  try {
    for (let row = done; row < sequences.length; row++) {
      data.set(await teacher.vectorOf(sequences[row] as readonly number[]), row * columns);
      if ((row + 1) % 500 !== 0 && row + 1 !== sequences.length) continue;
      writeSync(handle, bytes, done * columns * 4, (row + 1 - done) * columns * 4, done * columns * 4);
      done = row + 1;
      progress(done, sequences.length);
    }
  } finally {
    closeSync(handle);
  }
  return { rows: sequences.length, columns, data };
};
