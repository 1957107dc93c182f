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

/** What there is beside a text. */
export interface Beside {
  /** Names of the values that came typed. */
  readonly given?: readonly string[] | undefined;
  /** Of the text, by the encoder that what was learned stands on; left out, the built-in table's. */
  readonly vector?: Float32Array | undefined;
}

/** Ranks the intents of a catalogue for a text, by what was learned and by what else speaks for each. */
export type Ranker = (variant: Variant, limit: number, beside: Beside) => Candidate[];

/** Beyond these nothing is said with any confidence, and nothing is looked at closely. */
const closely = 5;

/** In a catalogue larger than this the examples measure what likeness would tell, and comparing takes long to prepare. */
const mostCompared = 200;

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
      { intent, patterns: new Set(patternsOf([intent], resolveRef).keys()), ...needsOf(intent, resolveRef) },
    ]),
  );
  const likeness = intents.length > mostCompared ? undefined : likenessTo(sources);
  return ({ text, pieces }, limit, { given = [], vector }) => {
    const { candidates, scope } = learned.rank(text, limit, vector);
    const labels = candidates.slice(0, closely).map(({ label }) => label);
    const likenesses = likeness?.of(pieces, labels) ?? [];
    const fitting = new Set(pieces.flatMap(({ pattern }) => pattern ?? []));
    const hasValue = given.length > 0 || pieces.some(({ isValue }) => isValue);
    const unread = vector === undefined && isUnread(text);
    let [before, left] = [1, 1];
    return candidates.flatMap(({ label, confidence }, at): Candidate[] => {
      const known = byLabel.get(label);
      if (known === undefined) return [];
      const { intent, patterns, needs, identifiers } = known;
      const evidence: Evidence = {
        confidence,
        scope,
        likeness: likeness && (likenesses[at] ?? 0),
        unread,
        value:
          fitting.intersection(patterns).size > 0 || given.some((name) => identifiers.has(name))
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

/** Whether most letters of a text are of a script that the table was not made from. */
const isUnread = (text: string): boolean => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the short way for ASCII
  if (/^[\x00-\x7f]*$/.test(text)) return false;
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const latin = text.match(/\p{Script=Latin}/gu)?.length ?? 0;
  return latin < letters / 2;
};

/** What an intent cannot do without: a value that has a pattern, any value, or nothing; and which members have a pattern. */
const needsOf = (
  { input }: Intent,
  resolveRef: (schema: JsonSchema) => JsonSchema,
): { readonly needs: 'identifier' | 'value' | 'nothing'; readonly identifiers: ReadonlySet<string> } => {
  const schemaOf = (name: string) => resolveRef(input.properties?.[name] ?? {});
  const required = (input.required ?? []).filter((name) => schemaOf(name).default === undefined);
  const identifiers = new Set(
    Object.keys(input.properties ?? {}).filter((name) => schemaOf(name).pattern !== undefined),
  );
  const needs = required.some((name) => identifiers.has(name))
    ? 'identifier'
    : required.length > 0
      ? 'value'
      : 'nothing';
  return { needs, identifiers };
};
