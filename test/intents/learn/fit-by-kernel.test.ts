import { expect, test } from 'vitest';
import { dataOf } from '../../../intents/resolve/learn/data.ts';
import { fitByKernel } from '../../../intents/resolve/learn/fit-by-kernel.ts';
import { fitHead } from '../../../intents/resolve/learn/head.ts';
import { kernelOf } from '../../../intents/resolve/learn/kernel.ts';
import { fitOptions } from '../../../intents/resolve/learn/recipe.ts';
import { shopTexts } from './shop-texts.ts';

const { data } = dataOf(shopTexts, undefined);
const everyone = Int32Array.from(data.points.keys());

test.each([
  { name: 'all texts', order: everyone },
  { name: 'some of them', order: everyone.filter((index) => index % 3 !== 0) },
  { name: 'one', order: everyone.slice(0, 1) },
])('a fit on $name by kernel is the fit by weights', ({ order }) => {
  const options = fitOptions(data, order, 7);
  const plain = fitHead(data.points, data.labelOf, data.weightOf, order, options);
  const byKernel = fitByKernel(kernelOf(data, options), data, order, options);
  for (const part of ['bias', 'dense', 'sparse'] as const) {
    expect(byKernel[part]).toHaveLength(plain[part].length);
    const furthest = plain[part].reduce(
      (most, value, at) => Math.max(most, Math.abs(value - (byKernel[part][at] ?? 9))),
      0,
    );
    expect(furthest).toBeLessThan(0.02);
  }
  expect(plain.dense.some((value) => Math.abs(value) > 0.2)).toBe(true);
});
