import type { Logistic } from './logistic.ts';

/** For catalogues too small to learn it from. Fitted on CLINC150, training and validation split. */
export const shippedConfidence: Logistic = { bias: 1.5, weights: [1.2] };
export const shippedScope: Logistic = { bias: -4, weights: [0.1, 0.1, 0.2, 3, 3, 1, 0] };
