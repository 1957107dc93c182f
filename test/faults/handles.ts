import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes that are really in use: what can be collected is. */
export const heapInUse = (): number => {
  for (let times = 0; times < 3; times++) collect();
  return process.memoryUsage().heapUsed;
};

/** Sockets of this process, and what else keeps it alive, by kind. */
export const handles = (): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [...Map.groupBy(process.getActiveResourcesInfo(), (kind) => kind)].map(([kind, all]) => [kind, all.length]),
  );
