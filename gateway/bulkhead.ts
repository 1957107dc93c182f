/** Keeps one backend from taking the whole gateway with it: so many calls at once, and one more is refused. */
export interface Bulkhead {
  /** @returns false where the limit is reached */
  enter(): boolean;
  leave(): void;
  readonly active: number;
}

/** @param limit calls under way at once, at least 1 */
export const bulkhead = (limit: number): Bulkhead => {
  let active = 0;
  return {
    enter() {
      if (active >= limit) return false;
      active++;
      return true;
    },
    leave() {
      active--;
    },
    get active() {
      return active;
    },
  };
};
