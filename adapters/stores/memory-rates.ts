import type { RateStore } from '../../policies/ports.ts';

const maxKeys = 100_000;

/**
 * Rates in this process alone. Each place is free again after its share of the time, and as many as the rate names may
 * be taken at once. Source: generic cell rate algorithm, ITU-T I.371, as a virtual schedule.
 */
export const memoryRates = (): RateStore => {
  /** Key -> when the next request would be exactly on time. */
  const due = new Map<string, number>();
  return {
    take: async (key, { requests, perMs }, now) => {
      const each = perMs / requests;
      // Nothing is ever due later than that, unless the clock went back: nobody waits until it is there again.
      if ((due.get(key) ?? now) > now + perMs) due.set(key, now + perMs);
      const onTime = Math.max(due.get(key) ?? now, now);
      const early = onTime - now - (perMs - each);
      // A hair of tolerance, because each is seldom a whole number.
      if (early > 1e-6) return { waitMs: early, fullMs: onTime - now };
      if (!due.has(key) && due.size >= maxKeys) {
        for (const [other, at] of due) if (at <= now) due.delete(other);
        if (due.size >= maxKeys) return { waitMs: each, fullMs: perMs };
      }
      due.set(key, onTime + each);
      return { waitMs: 0, fullMs: onTime + each - now };
    },
  };
};
