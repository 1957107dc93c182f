import { schemaAt } from '../../intents/check-schema.ts';
import type { Provenance } from '../../intents/contract.ts';
import { type Input, type Json, type JsonSchema, pointerPath, toPointer } from '../../intents/json.ts';
import type { FieldError } from '../../intents/problems.ts';
import type { CompiledIntent } from '../compile.ts';
import type { Gate } from '../gate.ts';
import type { Outcome, Question } from './context.ts';

/** What a caller is asked, so that a client can draw the right control. */
export const fieldQuestion = ({ pointer, detail }: FieldError, compiled: CompiledIntent, gate: Gate): Question => {
  const schema: JsonSchema =
    schemaAt(compiled.intent.input, pointerPath(pointer), gate.catalogue.library.resolveRef) ?? {};
  return {
    pointer,
    title: compiled.titles[pointer] ?? pointerPath(pointer).at(-1) ?? 'value',
    detail,
    schema: schema as unknown as Json,
  };
};

/** What can be sent back with the answer: never a value that a model made up, nor one that is asked for. */
export const knownOf = (
  input: Input,
  provenance: Readonly<Record<string, Provenance>>,
  asked: readonly string[],
): Input =>
  Object.fromEntries(
    Object.entries(input).filter(
      ([name]) =>
        provenance[toPointer([name])] !== 'model' && !asked.some((pointer) => pointerPath(pointer)[0] === name),
    ),
  ) as Input;

/** Asks for fields of an intent, with what is known beside them. */
export const askForFields = (
  asked: readonly FieldError[],
  {
    compiled,
    input,
    provenance,
  }: {
    readonly compiled: CompiledIntent;
    readonly input: Input;
    readonly provenance: Readonly<Record<string, Provenance>>;
  },
  gate: Gate,
): Extract<Outcome, { kind: 'clarify' }> => {
  const fields = asked.map((error) => fieldQuestion(error, compiled, gate));
  const names = fields.map(({ title, detail }) => (detail === 'is required' ? title : `${title} (${detail})`));
  return {
    kind: 'clarify',
    question: `${compiled.intent.title}: which ${listed(names)}?`,
    intent: compiled.intent,
    fields,
    candidates: [],
    known: knownOf(
      input,
      provenance,
      asked.map(({ pointer }) => pointer),
    ),
  };
};

const listed = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
