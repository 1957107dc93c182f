import type { Intent } from '../contract.ts';
import type { JsonSchema } from '../json.ts';
import { freeTextOf } from './free-text.ts';
import type { LabelledText } from './learn/types.ts';
import { type Mask, maskFor, type Piece, writtenOut } from './mask.ts';
import { newestMajors } from './newest.ts';
import { nameWords } from './text.ts';

/** What a catalogue teaches, and how a text is made ready to be understood by what was learned from it. */
export interface CatalogueTexts {
  /** Labels are intent ids; the newest major of each name only. */
  readonly texts: readonly LabelledText[];
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
  const masked = (text: string) => writtenOut(mask(text));
  const texts = known.flatMap(({ id, name, title, description, examples }): LabelledText[] => [
    ...examples.map((example) => ({ text: masked(freeText.blanked(example)), label: id, weight: weights.example })),
    { text: masked(title), label: id, weight: weights.title },
    { text: nameWords(name).join(' '), label: id, weight: weights.name },
    { text: masked(description), label: id, weight: weights.description },
  ]);
  return {
    texts: texts.filter(({ text }) => text !== ''),
    mask,
    variants: (text) =>
      freeText.variants(text).map((variant) => {
        const pieces = mask(variant);
        return { text: writtenOut(pieces), pieces };
      }),
  };
};
