import type { Intent } from '../../contract.ts';
import type { JsonSchema } from '../../json.ts';
import { trainTagger } from './tagger.ts';
import type { Tagger, TaggerOptions } from './types.ts';

/** Fewer annotated examples than this say nothing about words they do not hold. */
export const fewestAnnotated = 3;
/** Beyond this, more examples add little and loading would wait for them. */
const mostExamples = 2_000;

/**
 * Trains a tagger on an intent's own annotated examples, with the members of its enums as known values.
 * Slots are called as the annotations call them. It is meant for free text: what has a form, finders bound better.
 * @param options `types`, `vectorOf` and `seed`; further `values` go before those of the schema
 * @param resolveRef looks through `$ref` of the shared schemas
 * @returns undefined where too few examples are annotated
 */
export const taggerOf = (
  intent: Intent,
  options: TaggerOptions = {},
  resolveRef: (schema: JsonSchema) => JsonSchema = (schema) => schema,
): Tagger | undefined => {
  const annotated = intent.examples.filter(({ annotations }) => annotations.length > 0);
  if (annotated.length < fewestAnnotated) return undefined;
  // An example without a bracket may be full of values that nobody marked: it must not teach that they are none.
  const examples = annotated.slice(0, mostExamples).map(({ text, annotations }) => ({ text, spans: annotations }));
  const slots = new Set(annotated.flatMap(({ annotations }) => annotations.map(({ slot }) => slot)));
  const values: Record<string, readonly string[]> = {};
  for (const [name, written] of Object.entries(intent.input.properties ?? {})) {
    const members = (resolveRef(written).enum ?? []).filter((member) => typeof member === 'string');
    if (slots.has(name) && members.length > 0) values[name] = members;
  }
  return trainTagger(examples, { ...options, values: { ...values, ...options.values } });
};
