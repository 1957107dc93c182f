/** How often a backend may fail before it is left alone. */
export interface BreakerOptions {
  /** How far back calls are counted. */
  readonly windowMs: number;
  /** Fewer calls than this in the window say nothing. */
  readonly calls: number;
  /** From this share of failed calls on it opens, in (0, 1]. */
  readonly share: number;
  /** How long it rests before it is tried; twice as long each time that fails, up to a minute. */
  readonly restMs: number;
  /** So many calls try it, and must all go well. */
  readonly probes: number;
}

export type BreakerState = 'closed' | 'open' | 'half-open';

/** `ill`: it failed, or did not answer. `unknown`: the caller went away, and nothing is known of the backend. */
export type Health = 'well' | 'ill' | 'unknown';

/** Leave to make one call. */
export interface Pass {
  /** Told once how the call went. @param toldMs how long the backend wants to be left alone */
  settle(health: Health, toldMs?: number): void;
}

/** Keeps a backend that fails from being called, and its callers from waiting for it. */
export interface Breaker {
  readonly state: BreakerState;
  /** @returns a number of milliseconds after which it is worth trying again, where the call may not be made */
  enter(): Pass | number;
}

const longestRestMs = 60_000;
const parts = 10;

/**
 * Opens when too large a share of the calls of the last seconds failed, rests, then lets a few calls try the backend, and
 * closes when they all went well. A call that began before it opened says nothing about how it is afterwards.
 * Source: Nygard, Release It!, circuit breaker; the window of failures as in Resilience4j.
 * @param now milliseconds, of a clock that never goes back
 */
export const breaker = ({ windowMs, calls, share, restMs, probes }: BreakerOptions, now: () => number): Breaker => {
  const partMs = windowMs / parts;
  /** By part of the window: which one it is, and what its calls said. */
  const counted = Array.from({ length: parts }, () => ({ part: -1, all: 0, ill: 0 }));
  let state: BreakerState = 'closed';
  /** Counts the changes of state: a pass of an earlier one is void. */
  let era = 0;
  let rest = restMs;
  let openUntil = 0;
  let trying = 0;
  let wentWell = 0;

  const turn = (to: BreakerState) => {
    state = to;
    era++;
    trying = 0;
    wentWell = 0;
    for (const one of counted) one.part = -1;
  };
  const open = (toldMs: number) => {
    openUntil = now() + Math.max(rest, Math.min(toldMs, longestRestMs));
    rest = Math.min(2 * rest, longestRestMs);
    turn('open');
  };
  const count = (health: 'well' | 'ill', toldMs: number) => {
    const part = Math.floor(now() / partMs);
    const own = counted[part % parts] as (typeof counted)[number];
    if (own.part !== part) Object.assign(own, { part, all: 0, ill: 0 });
    own.all++;
    if (health === 'well') return;
    own.ill++;
    const live = counted.filter((one) => one.part > part - parts);
    const all = live.reduce((sum, one) => sum + one.all, 0);
    const ill = live.reduce((sum, one) => sum + one.ill, 0);
    if (all >= calls && ill >= share * all) open(toldMs);
  };
  const settle = (health: Health, toldMs: number) => {
    if (state === 'closed') {
      if (health !== 'unknown') count(health, toldMs);
      return;
    }
    trying--;
    if (health === 'ill') open(toldMs);
    else if (health === 'well' && ++wentWell >= probes) {
      rest = restMs;
      turn('closed');
    }
  };

  return {
    get state() {
      return state === 'open' && now() >= openUntil ? 'half-open' : state;
    },
    enter() {
      if (state === 'open') {
        const left = openUntil - now();
        if (left > 0) return left;
        turn('half-open');
      }
      if (state === 'half-open' && trying + wentWell >= probes) return restMs;
      if (state === 'half-open') trying++;
      const own = era;
      return { settle: (health, toldMs = 0) => (own === era ? settle(health, toldMs) : undefined) };
    },
  };
};
