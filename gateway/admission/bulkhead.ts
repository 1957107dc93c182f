import { placesFor, type Rank } from './rank.ts';

/** Keeps one backend from taking the whole gateway with it: so many calls at once, fewer while it is slow. */
export interface Bulkhead {
  hasRoom(rank: Rank): boolean;
  /** @param rank asked for where it matters @returns false where there is no room for that rank */
  enter(rank: () => Rank): boolean;
  leave(): void;
  /**
   * How long a call took.
   * @param usualMs what calls like it took of late @param nowMs of a clock that never goes back
   */
  took(ms: number, usualMs: number, nowMs: number): void;
  readonly active: number;
  /** How many there may be now. */
  readonly limit: number;
}

const windowMs = 250;
/** Fewer calls say nothing of how a backend is. */
const fewest = 10;
/** Slower than usual by this is still usual. */
const tolerance = 1.5;
const lowest = 8;

/**
 * The limit follows how much slower the backend is than usual: it shrinks by that, to half at most at a time, and grows by
 * its square root otherwise. Where less than half of it is used, it stays as it is.
 * Source: the gradient limit of Netflix's concurrency-limits; ours is told how long calls of each kind take usually, so
 * that a mixture of quick and slow ones is no sign of trouble.
 * @param most calls under way at once at the most, at least 1
 */
export const bulkhead = (most: number): Bulkhead => {
  const least = Math.min(most, lowest);
  let limit = most;
  let active = 0;
  let seen = { until: 0, calls: 0, ms: 0, usualMs: 0, active: 0 };

  const adapt = () => {
    const { ms, usualMs, active: used } = seen;
    if (used < limit / 2) return;
    const slower = ms > tolerance * usualMs;
    const grown = slower ? limit * Math.max(0.5, (tolerance * usualMs) / ms) : limit + Math.sqrt(limit);
    limit = Math.max(least, Math.min(most, grown));
  };

  const hasRoom = (rank: Rank) => active < placesFor(rank, limit);

  return {
    hasRoom,
    enter(rank) {
      // Nobody needs a rank while there is room for all.
      if (!hasRoom('stranger') && !hasRoom(rank())) return false;
      active++;
      if (active > seen.active) seen.active = active;
      return true;
    },
    leave() {
      active--;
    },
    took(ms, usualMs, nowMs) {
      seen.calls++;
      seen.ms += ms;
      seen.usualMs += usualMs;
      if (seen.calls < fewest || nowMs < seen.until) return;
      adapt();
      seen = { until: nowMs + windowMs, calls: 0, ms: 0, usualMs: 0, active };
    },
    get active() {
      return active;
    },
    get limit() {
      return Math.floor(limit);
    },
  };
};
