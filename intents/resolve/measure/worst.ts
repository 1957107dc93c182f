import { isRight, type Judged } from './judged.ts';

export interface Mistake {
  readonly text: string;
  readonly expected: string | null;
  readonly answer: string | null;
  /** Of the best candidate. */
  readonly confidence: number;
  readonly scope: number;
  /** Place of the right one among the candidates, from 1; null where it is not among them. */
  readonly rank: number | null;
}

/**
 * What was got wrong most surely: the best places to look for a wrong label or a missing example.
 * @returns confident answers first, then refusals, those furthest over their line last
 */
export const worst = (judged: readonly Judged[], limit: number): Mistake[] =>
  judged
    .filter((one) => !isRight(one))
    .map(({ text, expected, answer, candidates, scope }) => ({
      text,
      expected,
      answer,
      confidence: candidates[0]?.confidence ?? 0,
      scope,
      rank: expected === null ? null : candidates.findIndex(({ label }) => label === expected) + 1 || null,
    }))
    .sort(
      (a, b) =>
        Number(a.answer === null) - Number(b.answer === null) ||
        (a.answer === null ? a.scope - b.scope : b.confidence - a.confidence) ||
        (a.text < b.text ? -1 : a.text > b.text ? 1 : 0),
    )
    .slice(0, limit);
