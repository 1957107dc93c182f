import type { ReplayStore } from '../../policies/ports.ts';

/** Looking through all that is kept is for once a second. */
const sweepEveryMs = 1_000;

/**
 * Proofs that were seen, in this process alone. One that could not be remembered could be sent again, so where there is
 * no room it is not taken.
 * @param options most of them all, and of one holder, that are remembered at once
 */
export const memoryReplays = ({ most = 200_000, mostOfOne = 20_000 } = {}): ReplayStore => {
  /** Holder -> proof -> until when it could be sent again. */
  const seen = new Map<string, Map<string, number>>();
  let kept = 0;
  let swept = Number.NEGATIVE_INFINITY;
  const sweep = (nowMs: number) => {
    if (nowMs - swept < sweepEveryMs) return;
    swept = nowMs;
    kept = 0;
    for (const [holder, proofs] of seen) {
      for (const [proof, until] of proofs) if (until <= nowMs) proofs.delete(proof);
      if (proofs.size === 0) seen.delete(holder);
      kept += proofs.size;
    }
  };
  return {
    take(holder, proof, untilMs, nowMs) {
      if ((seen.get(holder)?.get(proof) ?? 0) > nowMs) return false;
      if (kept >= most || (seen.get(holder)?.size ?? 0) >= mostOfOne) sweep(nowMs);
      const mine = seen.get(holder) ?? new Map<string, number>();
      if (kept >= most || mine.size >= mostOfOne) throw new Error('more proofs came at once than can be remembered');
      if (!mine.has(proof)) kept++;
      mine.set(proof, untilMs);
      seen.set(holder, mine);
      return true;
    },
  };
};
