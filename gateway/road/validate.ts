import type { Intent, Provenance } from '../../intents/contract.ts';
import { pointerPath } from '../../intents/json.ts';
import { unknownMembers } from '../../intents/output-paths.ts';
import { OstiaryError } from '../../intents/problems.ts';
import { wantedMembers } from '../../intents/wanted-members.ts';
import type { Gate } from '../gate.ts';
import type { Outcome, Resolved } from './context.ts';
import { askForFields } from './field-question.ts';

/** The input against the contract. In a conversation a missing or doubtful field becomes a question; a typed call gets an error with its place. */
export const validate = (resolved: Resolved, gate: Gate): Resolved | { outcome: Outcome } => {
  const context = asWanted(resolved, gate);
  const { compiled, request } = context;
  if (request.fields !== undefined)
    holdFields(
      { ...compiled.intent, ...(context.forwarded?.back && { output: context.forwarded.back.output }) },
      request.fields,
      gate,
    );
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

/** What words ask for by name, as if the caller had said so beside them. */
const asWanted = (context: Resolved, { catalogue }: Gate): Resolved => {
  const { request, compiled, spoken } = context;
  if (!request.least || request.fields !== undefined || spoken === undefined) return context;
  const spans = [...spoken.spans].sort((a, b) => b.start - a.start);
  const text = spans.reduce((left, { start, end }) => `${left.slice(0, start)} ${left.slice(end)}`, spoken.text);
  const fields = wantedMembers(text, compiled.intent, catalogue.library.resolveRef);
  return fields === undefined ? context : { ...context, request: { ...request, fields } };
};
