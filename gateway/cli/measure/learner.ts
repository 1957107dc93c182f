import type { Learned } from '../../../intents/resolve/learn/types.ts';
import type { SlotSpan } from '../../../intents/resolve/measure/slots.ts';
import type { Learn } from './tiers.ts';

// The learner and the tagger are loaded when they are wanted: their tables take a moment.
const learner: string = '../../../intents/resolve/learn/learn.ts';
const tagger: string = '../../../intents/resolve/tagger/learn.ts';

/** The learner of this package. */
export const learnBuiltin: Learn = async (texts, options) => (await import(learner)).learn(texts, options);

/** What was learned, as a file holds it. */
export const bytesOf = async (learned: Learned): Promise<Uint8Array> => (await import(learner)).toBytes(learned);

/** Learns to read slots from annotated texts. @returns what reads them from another */
export const learnSlots = async (
  texts: readonly { readonly text: string; readonly spans: readonly SlotSpan[] }[],
): Promise<(text: string) => readonly SlotSpan[]> => {
  const { tag } = (await import(tagger)).learnTagger(texts, {});
  return (text) => tag(text);
};
