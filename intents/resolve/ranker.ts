import type { Intent } from '../contract.ts';
import type { JsonSchema } from '../json.ts';
import type { CatalogueTexts } from './catalogue-texts.ts';
import { blended, type Evidence } from './evidence.ts';
import type { Learned } from './learn/types.ts';
import { likenessTo } from './likeness.ts';
import { type Piece, patternsOf } from './mask.ts';
import type { Candidate } from './types.ts';

/** A text in one of the ways it can be read. */
export interface Variant {
  readonly text: string;
  readonly pieces: readonly Piece[];
}

/** Ranks the intents of a catalogue for a text, by what was learned and by what else speaks for each. */
export type Ranker = (variant: Variant, limit: number, vector?: Float32Array) => Candidate[];

/** Beyond these nothing is said with any confidence, and nothing is looked at closely. */
const closely = 5;

/** @param learned from the catalogue's own texts */
export const rankerOf = (
  intents: readonly Intent[],
  { sources }: Pick<CatalogueTexts, 'sources'>,
  learned: Learned,
  resolveRef: (schema: JsonSchema) => JsonSchema,
): Ranker => {
  const byLabel = new Map(
    intents.map((intent) => [
      intent.id,
      { intent, patterns: new Set(patternsOf([intent], resolveRef).keys()), needs: needsOf(intent, resolveRef) },
    ]),
  );
  const likeness = likenessTo(sources);
  return ({ text, pieces }, limit, vector) => {
    const { candidates, scope } = learned.rank(text, limit, vector);
    const labels = candidates.slice(0, closely).map(({ label }) => label);
    const likenesses = likeness.of(pieces, labels);
    const given = new Set(pieces.flatMap(({ pattern }) => pattern ?? []));
    const hasValue = pieces.some(({ isValue }) => isValue);
    let [before, left] = [1, 1];
    return candidates.flatMap(({ label, confidence }, at): Candidate[] => {
      const known = byLabel.get(label);
      if (known === undefined) return [];
      const { intent, patterns, needs } = known;
      const evidence: Evidence = {
        confidence,
        scope,
        likeness: likenesses[at] ?? 0,
        value:
          given.intersection(patterns).size > 0
            ? 'fits'
            : needs === 'identifier' || (needs === 'value' && !hasValue)
              ? 'missing'
              : 'none',
      };
      // Evidence says how far the order can be trusted, never turns it round; and only one of them can be meant.
      const likely = Math.min(before, left, blended(evidence));
      [before, left] = [likely, left - likely];
      return [{ intent, confidence: likely }];
    });
  };
};

/** What an intent cannot do without: a value that has a pattern, any value, or nothing. */
const needsOf = (
  { input }: Intent,
  resolveRef: (schema: JsonSchema) => JsonSchema,
): 'identifier' | 'value' | 'nothing' => {
  const required = (input.required ?? [])
    .map((name) => resolveRef(input.properties?.[name] ?? {}))
    .filter((schema) => schema.default === undefined);
  if (required.some(({ pattern }) => pattern !== undefined)) return 'identifier';
  return required.length > 0 ? 'value' : 'nothing';
};
