import type { Data } from './data.ts';
import { fitByKernel } from './fit-by-kernel.ts';
import { type Fitted, fitHead } from './head.ts';
import { kernelOf } from './kernel.ts';
import { fitOptions } from './recipe.ts';

/** Of more texts than this a kernel takes more memory than it saves time. */
const mostByKernel = 3000;

/** Fits heads on different parts of the same texts, sharing what they can share. */
export const fitterOf = (data: Data, seed: number): ((order: Int32Array) => Fitted) => {
  const { points, labelOf, weightOf } = data;
  if (points.length > mostByKernel)
    return (order) => fitHead(points, labelOf, weightOf, order, fitOptions(data, order, seed));
  const kernel = kernelOf(data, fitOptions(data, Int32Array.from(points.keys()), seed));
  return (order) => fitByKernel(kernel, data, order, fitOptions(data, order, seed));
};
