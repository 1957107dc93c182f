import { asWorker } from '../as-worker.ts';
import { learn } from './learn.ts';
import { relearn } from './relearn.ts';
import { fromBytes, toBytes } from './store.ts';
import type { LabelledText } from './types.ts';

/** What a worker is handed. */
export interface Task {
  readonly texts: readonly LabelledText[];
  readonly vectors?: readonly Float32Array[];
  readonly encoderId?: string;
  readonly seed?: number;
  /** What was learned before, of nearly the same texts. */
  readonly before?: Uint8Array;
}
/** What it says: how far it is, then what it learned. */
export type Said = { readonly share: number } | { readonly bytes: Uint8Array };

asWorker<Task, Said>(({ texts, before, ...rest }, say) => {
  const options = { ...rest, onProgress: (share: number) => say({ share }) };
  const previous = before && fromBytes(before, rest.encoderId);
  say({ bytes: toBytes(previous === undefined ? learn(texts, options) : relearn(previous, texts, options)) });
});
