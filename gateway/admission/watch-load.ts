import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Shedder } from './shedder.ts';

const everyMs = 250;
const resolutionMs = 10;

/** Tells a shedder how late the event loop of this process runs. @returns what stops it */
export const watchLoad = (shedder: Shedder): (() => void) => {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  let before = { count: 0, sumMs: 0 };
  let used = performance.eventLoopUtilization();
  const timer = setInterval(() => {
    // Never reset: what comes first after that is not counted, and a late loop has no second.
    const now = { count: delay.count, sumMs: delay.count === 0 ? 0 : (delay.count * delay.mean) / 1e6 };
    const usedNow = performance.eventLoopUtilization();
    const busy = performance.eventLoopUtilization(usedNow, used).utilization;
    used = usedNow;
    const count = now.count - before.count;
    // A loop on time counts as its resolution.
    if (count > 0) shedder.load(Math.max(0, (now.sumMs - before.sumMs) / count - resolutionMs), busy);
    before = now;
  }, everyMs).unref();
  return () => {
    clearInterval(timer);
    delay.disable();
  };
};
