import type { Learned } from '../../../intents/resolve/learn/types.ts';
import type { SlotSpan } from '../../../intents/resolve/tagger/types.ts';
import type { Believe, Learn } from './tiers.ts';

// The learner and the tagger are loaded when they are wanted: their tables take a moment.

/** The learner of this package. */
export const learnBuiltin: Learn = async (texts, { vectors, onProgress }) => {
  const { learn } = await import('../../../intents/resolve/learn/learn.ts');
  return learn(texts, { ...(vectors && { vectors }), ...(onProgress && { onProgress }) });
};

/** The learner with the calibration of what it learned before: for folds of the same texts. */
export const learnLike =
  (calibratedLike: Learned): Learn =>
  async (texts, options) => {
    const { learn } = await import('../../../intents/resolve/learn/learn.ts');
    return learn(texts, { ...options, calibratedLike });
  };

/** A second tier as a gateway believes it, by cross-validation of both. */
export const believeBehind: Believe = async (texts, vectors, { first, second }) => {
  const { bandOf, inBand } = await import('../../../intents/resolve/learn/band.ts');
  const band = bandOf(texts, vectors, first, second);
  return band === undefined ? second : inBand(first, second, band);
};

/** What was learned, as a file holds it. */
export const bytesOf = async (learned: Learned): Promise<Uint8Array> => {
  const { toBytes } = await import('../../../intents/resolve/learn/store.ts');
  return toBytes(learned);
};

/**
 * Learns to read slots from annotated texts of one intent.
 * @param values known values by slot; those of slots that no text has are left out
 * @returns what reads them from another text
 */
export const learnSlots = async (
  texts: readonly { readonly text: string; readonly spans: readonly SlotSpan[] }[],
  values: Readonly<Record<string, readonly string[]>>,
): Promise<(text: string) => readonly SlotSpan[]> => {
  const [{ trainTagger }, { wordVectors }] = await Promise.all([
    import('../../../intents/resolve/tagger/tagger.ts'),
    import('../../../intents/resolve/tagger/word-vectors.ts'),
  ]);
  const slots = new Set(texts.flatMap(({ spans }) => spans.map(({ slot }) => slot)));
  const own = Object.fromEntries(Object.entries(values).filter(([slot]) => slots.has(slot)));
  const tagger = trainTagger(texts, { vectorOf: wordVectors(), values: own });
  return (text) => tagger.tag(text);
};
