import { isDeepStrictEqual } from 'node:util';
import { schemaAt } from '../../intents/check-schema.ts';
import type { Intent, Provenance } from '../../intents/contract.ts';
import { type Json, pointerPath, valueAt } from '../../intents/json.ts';
import { exactKey } from '../../intents/resolve/known-example.ts';
import { compileSlotReader, type SlotReader } from '../../intents/resolve/slots/read.ts';
import { changes } from '../compile.ts';
import type { Gate } from '../gate.ts';
import type { Resolved } from './context.ts';
import { localityOf } from './locality.ts';

/**
 * Where the values of a proposal came from, as far as the gateway can see for itself: a resolver's word for it is not
 * taken where the request changes something. A value is the caller's own only where it stands in their words, or was
 * typed beside them; a default only where the contract says so. Everything else is a model's.
 */
export const trueLabels = (context: Resolved, gate: Gate): Readonly<Record<string, Provenance>> => {
  const { compiled, provenance, turn, request, pending } = context;
  const { what } = request;
  // A conversation labels what it brings along itself.
  const proposed = turn === undefined || turn === 'fresh' || turn === 'reference';
  if (what.kind !== 'ask' || pending !== undefined || !proposed || !changes(compiled.intent.effect)) return provenance;
  const labels = Object.entries(provenance).map(([pointer, label]): [string, Provenance] => [
    pointer,
    holds(pointer, label, context, gate) ? label : 'model',
  ]);
  return Object.fromEntries(labels);
};

const holds = (pointer: string, label: Provenance, context: Resolved, gate: Gate): boolean => {
  const { request, compiled, input, conversation, principal } = context;
  const { what } = request;
  if (what.kind !== 'ask') return true;
  const path = pointerPath(pointer);
  const value = valueAt(input, path) as Json | undefined;
  switch (label) {
    case 'input':
      return value !== undefined && isDeepStrictEqual(valueAt(what.given, path), value);
    case 'user':
      return value === undefined || isSaid(value, pointer, what.text, context, gate);
    case 'default':
      return isDefault(value, path, what.text, compiled.intent, gate);
    case 'session':
      return conversation !== undefined;
    case 'principal':
      return value === principal.id || Object.values(principal.claims).some((claim) => isDeepStrictEqual(claim, value));
    default:
      return true;
  }
};

const isSaid = (value: Json, pointer: string, text: string, context: Resolved, gate: Gate): boolean => {
  if (Array.isArray(value))
    return value.length > 0 && value.every((item) => isSaid(item, pointer, text, context, gate));
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value);
    return (
      members.length > 0 && members.every(([name, inner]) => isSaid(inner, `${pointer}/${name}`, text, context, gate))
    );
  }
  const { request, principal, compiled } = context;
  if (request.what.kind !== 'ask') return false;
  const { now = request.now, locality = {} } = request.what;
  const here = { now, ...localityOf(locality, principal.claims) };
  return readerOf(compiled.intent, gate).locate(text, pointer, value, here) !== undefined;
};

/** By the schema, or because the author of the contract wrote just these words and said what they stand for. */
const isDefault = (
  value: Json | undefined,
  path: readonly string[],
  text: string,
  { input, examples }: Intent,
  { catalogue }: Gate,
): boolean => {
  const schema = schemaAt(input, path, catalogue.library.resolveRef);
  if (schema !== undefined && Object.hasOwn(schema, 'default') && isDeepStrictEqual(schema.default, value)) return true;
  const key = exactKey(text);
  return examples.some((one) => exactKey(one.text) === key && isDeepStrictEqual(valueAt(one.input, path), value));
};

const readers = new WeakMap<Intent, SlotReader>();
const readerOf = (intent: Intent, { catalogue }: Gate): SlotReader => {
  const reader = readers.get(intent) ?? compileSlotReader(intent, catalogue.library.resolveRef);
  readers.set(intent, reader);
  return reader;
};
