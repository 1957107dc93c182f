import type { Example, Intent } from '../contract.ts';
import type { JsonSchema } from '../json.ts';
import { leavesOf } from './slots/leaves.ts';
import { findPhrases, type Neighbours } from './slots/phrase.ts';
import { cut } from './slots/utterance.ts';
import type { Span } from './text.ts';

/** Stands for any free text; quoted, so that it is taken for a value. */
const blank = '"…"';
const mostVariants = 3;

export interface FreeText {
  /** An example with its free-text values blanked. */
  blanked(example: Example): string;
  /** The text itself, then with a phrase blanked wherever some intent's examples surround free text just so. */
  variants(text: string): readonly string[];
}

/**
 * What somebody searches for or notes down says nothing of the intent: "search for red shoes" is as near to
 * "search for blue mugs" as can be. This lets the classifier see both as "search for …".
 */
export const freeTextOf = (intents: readonly Intent[], resolveRef: (schema: JsonSchema) => JsonSchema): FreeText => {
  const slots = new Set<string>();
  const neighbours = new Map<string, Neighbours>();
  const examples = new Map<Example, readonly Span[]>();
  for (const intent of intents) {
    for (const leaf of leavesOf(intent, resolveRef)) {
      if (leaf.kind !== 'text') continue;
      slots.add(`${intent.id} ${leaf.path.join('/')}`);
      for (const around of leaf.neighbours) neighbours.set(JSON.stringify(around), around);
    }
    for (const example of intent.examples)
      examples.set(
        example,
        example.annotations.filter(({ slot }) => slots.has(`${intent.id} ${slot}`)),
      );
  }
  const around = [...neighbours.values()];
  return {
    blanked: (example) => blankAll(example.text, examples.get(example) ?? []),
    variants(text) {
      if (around.length === 0) return [text];
      const said = cut(text, { now: new Date(0) });
      const values = said.chunks.filter((chunk) => /\d/.test(chunk.text));
      const phrases = findPhrases(around, said, values).map((phrase) => blankAll(text, [phrase]));
      return [...new Set([text, ...phrases])].slice(0, 1 + mostVariants);
    },
  };
};

const blankAll = (text: string, spans: readonly Span[]): string =>
  spans
    .toSorted((a, b) => b.start - a.start)
    .reduce((rest, { start, end }) => `${rest.slice(0, start)}${blank}${rest.slice(end)}`, text);
