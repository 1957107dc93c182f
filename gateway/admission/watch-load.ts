import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Shedder } from './shedder.ts';

const everyMs = 250;
const resolutionMs = 10;

/** Tells a shedder how late the event loop of this process runs. @returns what stops it */
export const watchLoad = (shedder: Shedder): (() => void) => {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  const timer = setInterval(() => {
    // A loop on time counts as its resolution.
    if (delay.count > 0) shedder.load(Math.max(0, delay.mean / 1e6 - resolutionMs));
    delay.reset();
  }, everyMs).unref();
  return () => {
    clearInterval(timer);
    delay.disable();
  };
};
