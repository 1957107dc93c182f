/** Keeps tries that are made again from becoming the load that brings a backend down. */
export interface RetryBudget {
  /** Each call that is made for the first time adds its share. */
  earn(): void;
  /** @returns false where there is none left */
  spend(): boolean;
}

const share = 0.1;
const most = 10;

/** One try more for ten calls, and up to ten saved up. Source: the token bucket of Finagle's RetryBudget. */
export const retryBudget = (): RetryBudget => {
  let left = most;
  return {
    earn() {
      left = Math.min(most, left + share);
    },
    spend() {
      // Tenths do not add up to a whole exactly.
      if (left < 1 - 1e-9) return false;
      left--;
      return true;
    },
  };
};

const firstMs = 50;
const longestMs = 1_000;

/**
 * How long to wait before a try. Source: full jitter, Brooker, Exponential Backoff and Jitter (2015).
 * @param again 1 for the second try
 * @param random in [0, 1)
 */
export const backoffMs = (again: number, random: () => number): number =>
  random() * Math.min(longestMs, firstMs * 2 ** again);
