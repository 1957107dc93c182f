import { parentPort, workerData } from 'node:worker_threads';
import { learn } from './learn.ts';
import { toBytes } from './store.ts';
import type { LabelledText } from './types.ts';

/** What a worker is handed. */
export interface Task {
  readonly texts: readonly LabelledText[];
  readonly vectors?: readonly Float32Array[];
  readonly encoderId?: string;
  readonly seed?: number;
}
/** What it says: how far it is, then what it learned. */
export type Said = { readonly share: number } | { readonly bytes: Uint8Array };

const { texts, ...options } = workerData as Task;
const say = (said: Said, moved: ArrayBuffer[] = []) => parentPort?.postMessage(said, moved);

const bytes = toBytes(learn(texts, { ...options, onProgress: (share) => say({ share }) }));
say({ bytes }, [bytes.buffer]);
