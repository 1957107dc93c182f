import { didYouMean } from '../../did-you-mean.ts';

/** A figure and what it must be at least (or, for what is better small, at most). */
export interface Floor {
  readonly figure: string;
  readonly limit: number;
}
export interface Missed extends Floor {
  readonly value: number | null;
}

/** Figures of which less is better. */
const smallIsBetter = /^(?:ece(?:_all)?|(?:resolver_)?p\d\d_us|train_ms|in_scope_refused|resolver_wrong_runs)$/;

export const isBetter = (figure: string, value: number, than: number): boolean =>
  smallIsBetter.test(figure) ? value < than : value > than;

/**
 * Reads `accuracy=0.9,oos_recall=0.7`.
 * @param known the figures there are
 * @throws Error that says what is wrong and what would be right
 */
export const parseFloors = (written: string, known: readonly string[]): Floor[] =>
  written.split(',').map((part) => {
    const [, figure = '', number = ''] = /^\s*([\w.]+)\s*=\s*(\d*\.?\d+(?:e-?\d+)?)\s*$/i.exec(part) ?? [];
    if (figure === '') throw new Error(`"${part.trim()}" is not written like accuracy=0.9`);
    if (!known.includes(figure)) throw new Error(`there is no figure "${figure}".${didYouMean(figure, known)}`);
    return { figure, limit: Number(number) };
  });

/** @returns what is on the wrong side of its limit; a figure that could not be taken is */
export const missedFloors = (floors: readonly Floor[], figures: Readonly<Record<string, unknown>>): Missed[] =>
  floors.flatMap(({ figure, limit }): Missed[] => {
    const value = figures[figure];
    if (typeof value !== 'number') return [{ figure, limit, value: null }];
    return value === limit || isBetter(figure, value, limit) ? [] : [{ figure, limit, value }];
  });

export const wantsAtMost = (figure: string): boolean => smallIsBetter.test(figure);
