import { createHash } from 'node:crypto';
import type { Intent } from '../../contract.ts';
import type { JsonSchema } from '../../json.ts';
import { leavesOf } from '../slots/leaves.ts';
import type { AnnotatedText } from './types.ts';

/** All that an intent teaches its tagger, to be handed to another thread. */
export interface Lesson {
  /** Id of the intent. */
  readonly intent: string;
  /** Slots are called as the annotations call them. */
  readonly examples: readonly AnnotatedText[];
  /** Members of its enums, by slot. */
  readonly values: Readonly<Record<string, readonly string[]>>;
}

/** Fewer annotated examples than this say nothing about words they do not hold. */
const fewestAnnotated = 3;
/** Beyond this, more examples add little and loading would wait for them. */
const mostExamples = 2_000;

/**
 * @param resolveRef looks through `$ref` of the shared schemas
 * @returns undefined where too few examples are annotated
 */
export const lessonOf = (intent: Intent, resolveRef: (schema: JsonSchema) => JsonSchema): Lesson | undefined => {
  const annotated = intent.examples.filter(({ annotations }) => annotations.length > 0);
  if (annotated.length < fewestAnnotated) return undefined;
  // An example without a bracket may be full of values that nobody marked: it must not teach that they are none.
  const examples = annotated.slice(0, mostExamples).map(({ text, annotations }) => ({
    text,
    spans: annotations.map(({ start, end, slot }) => ({ start, end, slot })),
  }));
  const slots = new Set(annotated.flatMap(({ annotations }) => annotations.map(({ slot }) => slot)));
  const values: Record<string, readonly string[]> = {};
  for (const [name, written] of Object.entries(intent.input.properties ?? {})) {
    const members = (resolveRef(written).enum ?? []).filter((member) => typeof member === 'string');
    if (slots.has(name) && members.length > 0) values[name] = members;
  }
  return { intent: intent.id, examples, values };
};

/** Whether an intent has a slot that no finder can bound by its form: free text whose examples are not all quoted. */
export const needsTagger = (intent: Intent, resolveRef: (schema: JsonSchema) => JsonSchema): boolean =>
  leavesOf(intent, resolveRef).some(
    ({ kind, list, neighbours }) => kind === 'text' && !list && neighbours.some(({ quoted }) => !quoted),
  );

/** Changes with how taggers are learned, so that none of another version is taken for its own. */
const version = 1;

/** What a learned tagger is found by: changes with the annotated examples and the values, and with nothing else. */
export const hashOfLesson = ({ examples, values }: Lesson): string =>
  createHash('sha256')
    .update(JSON.stringify([version, examples, values]))
    .digest('hex');
