import type { Encoder } from '../ports.ts';
import type { CatalogueTexts } from './catalogue-texts.ts';
import type { Ranker } from './ranker.ts';
import type { Classifier } from './types.ts';

/** The tier of a sentence encoder: the same head over its vectors, for what the tier before was not sure of. */
export const encoderTier = (
  { variants }: Pick<CatalogueTexts, 'variants'>,
  encoder: Encoder,
  rank: Ranker,
): Classifier => ({
  tier: 'encoder',
  async classify(text, limit, signal, given) {
    const [asWritten] = variants(text);
    if (asWritten === undefined || asWritten.text === '') return [];
    const [vector] = await encoder.encode([asWritten.text], signal);
    return rank(asWritten, limit, { vector, given });
  },
});
