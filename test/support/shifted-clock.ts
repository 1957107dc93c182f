import { onTestFinished } from 'vitest';

/**
 * The clock of this process, for as long as a test runs: set to another time it jumps as that of a machine does. Timers
 * and what measures how long something takes go on as before.
 */
export const shiftedClock = (): { by(ms: number): void } => {
  const Real = globalThis.Date;
  let shift = 0;
  class Shifted extends Real {
    constructor(...given: unknown[]) {
      super(...((given.length === 0 ? [Real.now() + shift] : given) as [number]));
    }
    static override now(): number {
      return Real.now() + shift;
    }
  }
  globalThis.Date = Shifted as DateConstructor;
  onTestFinished(() => {
    globalThis.Date = Real;
  });
  return {
    by: (ms) => {
      shift += ms;
    },
  };
};
