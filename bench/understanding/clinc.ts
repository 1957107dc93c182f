import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomFrom, shuffle } from '../../intents/resolve/learn/random.ts';
import type { LabelledText } from '../../intents/resolve/learn/types.ts';

export type Row = readonly [text: string, label: string];
export interface Clinc {
  readonly train: readonly Row[];
  readonly val: readonly Row[];
  readonly test: readonly Row[];
  readonly oos_val: readonly Row[];
  readonly oos_test: readonly Row[];
}

/** @throws Error where the folder does not hold CLINC150 */
export const readClinc = (folder: string): Clinc =>
  JSON.parse(readFileSync(join(folder, 'clinc150', 'data_full.json'), 'utf8')) as Clinc;

/**
 * @param count texts a label, or `full`
 * @param seed draw 0, 1 or 2
 */
export const drawn = (rows: readonly Row[], count: number | 'full', seed: number): LabelledText[] => {
  const byLabel = new Map<string, Row[]>();
  for (const row of rows) byLabel.set(row[1], [...(byLabel.get(row[1]) ?? []), row]);
  const random = randomFrom(seed + 1000);
  return [...byLabel.values()].flatMap((all) => {
    const order = Int32Array.from(all.keys());
    shuffle(order, random);
    return [...(count === 'full' ? order.toSorted() : order.subarray(0, count))].map((index): LabelledText => {
      const [text, label] = all[index] as Row;
      return { text, label, weight: 1 };
    });
  });
};
