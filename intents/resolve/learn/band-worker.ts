import { asWorker } from '../as-worker.ts';
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

asWorker<BandTask, BandSaid>(({ texts, vectors, ...bytes }, say) => {
  const [first, second] = [fromBytes(bytes.first), fromBytes(bytes.second)];
  if (first === undefined || second === undefined) throw new Error('what was learned cannot be read back');
  say({ band: bandOf(texts, vectors, first, second) });
});
