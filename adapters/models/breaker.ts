import type { Asked } from './endpoint.ts';

const failuresToOpen = 5;
const restMs = 30_000;
const longestRestMs = 5 * 60_000;

/** Keeps an endpoint that fails from being asked. */
export interface Breaker {
  /** Whether the endpoint may be asked now; who is let in says afterwards how it went. */
  admit(): boolean;
  /** @param toldMs how long the endpoint itself wants to be left alone */
  settle(health: Asked['health'], toldMs?: number): void;
}

/**
 * Opens after five failures in a row, or at once where the endpoint says for how long; then lets one question try it,
 * and closes when that goes well (Nygard, Release It!).
 * @param now milliseconds
 */
export const circuitBreaker = (now: () => number): Breaker => {
  let failures = 0;
  let openUntil = 0;
  let trying = false;
  return {
    admit() {
      if (openUntil === 0) return true;
      if (trying || now() < openUntil) return false;
      trying = true;
      return true;
    },
    settle(health, toldMs = 0) {
      trying = false;
      if (health === 'unknown') return;
      if (health === 'well') {
        failures = 0;
        openUntil = 0;
        return;
      }
      failures++;
      if (toldMs > 0) openUntil = Math.max(openUntil, now() + Math.min(toldMs, longestRestMs));
      if (failures >= failuresToOpen || (openUntil > 0 && toldMs === 0)) openUntil = now() + restMs;
    },
  };
};
