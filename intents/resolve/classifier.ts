import type { Intent } from '../contract.ts';
import type { JsonSchema } from '../json.ts';
import { confidenceOf } from './confidence.ts';
import { freeTextOf } from './free-text.ts';
import { newestMajors } from './newest.ts';
import { termsWith } from './terms.ts';
import { nameWords } from './text.ts';
import type { Candidate, LocalClassifier } from './types.ts';
import { indexOf, type Source } from './vectors.ts';

/**
 * Builds the plain classifier: TF-IDF of words and letters over the examples, titles, names and descriptions, with every
 * value made a placeholder. Same catalogue and text, same answer.
 * @param intents the newest major of each name is taken
 */
export const buildClassifier = (
  intents: readonly Intent[],
  { resolveRef }: { readonly resolveRef: (schema: JsonSchema) => JsonSchema },
): LocalClassifier => {
  const known = newestMajors(intents);
  const toTerms = termsWith(known, resolveRef);
  const freeText = freeTextOf(known, resolveRef);
  const sources = known.flatMap(({ examples, name, title, description }, intent): Source[] => [
    ...examples.map((example) => ({ intent, terms: toTerms(freeText.blanked(example)), trust: 1 })),
    { intent, terms: toTerms(title), trust: 0.95 },
    { intent, terms: nameWords(name).map((word) => ({ word, isValue: false })), trust: 0.9 },
    { intent, terms: toTerms(description), trust: 0.85 },
  ]);
  const index = indexOf(
    sources.filter(({ terms }) => terms.length > 0),
    known.length,
  );

  return {
    tier: 'builtin',
    classify(text, limit) {
      const similarities = new Float64Array(known.length);
      for (const variant of freeText.variants(text))
        index.similarities(toTerms(variant)).forEach((value, intent) => {
          similarities[intent] = Math.max(similarities[intent] as number, value);
        });
      const ranked = known
        .map((intent, number) => ({ intent, similarity: similarities[number] as number }))
        .filter(({ similarity }) => similarity > 0)
        .sort((a, b) => b.similarity - a.similarity);
      return ranked.slice(0, limit).map(({ intent, similarity }, rank): Candidate => {
        const rival = ranked[rank === 0 ? 1 : 0]?.similarity ?? 0;
        return { intent, confidence: confidenceOf(similarity, similarity - rival) };
      });
    },
  };
};
