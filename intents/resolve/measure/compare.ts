import { isBetter } from './floors.ts';

/** How one figure of a run stands beside that of an earlier one. */
export interface Difference {
  readonly figure: string;
  readonly before: number;
  readonly now: number;
  readonly verdict: 'better' | 'worse' | 'same';
}

/**
 * @param before the members of an earlier report; what is no number on both sides is left out
 * @returns in the order of `now`
 */
export const compareFigures = (
  before: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
): Difference[] =>
  Object.entries(now).flatMap(([figure, value]) => {
    const earlier = Object.hasOwn(before, figure) ? before[figure] : undefined;
    if (typeof value !== 'number' || typeof earlier !== 'number') return [];
    const verdict = value === earlier ? 'same' : isBetter(figure, value, earlier) ? 'better' : 'worse';
    return [{ figure, before: earlier, now: value, verdict }];
  });
