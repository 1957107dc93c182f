import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toUnit } from '../../../adapters/encoders/unit.ts';
import type { DistilOptions } from '../../../bench/static-table/distil.ts';
import { type Matrix, readMatrix } from '../../../bench/static-table/matrix.ts';
import { principalAxes } from '../../../bench/static-table/principal-axes.ts';
import { tableFrom } from '../../../bench/static-table/table-from.ts';

import { randomFrom } from '../../../intents/resolve/learn/random.ts';
import { readTable } from '../../../intents/resolve/learn/table.ts';

const vocabulary = ['[UNK]', ...'abcdefghijklmnopqrstuvwxyz'];
const width = 8;

/** Knows a hidden vector a letter, nearly all of it in six dimensions, and that some letters weigh ten times more than they show alone. */
const fakeTeacher = () => {
  const random = randomFrom(7);
  const hidden = vocabulary.map(() =>
    Float32Array.from({ length: width }, (_, i) => (random() - 0.5) * (i < 6 ? 1 : 0.1)),
  );
  return {
    vectorOf(ids: readonly number[]): Float32Array {
      const sum = new Float32Array(width);
      for (const id of ids)
        hidden[id]?.forEach((value, i) => {
          sum[i] = (sum[i] as number) + value * (id % 3 === 0 ? 10 : 1);
        });
      return toUnit(sum) as Float32Array;
    },
  };
};
const sentencesFrom = (seed: number, count: number): number[][] => {
  const random = randomFrom(seed);
  const letter = () => 1 + Math.floor(random() * 26);
  return Array.from({ length: count }, () => Array.from({ length: 2 + Math.floor(random() * 4) }, letter));
};
const matrixOf = (teacher: ReturnType<typeof fakeTeacher>, sequences: number[][]): Matrix => ({
  rows: sequences.length,
  columns: width,
  data: Float32Array.from(sequences.flatMap((ids) => [...teacher.vectorOf(ids)])),
});
const built = (options: Partial<DistilOptions> = {}) => {
  const teacher = fakeTeacher();
  const sentences = sentencesFrom(1, 300);
  const losses: number[] = [];
  const bytes = tableFrom(
    {
      pieceVectors: matrixOf(
        teacher,
        vocabulary.map((_, id) => [id]),
      ),
      sentenceVectors: matrixOf(teacher, sentences),
      sentences,
    },
    6,
    { seed: 0, epochs: 30, batch: 32, rate: 0.05, temperature: 0.05, aiming: 1, drop: 0, ...options },
    (_done, _of, loss) => losses.push(loss),
  );
  return { bytes, losses, table: readTable(bytes, `${vocabulary.join('\n')}\n`) };
};

/** Correlation of the table's cosines with the teacher's, over pairs of sentences that neither was fitted on. */
const agreement = (table: ReturnType<typeof readTable>): number => {
  const teacher = fakeTeacher();
  const texts = sentencesFrom(2, 60);
  const known = texts.map((ids) => teacher.vectorOf(ids));
  const ours = texts.map((ids) => table.vector(ids.map((id) => vocabulary[id]).join(' ')));
  const cosines = (rows: readonly Float32Array[]) =>
    rows.flatMap((a, i) =>
      rows.slice(i + 1).map((b) => a.reduce((sum, value, k) => sum + value * (b[k] as number), 0)),
    );
  const centred = (list: number[]) => list.map((value) => value - list.reduce((x, y) => x + y) / list.length);
  const [x, y] = [centred(cosines(known)), centred(cosines(ours))];
  const along = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
  return along(x, y) / Math.sqrt(along(x, x) * along(y, y));
};

test('what is fitted stands as the teacher has it, on sentences not seen', () => {
  const [start, fitted] = [built({ epochs: 0 }), built()];
  expect(fitted.table.dimensions).toBe(6);
  expect(agreement(built({ aiming: 0.3 }).table)).toBeGreaterThan(0.75);
  expect(agreement(start.table)).toBeLessThan(0.5);
  expect(agreement(fitted.table)).toBeGreaterThan(0.75);
  const mean = (part: number[]) => part.reduce((x, y) => x + y) / part.length;
  expect(mean(fitted.losses.slice(-9))).toBeLessThan(0.5 * mean(fitted.losses.slice(0, 9)));
});

test('the same seed gives the same bytes, another seed others', () => {
  const [one, same, other] = [built({ epochs: 2 }), built({ epochs: 2 }), built({ epochs: 2, seed: 1 })];
  expect(same.bytes).toEqual(one.bytes);
  expect(other.bytes).not.toEqual(one.bytes);
  const [thinned, alike] = [built({ epochs: 2, drop: 0.2 }), built({ epochs: 2, drop: 0.2 })];
  expect(alike.bytes).toEqual(thinned.bytes);
  expect(thinned.bytes).not.toEqual(one.bytes);
});

test('the widest axes come first and are at right angles', () => {
  const random = randomFrom(3);
  const data = Float32Array.from({ length: 4000 }, (_, i) => (random() - 0.5) * ([1, 5, 3, 0.1][i % 4] as number));
  const axes = principalAxes({ rows: 1000, columns: 4, data }, 3);
  expect(axes.map((axis) => axis.findIndex((value) => value > 0.99))).toEqual([1, 2, 0]);
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
  axes.forEach((a, i) => {
    axes.forEach((b, j) => {
      expect(dot(a, b)).toBeCloseTo(i === j ? 1 : 0, 9);
    });
  });
});

test('vectors of other sentences than those at hand are refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ostiary-teacher-'));
  try {
    const file = join(folder, 'sentences.f32');
    await writeFile(file, new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer));
    expect([...readMatrix(file, 2, 3).data]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(() => readMatrix(file, 3, 3)).toThrow(/24 bytes, where 3 rows of 3 numbers are 36/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
