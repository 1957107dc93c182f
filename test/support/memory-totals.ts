import type { TotalStore } from '../../policies/ports.ts';
import type { Addition } from '../../policies/types.ts';

interface Held {
  readonly id: string;
  readonly amount: number;
  readonly until: number;
}

/** Fails closed above it: each entry is some hundred bytes. */
const maxEntries = 1_000_000;

/** Totals in memory, for tests that need no store. */
export const memoryTotals = (): TotalStore => {
  const byKey = new Map<string, Held[]>();
  const byId = new Map<string, readonly Addition[]>();
  let entries = 0;

  const live = (key: string, now: number): readonly Held[] => {
    const held = byKey.get(key);
    if (held === undefined) return [];
    const left = held.filter(({ until }) => until > now);
    entries -= held.length - left.length;
    if (left.length === 0) byKey.delete(key);
    else if (left.length < held.length) byKey.set(key, left);
    return left;
  };
  const total = (key: string, now: number) => live(key, now).reduce((sum, { amount }) => sum + amount, 0);

  return {
    totals: async (readings, now) => readings.map(({ key }) => total(key, now)),
    // Without an await between looking and adding, nobody comes between.
    reserve: async (id, additions, now) => {
      if (additions.some(({ key, amount, atMost }) => atMost !== undefined && total(key, now) + amount > atMost))
        return false;
      if (entries + additions.length > maxEntries) throw new Error('too many totals are kept');
      for (const { key, amount, windowMs } of additions) {
        byKey.set(key, [...live(key, now), { id, amount, until: now + windowMs }]);
        entries++;
      }
      byId.set(id, additions);
      return true;
    },
    settle: async (id, kept) => {
      const additions = byId.get(id) ?? [];
      byId.delete(id);
      if (kept) return;
      for (const { key } of additions) {
        const held = byKey.get(key) ?? [];
        const left = held.filter((one) => one.id !== id);
        entries -= held.length - left.length;
        if (left.length === 0) byKey.delete(key);
        else byKey.set(key, left);
      }
    },
  };
};
