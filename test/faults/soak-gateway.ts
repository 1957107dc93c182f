// A gateway in a process of its own, which says on request how it is: what its heap holds once all that can be collected
// is, and how late its event loop was since it was last asked.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { createLogger, serve } from '../../gateway/serve.ts';
import { loadSetup } from '../../gateway/setup.ts';
import { handles, heapInUse } from './handles.ts';

export interface Look {
  /** Bytes. */
  readonly heap: number;
  readonly rss: number;
  /** Milliseconds beyond the 10 between two looks at the clock. */
  readonly delay: { readonly median: number; readonly p99: number };
  readonly handles: Readonly<Record<string, number>>;
}

const { setup, findings } = await loadSetup(process.argv[2] ?? '', {});
if (setup === undefined) throw new Error(JSON.stringify(findings));
const serving = await serve(setup, {}, createLogger('error'));
const resolution = 10;
const delay = monitorEventLoopDelay({ resolution });
delay.enable();
const late = (percentile: number) => Math.max(0, delay.percentile(percentile) / 1e6 - resolution);
process.on('message', async (what) => {
  if (what === 'stop') {
    await serving.close();
    process.exit();
  }
  const since = { median: late(50), p99: late(99) };
  const look: Look = { delay: since, heap: heapInUse(), rss: process.memoryUsage().rss, handles: handles() };
  // Collecting all that is no delay of the gateway's own: it is counted before what follows.
  await wait(5 * resolution);
  delay.reset();
  process.send?.(look);
});
process.send?.({ url: serving.url, grpc: serving.grpc });
