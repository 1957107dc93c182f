import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builtInEncoder, learn } from '../intents/resolve/learn/learn.ts';
import { learnInWorker } from '../intents/resolve/learn/learn-in-worker.ts';
import { hashOf } from '../intents/resolve/learn/mark.ts';
import { fromBytes, toBytes } from '../intents/resolve/learn/store.ts';
import type { LabelledText, Learned } from '../intents/resolve/learn/types.ts';
import { keepFile } from './kept-files.ts';

export interface Keeping {
  /** Where what was learned is kept. */
  readonly folder: string;
  /** What serves now, on a reload: what did not change since is taken over. */
  readonly before?: Learned | undefined;
  /** Told what happens, in words for a log. */
  readonly say: (level: 'info' | 'warn', message: string, facts?: Readonly<Record<string, unknown>>) => void;
}

export interface Encoded {
  readonly encoderId: string;
  /** One a text; not called where it was learned before. */
  readonly vectors: () => Promise<readonly Float32Array[]>;
}

/** Learning fewer texts than this takes less than starting a thread for it. */
const worthAThread = 100;
const keptFiles = 8;

/**
 * Takes up what was learned from the same texts before, else learns it beside the thread that serves and keeps it.
 * @param keeping left out, nothing is kept
 * @param calibratedLike what was learned of nearly the same texts, for one of many that are learned in turn: see `learn`
 * A folder that cannot be read or written costs the next start its time, and nothing else.
 */
export const learnKept = async (
  texts: readonly LabelledText[],
  keeping: Keeping | undefined,
  encoded?: Encoded,
  calibratedLike?: Learned,
): Promise<Learned> => {
  const encoderId = encoded?.encoderId ?? builtInEncoder;
  const file = keeping && `${hashOf(texts, encoderId)}.learned`;
  const stored =
    keeping === undefined || file === undefined
      ? undefined
      : await readFile(join(keeping.folder, file)).catch(() => undefined);
  const known = stored && fromBytes(stored, encoderId);
  if (known !== undefined) return known;

  const start = performance.now();
  const options = encoded === undefined ? {} : { encoderId, vectors: await encoded.vectors() };
  if (calibratedLike !== undefined) return learn(texts, { ...options, calibratedLike });
  if (texts.length < worthAThread) return learn(texts, options);
  const before = encoded === undefined && keeping?.before !== undefined ? toBytes(keeping.before) : undefined;
  const bytes = await learnInWorker(texts, { ...options, ...(before && { before }) });
  const learned = fromBytes(bytes, encoderId);
  if (learned === undefined) throw new Error('what was learned cannot be read back');
  if (keeping === undefined || file === undefined) return learned;
  const { folder, say } = keeping;
  say('info', 'learned from the examples', { texts: texts.length, ms: Math.round(performance.now() - start) });
  // What was only learned in part is not what the next start would learn.
  if (before !== undefined) return learned;
  await keepFile(folder, file, bytes, keptFiles).catch((error: unknown) =>
    say('warn', 'what was learned cannot be kept', { folder, cause: (error as Error).message }),
  );
  return learned;
};
