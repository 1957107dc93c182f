import type { Learned } from '../../../intents/resolve/learn/types.ts';
import type { SlotSpan } from '../../../intents/resolve/measure/slots.ts';
import type { Learn } from './tiers.ts';

// The learner and the tagger are loaded when they are wanted: their tables take a moment.
const bytes: string = '../../../intents/resolve/learn/bytes.ts';
const tagger: string = '../../../intents/resolve/tagger/learn.ts';

/** The learner of this package. */
export const learnBuiltin: Learn = async (texts, { vectors, onProgress }) => {
  const { learn } = await import('../../../intents/resolve/learn/learn.ts');
  return learn(texts, { ...(vectors && { vectors }), ...(onProgress && { onProgress }) });
};

/** What was learned, as a file holds it. */
export const bytesOf = async (learned: Learned): Promise<Uint8Array> => (await import(bytes)).toBytes(learned);

/** Learns to read slots from annotated texts. @returns what reads them from another */
export const learnSlots = async (
  texts: readonly { readonly text: string; readonly spans: readonly SlotSpan[] }[],
): Promise<(text: string) => readonly SlotSpan[]> => {
  const { tag } = (await import(tagger)).learnTagger(texts, {});
  return (text) => tag(text);
};
