import type { Learned, Ranking } from '../learn/types.ts';
import { lineFor } from './coverage.ts';
import type { Judged } from './judged.ts';

/** One step of the cascade as a test sees it: what it makes of a text, and from where on it is sure. */
export interface Tier {
  readonly name: string;
  /** What the tier before found is handed on; the first has none. */
  rank(text: string, before: Ranking | undefined): Ranking | Promise<Ranking>;
  /** Whether nothing further need be asked. */
  isSure(ranking: Ranking): boolean;
  /** Whether the text is taken to be out of scope. */
  refuses(ranking: Ranking): boolean;
}

/** Good requests that are refused by mistake: at most one in twenty. */
export const keptShare = '0.95';
/** What is answered without asking a stronger tier is right so often. */
export const surePrecision = 0.97;
/** Where no line gives `surePrecision`. */
const sureByDefault = 0.9;

/** How many candidates are kept of each text. */
export const candidatesKept = 5;

/** Under this scope score a text is taken to be out of scope: by cross-validation, nothing of a test is looked at. */
export const scopeLineOf = ({ report }: Learned): number => report.scopeAt[keptShare] ?? 0;

/** The lines of what was learned, from its own cross-validation. */
export const linesOf = (learned: Learned): Pick<Tier, 'isSure' | 'refuses'> => {
  const sure = lineFor(learned.report, surePrecision) ?? sureByDefault;
  const scopeLine = scopeLineOf(learned);
  return {
    isSure: ({ candidates: [best] }) => (best?.confidence ?? 0) >= sure,
    refuses: ({ scope }) => scope < scopeLine,
  };
};

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
      if (tier.isSure(ranking)) break;
    }
    const took = micros() - start;
    if (answered === undefined) throw new RangeError('a test needs at least one tier');
    const { ranking, tier } = answered;
    const [best] = ranking.candidates;
    const under = best === undefined || tier.refuses(ranking);
    judged.push({
      text,
      expected: intent,
      candidates: ranking.candidates,
      scope: ranking.scope,
      under,
      answer: best === undefined || (refuses && under) ? null : best.label,
      tier: tier.name,
      micros: took,
    });
    done(judged.length);
  }
  return judged;
};
