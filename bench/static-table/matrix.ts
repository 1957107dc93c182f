import { readFileSync } from 'node:fs';

/** Rows of equal length, one after the other. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

/**
 * @param file float32, little endian, row after row
 * @throws Error where it holds another number of rows
 */
export const readMatrix = (file: string, rows: number, columns: number): Matrix => {
  const bytes = readFileSync(file);
  if (bytes.length !== rows * columns * 4)
    throw new Error(
      `${file}: ${bytes.length} bytes, where ${rows} rows of ${columns} numbers are ${rows * columns * 4}; was it made from the same sentences and pieces?`,
    );
  return { rows, columns, data: new Float32Array(new Uint8Array(bytes).buffer) };
};
