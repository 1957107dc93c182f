import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { bandKept } from '../../gateway/kept-band.ts';
import { learn } from '../../intents/resolve/learn/learn.ts';
import { loadTable } from '../../intents/resolve/learn/table.ts';
import type { LabelledText } from '../../intents/resolve/learn/types.ts';

const texts: LabelledText[] = ['show', 'cancel', 'refund'].flatMap((label) =>
  Array.from({ length: 12 }, (_, at) => ({ text: `${label} order ${at}`, label, weight: 1 })),
);
const vectorsOf = (some: readonly LabelledText[]) => some.map(({ text }) => loadTable().vector(text));
const tiersOf = (some: readonly LabelledText[]) => ({
  first: learn(some),
  second: learn(some, { vectors: vectorsOf(some), encoderId: 'other' }),
});
const keepingIn = () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-band-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, say() {} };
};
const text = 'cancel my order';
const vector = loadTable().vector(text);

test('it is fitted once, kept, and taken up without a vector; damaged, it is fitted again', async () => {
  const keeping = keepingIn();
  const tiers = tiersOf(texts);
  let encoded = 0;
  const vectors = async () => {
    encoded++;
    return vectorsOf(texts);
  };
  const confidences: (number | undefined)[] = [];
  const take = async () => {
    const { rank } = await bandKept(texts, keeping, { encoderId: 'other', vectors }, tiers);
    confidences.push(rank(text, 1, vector).candidates[0]?.confidence);
  };
  await take();
  await take();
  expect(encoded).toBe(1);
  const [file = ''] = readdirSync(keeping.folder);
  writeFileSync(join(keeping.folder, file), '{"band":{"bias":"x"}}');
  await take();
  expect(encoded).toBe(2);
  expect(new Set(confidences).size).toBe(1);
  expect(confidences[0]).not.toBe(tiers.second.rank(text, 1, vector).candidates[0]?.confidence);
});

test('where there are too few examples, the tier is believed as it is', async () => {
  const few = texts.slice(0, 20);
  const tiers = tiersOf(few);
  const encoded = { encoderId: 'other', vectors: async () => vectorsOf(few) };
  expect(await bandKept(few, undefined, encoded, tiers)).toBe(tiers.second);
});
