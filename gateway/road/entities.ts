import type { Entity, EntityLookup } from '../../intents/catalogue.ts';
import { type Json, pointerSegment, valueAt } from '../../intents/json.ts';
import { entityOf } from '../../intents/resolve/conversation/reading.ts';
import type { Option } from '../../intents/resolve/conversation/state.ts';
import { entityWords } from '../../intents/resolve/entity-words.ts';
import { fold } from '../../intents/resolve/text.ts';
import type { Gate } from '../gate.ts';
import type { Ended, Ending, Request, Resolved } from './context.ts';
import { askForFields } from './field-question.ts';

/** More hits are not shown: the words say too little then. */
const mostOptions = 5;
const longestTitle = 120;

/**
 * Finds the identifier of what the words only describe ("the blue jacket"), through the read intent that the ontology
 * declares for its entity. That is a request of its own, for the same caller and purpose and within the same deadline:
 * authorized, recorded, shaped. One hit fills the member, several or none become a question. Where the caller may not
 * make that request, or it fails, the identifier itself is asked for.
 */
export const entities = (
  context: Resolved,
  gate: Gate,
  travel: (request: Request, gate: Gate) => Promise<Ended>,
): Resolved | Promise<Resolved | Ending> => {
  const { request, compiled, principal } = context;
  // Depth one: what is looked up is typed, and never looks up anything itself. To explain is to call nothing.
  if (request.what.kind !== 'ask' || request.explain) return context;
  const wanted = missingEntity(context, gate);
  if (wanted === undefined) return context;
  const { otherwise } = context.described ?? {};
  const { name, entity, lookup } = wanted;
  const finder = gate.catalogue.find(lookup.intent);
  if (finder === undefined || gate.bundle.visibility(principal, finder) !== 'callable')
    return otherwise === undefined ? context : Promise.resolve(otherwise);
  const pointer = `/${pointerSegment(name)}`;
  const described =
    context.described?.pointer === pointer ? context.described.words : (context.spoken?.text ?? request.what.text);
  const words = entityWords(
    described,
    compiled.intent,
    pointer,
    context.described === undefined ? (context.spoken?.spans ?? []) : [],
    [entity.name, ...entity.synonyms],
    gate.catalogue.library.resolveRef,
  );
  return words === undefined
    ? otherwise === undefined
      ? context
      : Promise.resolve(otherwise)
    : lookedUp(context, gate, travel, { name, entity, lookup, words });
};

interface Wanted {
  readonly name: string;
  readonly entity: Entity;
  readonly lookup: EntityLookup;
}

/** The one required member that is missing and can be looked up; with two, the words could mean either. */
const missingEntity = ({ compiled, input }: Resolved, gate: Gate): Wanted | undefined => {
  const { properties = {}, required = [] } = compiled.intent.input;
  const found = required.flatMap((name): Wanted[] => {
    const kind = Object.hasOwn(input, name) ? undefined : entityOf(properties[name] ?? {});
    const entity = kind === undefined ? undefined : gate.catalogue.entities.find((one) => one.name === kind);
    return entity?.resolve === undefined ? [] : [{ name, entity, lookup: entity.resolve }];
  });
  return found.length === 1 ? found[0] : undefined;
};

const lookedUp = async (
  context: Resolved,
  gate: Gate,
  travel: (request: Request, gate: Gate) => Promise<Ended>,
  { name, entity, lookup, words }: Wanted & { readonly words: string },
): Promise<Resolved | Ending> => {
  const { request, purpose } = context;
  const found = await travel(
    {
      ...request,
      id: gate.nextId(),
      parent: request.id,
      lookup: true,
      what: { kind: 'typed', name: lookup.intent, major: undefined, input: { [lookup.text]: words } },
      purpose: purpose?.source === 'session' ? purpose.name : request.purpose,
    },
    gate,
  );
  const { otherwise } = context.described ?? {};
  // Refused, it is as if nothing were declared; failed, there is still the identifier to ask for.
  if (found.outcome.kind === 'denied' && otherwise !== undefined) return otherwise;
  if (found.outcome.kind !== 'completed') return context;
  const hits = hitsIn(found.outcome.output, lookup, gate.catalogue.library.validator(entity.id));
  const named = hits.filter(({ title }) => fold(title) === fold(words));
  const hit = named.length === 1 ? named[0] : hits[0];
  const pointer = `/${pointerSegment(name)}`;
  if (hit !== undefined && (hits.length === 1 || named.length === 1)) {
    const input = { ...context.input, [name]: hit.value as Json };
    return { ...context, input, provenance: { ...context.provenance, [pointer]: 'backend' } };
  }
  // Words that only might have meant such a thing meant none.
  if (hits.length === 0 && otherwise !== undefined) return otherwise;
  const asked = askForFields([{ pointer, detail: 'is required' }], context, gate);
  const options = hits.slice(0, mostOptions);
  const listed = options.map(({ title, value }, index) => `${index + 1}. ${title} (${value})`).join(' ');
  const more = hits.length > options.length ? ', and more than these' : '';
  const question =
    hits.length === 0
      ? `Nothing is found as "${words}". ${asked.question}`
      : `${asked.fields[0]?.title ?? name}: several fit "${words}"${more}. ${listed}`;
  return { outcome: { ...asked, question, ...(options.length === 0 ? {} : { options }) }, context };
};

/** Identifiers that keep to their schema, each once, with what people call them. */
const hitsIn = (output: unknown, { items, id, title }: EntityLookup, isId: (value: unknown) => unknown): Option[] => {
  const list = valueAt(output, items);
  const hits = new Map<string, Option>();
  for (const item of Array.isArray(list) ? list : []) {
    const value = valueAt(item, id);
    const called = title === undefined ? undefined : valueAt(item, title);
    if (typeof value !== 'string' || isId(value) !== true) continue;
    hits.set(value, { value, title: typeof called === 'string' ? called.slice(0, longestTitle) : value });
  }
  return [...hits.values()];
};
