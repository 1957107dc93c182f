import { expect, test } from 'vitest';
import { learn } from '../../../intents/resolve/learn/learn.ts';
import type { LabelledText } from '../../../intents/resolve/learn/types.ts';

const labelled = (rows: Record<string, readonly string[]>): LabelledText[] =>
  Object.entries(rows).flatMap(([label, texts]) => texts.map((text) => ({ text, label, weight: 1 })));

const shop = labelled({
  refund: ['give me my money back', 'refund the order', 'i want a refund', 'return this and pay me back'],
  track: ['where is my parcel', 'track the delivery', 'has it been shipped', 'when will my package arrive'],
  cancel: ['cancel the order', 'stop my order', 'i do not want it any more', 'call off the purchase'],
});

test('tells labels apart by texts it has not seen', () => {
  const learned = learn(shop);
  const best = (text: string) => learned.rank(text, 3).candidates[0]?.label;
  expect(best('please refund me')).toBe('refund');
  expect(best('where has my package gone')).toBe('track');
  expect(best('cancel it')).toBe('cancel');
});

test.each([
  { name: 'no texts', texts: [], labels: 0 },
  { name: 'one label', texts: shop.slice(0, 4), labels: 1 },
  { name: 'one text', texts: shop.slice(0, 1), labels: 1 },
  { name: 'the same text many times', texts: [...shop, ...shop, ...shop], labels: 3 },
  { name: 'one text under two labels', texts: labelled({ a: ['hello'], b: ['hello'] }), labels: 2 },
  { name: 'empty texts', texts: labelled({ a: ['', ' '], b: ['', '...'] }), labels: 2 },
  { name: 'no weight', texts: shop.map((text) => ({ ...text, weight: 0 })), labels: 3 },
])('$name: ranks every text within bounds', ({ texts, labels }) => {
  const learned = learn(texts);
  expect(learned.labels).toHaveLength(labels);
  for (const text of ['', 'refund', '日本 🎉 \ud800', 'x'.repeat(100_000), 'a '.repeat(50_000)]) {
    const { candidates, scope } = learned.rank(text, 5);
    expect(candidates).toHaveLength(Math.min(5, labels));
    for (const { confidence } of candidates) expect(confidence >= 0 && confidence <= 1).toBe(true);
    expect(scope >= 0 && scope <= 1).toBe(true);
    expect(learned.rank(text, 0).candidates).toEqual([]);
  }
});

test('a small catalogue knows what is far from all it has', () => {
  for (const texts of [shop, shop.slice(0, 4)]) {
    const learned = learn(texts);
    expect(learned.rank('refund the order please', 1).scope).toBeGreaterThan(0.5);
    expect(learned.rank('who won the football game in brazil last night', 1).scope).toBeLessThan(0.5);
  }
});

test('vectors of another encoder take the place of the table', () => {
  const vectorOf = (label: string) => Float32Array.from({ length: 3 }, (_, at) => (at === label.length % 3 ? 1 : 0));
  const learned = learn(shop, { vectors: shop.map(({ label }) => vectorOf(label)), encoderId: 'three' });
  expect(learned.rank('', 1, vectorOf('track')).candidates[0]?.label).toBe('track');
  expect(() => learn(shop, { vectors: [] })).toThrow(RangeError);
});
