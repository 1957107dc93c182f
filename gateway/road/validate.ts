import type { Intent, Provenance } from '../../intents/contract.ts';
import { pointerPath } from '../../intents/json.ts';
import { unknownMembers } from '../../intents/output-paths.ts';
import { OstiaryError } from '../../intents/problems.ts';
import type { Gate } from '../gate.ts';
import type { Outcome, Resolved } from './context.ts';
import { askForFields } from './field-question.ts';

/** The input against the contract. In a conversation a missing or doubtful field becomes a question; a typed call gets an error with its place. */
export const validate = (context: Resolved, gate: Gate): Resolved | { outcome: Outcome } => {
  const { compiled, request } = context;
  if (request.fields !== undefined) holdFields(compiled.intent, request.fields, gate);
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
  return { outcome: askForFields(asked, context, gate) };
};

/** A misspelt member is told, in place of an answer that silently lacks it. */
const holdFields = (intent: Intent, fields: readonly string[], { catalogue }: Gate): void => {
  const errors = unknownMembers(intent, fields, catalogue.library.resolveRef);
  if (errors.length === 0) return;
  const details = errors.slice(0, 5).map(({ detail }) => detail);
  throw new OstiaryError('request.fields', `${intent.name} has no such member to give. ${details.join(' ')}`, {
    errors: errors.slice(0, 20),
  });
};
