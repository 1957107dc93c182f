import type { Data } from './data.ts';
import type { FitOptions } from './head.ts';

/** How a head is fitted; chosen on the validation split of CLINC150, with draws of 5, 10 and all examples a label. */
export const fitOptions = (data: Data, order: Int32Array, seed: number): FitOptions => {
  const many = data.labels > 0 && order.length / data.labels > 50;
  return {
    labels: data.labels,
    columns: data.columns,
    dimensions: data.dimensions,
    epochs: many ? 12 : 10,
    rate: many ? 0.2 : 0.3,
    decay: 1 / ((many ? 10 : 5) * Math.max(1, order.length)),
    denseScale: 3,
    // Of many examples, n-grams tell on their own what of few only the meaning of the words tells.
    sparseScale: many ? 2.4 : 0.8,
    seed,
  };
};
