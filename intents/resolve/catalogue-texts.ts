import type { Intent } from '../contract.ts';
import type { JsonSchema } from '../json.ts';
import { freeTextOf } from './free-text.ts';
import type { LabelledText } from './learn/types.ts';
import type { Source } from './likeness.ts';
import { type Mask, maskFor, type Piece, writtenOut } from './mask.ts';
import { newestMajors } from './newest.ts';
import { nameWords } from './text.ts';

/** What a catalogue teaches, and how a text is made ready to be understood by what was learned from it. */
export interface CatalogueTexts {
  /** Labels are intent ids; the newest major of each name only. */
  readonly texts: readonly LabelledText[];
  /** The same, in pieces. */
  readonly sources: readonly Source[];
  readonly mask: Mask;
  /** The text as the learner reads it; then again with each phrase blanked that stands where examples have free text. */
  readonly variants: (text: string) => readonly { readonly text: string; readonly pieces: readonly Piece[] }[];
}

/** A title says nearly as much as an example, a name less, and a description rambles. */
const weights = { example: 1, title: 0.8, name: 0.6, description: 0.5 } as const;

/** @param resolveRef looks through `$ref` of the shared schemas */
export const catalogueTexts = (
  intents: readonly Intent[],
  resolveRef: (schema: JsonSchema) => JsonSchema,
): CatalogueTexts => {
  const known = newestMajors(intents);
  const mask = maskFor(known, resolveRef);
  const freeText = freeTextOf(known, resolveRef);
  const sources = known
    .flatMap(({ id: label, name, title, description, examples }): Source[] => [
      ...examples.map((example) => ({ label, pieces: mask(freeText.blanked(example)), trust: weights.example })),
      { label, pieces: mask(title), trust: weights.title },
      { label, pieces: mask(nameWords(name).join(' ')), trust: weights.name },
      { label, pieces: mask(description), trust: weights.description },
    ])
    .filter(({ pieces }) => pieces.length > 0);
  return {
    texts: sources.map(({ label, pieces, trust }) => ({ text: writtenOut(pieces), label, weight: trust })),
    sources,
    mask,
    variants: (text) =>
      freeText.variants(text).map((variant) => {
        const pieces = mask(variant);
        return { text: writtenOut(pieces), pieces };
      }),
  };
};
