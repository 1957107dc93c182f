import { calibrationError } from './calibration.ts';
import { bestSaid, isRight, type Judged, share } from './judged.ts';

export interface TierFigures {
  readonly tier: string;
  /** Share of all texts that this tier answered. */
  readonly share: number;
  readonly accuracy: number | null;
  /** Over texts in scope. */
  readonly ece: number | null;
}

/** What each tier did with the texts that ended there. */
export const tierFigures = (judged: readonly Judged[], tiers: readonly string[]): TierFigures[] =>
  tiers.map((tier) => {
    const own = judged.filter((one) => one.tier === tier);
    return {
      tier,
      share: judged.length === 0 ? 0 : own.length / judged.length,
      accuracy: share(own, isRight) ?? null,
      ece: calibrationError(own.filter(({ expected }) => expected !== null).map(bestSaid)) ?? null,
    };
  });
