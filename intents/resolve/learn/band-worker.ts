import { parentPort, workerData } from 'node:worker_threads';
import { type Band, bandOf } from './band.ts';
import { fromBytes } from './store.ts';
import type { LabelledText } from './types.ts';

/** What a worker is handed. */
export interface BandTask {
  readonly texts: readonly LabelledText[];
  readonly vectors: readonly Float32Array[];
  /** What each tier learned, as `toBytes` wrote it. */
  readonly first: Uint8Array;
  readonly second: Uint8Array;
}
export interface BandSaid {
  readonly band: Band | undefined;
}

const task = workerData as BandTask;
const [first, second] = [fromBytes(task.first), fromBytes(task.second)];
if (first === undefined || second === undefined) throw new Error('what was learned cannot be read back');
parentPort?.postMessage({ band: bandOf(task.texts, task.vectors, first, second) } satisfies BandSaid);
