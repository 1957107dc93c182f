import { placesFor, type Rank } from './rank.ts';

/** Turns requests away while the process has more to do than it can, so that those it takes are answered in time. */
export interface Shedder {
  /**
   * Told regularly how late the event loop runs.
   * @param delayMs mean since it was last told @param busy of that time, what it was not idle: 0 to 1
   */
  load(delayMs: number, busy: number): void;
  /** One more is under way. */
  enter(): void;
  leave(): void;
  /** Whether there is time for one more of that rank. */
  hasRoom(rank: Rank): boolean;
  /** Somebody was turned away: it is not over. */
  turnedAway(): void;
  /** How many are under way. */
  readonly active: number;
  /** How many there may be now; infinite while the process is in time. */
  readonly limit: number;
  /** How late the event loop was when it was last told. */
  readonly lateMs: number;
}

/** So many can always be under way: however late the process is, it is not their number. */
const lowest = 8;
/** With more rest than this there is time for more, however late it was at times. */
const fullyBusy = 0.95;
/** So often told that it is in time, with nobody turned away, it is over. */
const calmAfter = 8;

/**
 * While the event loop is later than it may be, there may be fewer requests under way, by as much as it is too late, to half
 * at most at a time; while it is in time, more. How late the loop is follows how many are under way within one turn of it,
 * so that nothing piles up between two looks, as it would if so many were let in a second. One look alone is no sign of
 * trouble, nor is a loop that has rest: something else stopped the process, and fewer requests would not help.
 * Source: the gradient limit of Netflix's concurrency-limits, on the delay of the event loop.
 * @param aimMs delay of the event loop that is still well
 */
export const shedder = (aimMs: number): Shedder => {
  let limit = Number.POSITIVE_INFINITY;
  let [active, most, calm, lateMs] = [0, 0, 0, 0];
  /** Whether somebody was turned away since it was last told. */
  let short = false;
  /** No further than is used: the rest was never tried. */
  const grown = () => Math.max(limit, Math.min(limit + Math.sqrt(limit), 2 * most));
  return {
    load(delayMs, busy) {
      const late = busy < fullyBusy ? 0 : Math.min(lateMs, delayMs);
      lateMs = delayMs;
      if (late > aimMs) limit = Math.max(lowest, Math.min(limit, most) * Math.max(0.5, aimMs / late));
      else if (delayMs <= aimMs || busy < fullyBusy) limit = calm >= calmAfter ? Number.POSITIVE_INFINITY : grown();
      most = active;
      calm = short || late > aimMs ? 0 : calm + 1;
      short = false;
    },
    enter() {
      active++;
      if (active > most) most = active;
    },
    leave() {
      active--;
    },
    hasRoom(rank) {
      return active < placesFor(rank, limit);
    },
    turnedAway() {
      short = true;
    },
    get active() {
      return active;
    },
    get limit() {
      return limit;
    },
    get lateMs() {
      return lateMs;
    },
  };
};
