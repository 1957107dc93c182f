import type { Intent } from '../contract.ts';
import { type Input, isObject, type Json, type JsonSchema, pointerSegment } from '../json.ts';
import type { ModelCandidate } from '../ports.ts';
import { nearestExamples } from './nearest-examples.ts';
import type { SlotReader } from './slots/read.ts';
import type { ReadingContext } from './slots/utterance.ts';
import type { Slot } from './types.ts';

const deepest = 6;
/** How many examples of each candidate a model is shown. */
export const shownExamples = 2;

/**
 * What a model is shown of an intent: no reference is left in its schema, and nothing of ours (`x-…`).
 * @param text what its examples are to be near to
 */
export const toModelCandidate = (
  intent: Intent,
  resolveRef: (schema: JsonSchema) => JsonSchema,
  text: string,
): ModelCandidate => ({
  id: intent.id,
  title: intent.title,
  description: intent.description,
  examples: nearestExamples(
    intent.examples.map((example) => example.text),
    text,
    shownExamples,
  ),
  input: inlined(intent, resolveRef),
});

/** By whose references they were written out; an intent never changes. */
const schemas = new WeakMap<object, WeakMap<Intent, JsonSchema>>();

const inlined = (intent: Intent, resolveRef: (schema: JsonSchema) => JsonSchema): JsonSchema => {
  const known = schemas.get(resolveRef) ?? new WeakMap<Intent, JsonSchema>();
  schemas.set(resolveRef, known);
  const schema = known.get(intent) ?? (inline(intent.input, resolveRef, 0) as JsonSchema);
  known.set(intent, schema);
  return schema;
};

const inline = (value: unknown, resolveRef: (schema: JsonSchema) => JsonSchema, depth: number): unknown => {
  if (Array.isArray(value)) return value.map((item) => inline(item, resolveRef, depth));
  if (!isObject(value)) return value;
  if (depth > deepest * 2) return {};
  const { $ref: unknownRef, ...schema } = resolveRef(value as JsonSchema);
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([keyword]) => !keyword.startsWith('x-'))
      .map(([keyword, inner]) => [keyword, inline(inner, resolveRef, depth + 1)]),
  );
};

export interface CheckedAnswer {
  readonly input: Input;
  readonly slots: readonly Slot[];
  readonly notes: readonly string[];
}

/**
 * Checks what a model filled in, as any caller's input is checked: unknown members go, and a value is the user's own only
 * where it stands in the words as a whole token. A write never takes a required value that does not.
 * The contract itself is checked later on the road.
 */
export const checkAnswer = (
  intent: Intent,
  given: Input,
  text: string,
  reader: SlotReader,
  context: ReadingContext,
): CheckedAnswer => {
  const input: Record<string, Json> = {};
  const slots: Slot[] = [];
  const notes: string[] = [];
  for (const [name, written] of Object.entries(given)) {
    const pointer = `/${pointerSegment(name)}`;
    if (!Object.hasOwn(intent.input.properties ?? {}, name)) {
      notes.push('model: a member that the contract does not know was dropped');
      continue;
    }
    // Some servers fill what they do not know with null or nothing.
    if (written === null || written === '') continue;
    // Small models write "20" for 20, and "tomorrow" for a date.
    const value = typeof written === 'string' ? (reader.parse(pointer, written, context) ?? written) : written;
    const found = provenanceOf(value, pointer, text, reader, context);
    if (
      intent.effect !== 'read' &&
      reader.required.includes(pointer) &&
      found.some(({ provenance }) => provenance === 'model')
    ) {
      notes.push(`model: ${name} is not in the words and was dropped`);
      continue;
    }
    input[name] = value;
    slots.push(...found);
  }
  return { input, slots, notes };
};

const provenanceOf = (
  value: Json,
  pointer: string,
  text: string,
  reader: SlotReader,
  context: ReadingContext,
): Slot[] => {
  const fromModel: Slot = { pointer, provenance: 'model', span: undefined };
  if (isObject(value))
    return pointer.split('/').length > deepest
      ? [fromModel]
      : Object.entries(value).flatMap(([name, inner]) =>
          provenanceOf(inner as Json, `${pointer}/${pointerSegment(name)}`, text, reader, context),
        );
  const spans = (Array.isArray(value) ? value : [value]).map((item: Json) =>
    reader.locate(text, pointer, item, context),
  );
  if (spans.length === 0) return [fromModel];
  const found = spans.filter((span) => span !== undefined);
  if (found.length < spans.length) return [fromModel];
  const span = { start: Math.min(...found.map(({ start }) => start)), end: Math.max(...found.map(({ end }) => end)) };
  return [{ pointer, provenance: 'user', span }];
};
