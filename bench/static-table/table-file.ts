import type { Matrix } from './matrix.ts';

/** @returns little endian: int32 V, int32 D, float32 scale[V], int8 row[V][D]; a row's scale is its largest part / 127 */
export const tableBytes = ({ rows, columns, data }: Matrix): Uint8Array => {
  const bytes = new Uint8Array(8 + rows * (4 + columns));
  const view = new DataView(bytes.buffer);
  view.setInt32(0, rows, true);
  view.setInt32(4, columns, true);
  for (let row = 0; row < rows; row++) {
    const values = data.subarray(row * columns, (row + 1) * columns);
    let largest = 0;
    for (const value of values) largest = Math.max(largest, Math.abs(value));
    const scale = Math.fround(largest / 127);
    view.setFloat32(8 + 4 * row, scale, true);
    if (scale === 0) continue;
    for (let i = 0; i < columns; i++) {
      const whole = Math.max(-127, Math.min(127, Math.round((values[i] as number) / scale)));
      view.setInt8(8 + 4 * rows + row * columns + i, whole);
    }
  }
  return bytes;
};
