import type { RevocationStore } from '../../policies/ports.ts';

const maxKept = 1_000_000;

/** What is revoked, in this process alone and until it ends. */
export const memoryRevocations = (): RevocationStore => {
  /** Id -> when it may be forgotten. */
  const until = new Map<string, number>();
  return {
    async revoke(id, untilMs) {
      if (!until.has(id) && until.size >= maxKept) throw new Error(`${maxKept} are revoked; no more can be kept`);
      until.set(id, Math.max(untilMs, until.get(id) ?? 0));
    },
    revoked(ids, nowMs) {
      for (const id of ids) {
        const end = until.get(id);
        if (end === undefined) continue;
        if (end > nowMs) return true;
        until.delete(id);
      }
      return false;
    },
  };
};
