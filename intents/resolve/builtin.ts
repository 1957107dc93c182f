import type { Intent } from '../contract.ts';
import type { CatalogueTexts } from './catalogue-texts.ts';
import type { Learned } from './learn/types.ts';
import type { Ranker } from './ranker.ts';
import type { Candidate, LocalClassifier } from './types.ts';

/** The tier in process: what was learned from a catalogue's own texts, asked about words as they come. */
export const builtinTier = (
  { variants }: Pick<CatalogueTexts, 'variants'>,
  rank: Ranker,
  learned: Pick<Learned, 'weigh'>,
): LocalClassifier => ({
  tier: 'builtin',
  classify(text, limit, _signal, given) {
    // Each variant is a way to read the text; an intent is as likely as the reading that speaks for it most.
    const best = new Map<Intent, number>();
    for (const variant of variants(text))
      if (variant.text !== '')
        for (const { intent, confidence } of rank(variant, limit, { given }))
          best.set(intent, Math.max(best.get(intent) ?? 0, confidence));
    return [...best]
      .map(([intent, confidence]): Candidate => ({ intent, confidence }))
      .sort((a, b) => b.confidence - a.confidence)
      .slice(0, limit);
  },
  weigh(text, intent) {
    const [first] = variants(text);
    if (first === undefined || first.text === '') return [];
    const weighed = learned.weigh(first.text, intent.id);
    let at = 0;
    return first.pieces.map(({ word, start, end }) => {
      const [from, to] = [at, at + word.length];
      at = to + 1;
      const weight = weighed
        .filter((part) => part.start < to && from < part.end)
        .reduce((sum, part) => sum + part.weight, 0);
      return { start, end, weight };
    });
  },
});
