import type { Ranked } from '../learn/types.ts';

/** One text of a test, with what it means and what was made of it. */
export interface Judged {
  readonly text: string;
  /** null: out of scope. */
  readonly expected: string | null;
  /** Best first; empty where there was none at all. */
  readonly candidates: readonly Ranked[];
  /** How likely it is about any of the labels, in [0, 1]. */
  readonly scope: number;
  /** Whether its tier takes it to be out of scope, counted or not. */
  readonly under: boolean;
  /** The best candidate, or null where the text is taken to be out of scope. */
  readonly answer: string | null;
  readonly tier: string;
  /** Microseconds that it took, all tiers together. */
  readonly micros: number;
}

/** What was said with which confidence, and whether it was so. */
export interface Said {
  readonly confidence: number;
  readonly right: boolean;
}

export const isRight = ({ expected, answer }: Judged): boolean => expected === answer;

/** What the best candidate came to, whether or not the text was then taken to be out of scope. */
export const bestSaid = ({ expected, candidates: [best] }: Judged): Said => ({
  confidence: best?.confidence ?? 0,
  right: best !== undefined && best.label === expected,
});

/** @returns undefined for nothing of nothing, which is no share at all */
export const share = <T>(all: readonly T[], holds: (one: T) => boolean): number | undefined => {
  if (all.length === 0) return undefined;
  let count = 0;
  for (const one of all) if (holds(one)) count++;
  return count / all.length;
};
