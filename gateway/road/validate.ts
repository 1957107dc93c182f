import { schemaAt } from '../../intents/check-schema.ts';
import type { Provenance } from '../../intents/contract.ts';
import { type Input, type Json, type JsonSchema, pointerPath, toPointer } from '../../intents/json.ts';
import type { FieldError } from '../../intents/problems.ts';
import { OstiaryError } from '../../intents/problems.ts';
import type { Gate } from '../gate.ts';
import type { Outcome, Question, Resolved } from './context.ts';

/** The input against the contract. In a conversation a missing or doubtful field becomes a question; a typed call gets an error with its place. */
export const validate = (context: Resolved, gate: Gate): Resolved | { outcome: Outcome } => {
  const { compiled, request } = context;
  const { input, defaulted, missing, wrong } = compiled.check(context.input);
  if (missing.length + wrong.length === 0) {
    if (defaulted.length === 0) return context;
    const provenance: Record<string, Provenance> = { ...context.provenance };
    for (const pointer of defaulted) provenance[pointer] = 'default';
    return { ...context, input, provenance };
  }
  const asked = [...missing, ...wrong];
  // What the caller typed is theirs to mend; what was read from words, or is missing, is asked for.
  const { what } = request;
  if (what.kind !== 'ask' || wrong.some(({ pointer }) => Object.hasOwn(what.given, pointerPath(pointer)[0] ?? ''))) {
    const fields = asked
      .map(({ pointer, detail }) => `${pointer || 'the input'} ${detail.replace(/\.$/, '')}`)
      .slice(0, 5)
      .join('; ');
    const told = `${compiled.intent.name} cannot take this: ${fields}`;
    throw new OstiaryError('input.invalid', /[.?]$/.test(told) ? told : `${told}.`, { errors: asked });
  }
  const fields = asked.map((error) => question(error, context, gate));
  const known = Object.fromEntries(
    Object.entries(context.input).filter(
      ([name]) =>
        context.provenance[toPointer([name])] !== 'model' &&
        !asked.some(({ pointer }) => pointerPath(pointer)[0] === name),
    ),
  ) as Input;
  const names = fields.map(({ title, detail }) => (detail === 'is required' ? title : `${title} (${detail})`));
  return {
    outcome: {
      kind: 'clarify',
      question: `${compiled.intent.title}: which ${listed(names)}?`,
      intent: compiled.intent,
      fields,
      candidates: [],
      known,
    },
  };
};

const question = ({ pointer, detail }: FieldError, { compiled }: Resolved, gate: Gate): Question => {
  const schema: JsonSchema =
    schemaAt(compiled.intent.input, pointerPath(pointer), gate.catalogue.library.resolveRef) ?? {};
  return {
    pointer,
    title: compiled.titles[pointer] ?? pointerPath(pointer).at(-1) ?? 'value',
    detail,
    schema: schema as unknown as Json,
  };
};

const listed = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
