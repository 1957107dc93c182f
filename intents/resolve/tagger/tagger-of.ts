import type { Intent } from '../../contract.ts';
import type { JsonSchema } from '../../json.ts';
import { lessonOf } from './lesson.ts';
import { trainTagger } from './tagger.ts';
import type { Tagger, TaggerOptions } from './types.ts';

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
  const lesson = lessonOf(intent, resolveRef);
  return lesson && trainTagger(lesson.examples, { ...options, values: { ...lesson.values, ...options.values } });
};
