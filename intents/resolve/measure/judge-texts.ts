import type { Learned, Ranking } from '../learn/types.ts';
import { lineFor } from './coverage.ts';
import type { Judged } from './judged.ts';

/** One step of the cascade as a test sees it: what it makes of a text, and from where on it is sure. */
export interface Tier {
  readonly name: string;
  /** What the tier before found is handed on; the first has none. */
  rank(text: string, before: Ranking | undefined): Ranking | Promise<Ranking>;
  /** From this confidence on nothing further is asked. */
  readonly sure: number;
  /** Under this scope score a text is taken to be out of scope. */
  readonly scopeLine: number;
}

/** Good requests that are refused by mistake: at most one in twenty. */
export const keptShare = '0.95';
/** What is answered without asking a stronger tier is right so often. */
export const surePrecision = 0.97;
/** Where no line gives `surePrecision`. */
const sureByDefault = 0.9;

/** How many candidates are kept of each text. */
export const candidatesKept = 5;

/** The lines of what was learned, from its own cross-validation: nothing of a test is looked at. */
export const linesOf = ({ report }: Learned): Pick<Tier, 'sure' | 'scopeLine'> => ({
  sure: lineFor(report.points, surePrecision) ?? sureByDefault,
  scopeLine: report.scopeAt[keptShare] ?? 0,
});

/**
 * Puts every text through the tiers, each asked only where the one before is not sure.
 * @param tiers at least one
 * @param refuses false: nothing is taken to be out of scope
 * @param micros a clock, in microseconds
 * @param done told after each text
 */
export const judgeTexts = async (
  texts: readonly { readonly text: string; readonly intent: string | null }[],
  tiers: readonly Tier[],
  { refuses, micros, done }: { refuses: boolean; micros: () => number; done: (count: number) => void },
): Promise<Judged[]> => {
  const judged: Judged[] = [];
  for (const { text, intent } of texts) {
    const start = micros();
    let answered: { ranking: Ranking; tier: Tier } | undefined;
    for (const tier of tiers) {
      const ranked = tier.rank(text, answered?.ranking);
      const ranking = ranked instanceof Promise ? await ranked : ranked;
      answered = { ranking, tier };
      if ((ranking.candidates[0]?.confidence ?? 0) >= tier.sure) break;
    }
    const took = micros() - start;
    if (answered === undefined) throw new RangeError('a test needs at least one tier');
    const { ranking, tier } = answered;
    const [best] = ranking.candidates;
    judged.push({
      text,
      expected: intent,
      candidates: ranking.candidates,
      scope: ranking.scope,
      answer: best === undefined || (refuses && ranking.scope < tier.scopeLine) ? null : best.label,
      tier: tier.name,
      micros: took,
    });
    done(judged.length);
  }
  return judged;
};
