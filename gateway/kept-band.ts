import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { inWorker } from '../intents/resolve/in-worker.ts';
import { type Band, inBand } from '../intents/resolve/learn/band.ts';
import type { BandSaid, BandTask } from '../intents/resolve/learn/band-worker.ts';
import { builtInEncoder } from '../intents/resolve/learn/learn.ts';
import { hashOf } from '../intents/resolve/learn/mark.ts';
import { toBytes } from '../intents/resolve/learn/store.ts';
import type { LabelledText, Learned } from '../intents/resolve/learn/types.ts';
import { keepFile } from './kept-files.ts';
import type { Encoded, Keeping } from './kept-learning.ts';

const keptFiles = 8;
const shape = z.object({ band: z.object({ bias: z.number(), weights: z.array(z.number()).length(3) }).optional() });

/**
 * The encoder's tier as it is to be believed where the built-in one was not sure: fitted beside the thread that serves, and
 * kept by the texts, or taken up from there.
 * @param first what the built-in tier learned of the same texts
 * @param second what was learned with the encoder
 */
export const bandKept = async (
  texts: readonly LabelledText[],
  keeping: Keeping | undefined,
  { encoderId, vectors }: Encoded,
  { first, second }: { readonly first: Learned; readonly second: Learned },
): Promise<Learned> => {
  const file = `${hashOf(texts, `${builtInEncoder} ${encoderId}`)}.band`;
  const known = keeping && (await storedIn(join(keeping.folder, file)));
  const { band } = known ?? (await fitted({ texts, vectors: await vectors(), ...bytesOf(first, second) }));
  if (known === undefined && keeping !== undefined) {
    const { folder, say } = keeping;
    const bytes = new TextEncoder().encode(JSON.stringify({ band }));
    await keepFile(folder, file, bytes, keptFiles).catch((error: unknown) =>
      say('warn', 'what was learned cannot be kept', { folder, cause: (error as Error).message }),
    );
  }
  return band === undefined ? second : inBand(first, second, band);
};

const bytesOf = (first: Learned, second: Learned) => ({ first: toBytes(first), second: toBytes(second) });

const fitted = async (task: BandTask): Promise<{ readonly band: Band | undefined }> => {
  let said: BandSaid = { band: undefined };
  const module = new URL('../intents/resolve/learn/band-worker.ts', import.meta.url);
  await inWorker<BandSaid>(module, task, (one) => {
    said = one;
  });
  return said;
};

const storedIn = async (path: string): Promise<{ readonly band: Band | undefined } | undefined> => {
  try {
    const { band } = shape.parse(JSON.parse(await readFile(path, 'utf8')));
    return { band };
  } catch {
    return undefined;
  }
};
