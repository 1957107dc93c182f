import type { Entity } from '../../catalogue.ts';
import type { Intent } from '../../contract.ts';
import { type Input, isObject, type Json, type JsonSchema, pointerPath, valueAt } from '../../json.ts';
import { compileSlotReader } from '../slots/read.ts';
import type { ReadingContext } from '../slots/utterance.ts';
import { nameWords, type Span, stopwords, words } from '../text.ts';
import type { Resolution, Slot } from '../types.ts';
import type { Conversation } from './state.ts';

/** What a turn of a conversation is understood with. */
export interface Hearing {
  readonly text: string;
  /** Typed values beside the words. */
  readonly given: Input;
  readonly state: Conversation;
  /** When and where it is said. */
  readonly context: ReadingContext;
  readonly entities: readonly Entity[];
  readonly resolveRef: (schema: JsonSchema) => JsonSchema;
  /** The intent of that id and version, where it is still offered and this caller may know of it. */
  readonly find: (id: string, version: string) => Intent | undefined;
  /** What words mean by themselves. */
  readonly resolve: (text: string) => Promise<Resolution>;
}

/** Values read for some members of an intent, and what else stands in the words. */
export interface Reading {
  readonly values: readonly { readonly pointer: string; readonly value: Json; readonly span: Span | undefined }[];
  /** Values that stand in the words and went nowhere. */
  readonly unread: readonly Span[];
}

/**
 * Reads a text for some members only: no other can be filled, whatever the words.
 * @param pointers of the members, at any depth that slots are read at
 */
export const readMembers = (
  intent: Intent,
  pointers: readonly string[],
  { text, context, resolveRef }: Pick<Hearing, 'text' | 'context' | 'resolveRef'>,
): Reading => {
  const reader = compileSlotReader(narrowed(intent, pointers), resolveRef);
  const { input, slots, unread } = reader.read(text, context);
  const wanted = slots.filter(({ pointer }) => pointers.some((asked) => isWithin(pointer, asked)));
  return { values: wanted.flatMap((slot) => valueRead(slot, input)), unread };
};

/** Reads a text for every member. */
export const readAll = (
  intent: Intent,
  { text, context, resolveRef }: Pick<Hearing, 'text' | 'context' | 'resolveRef'>,
): Reading => {
  const { input, slots, unread } = compileSlotReader(intent, resolveRef).read(text, context);
  return { values: slots.flatMap((slot) => valueRead(slot, input)), unread };
};

const valueRead = ({ pointer, span }: Slot, input: Input): Reading['values'] => {
  const value = valueAt(input, pointerPath(pointer)) as Json | undefined;
  return value === undefined ? [] : [{ pointer, value, span }];
};

/** The intent with no member but those that hold the pointers, so that nothing else competes for a value. */
export const narrowed = (intent: Intent, pointers: readonly string[]): Intent => {
  const names = new Set(pointers.map((pointer) => pointerPath(pointer)[0] ?? ''));
  const properties = Object.fromEntries(
    Object.entries(intent.input.properties ?? {}).filter(([name]) => names.has(name)),
  );
  const required = (intent.input.required ?? []).filter((name) => names.has(name));
  return { ...intent, input: { ...intent.input, properties, required } };
};

/** Whether a pointer is another or leads into what it points at. */
export const isWithin = (pointer: string, outer: string): boolean =>
  pointer === outer || pointer.startsWith(`${outer}/`);

/** An input with one value in another place's stead; objects on the way are made where they are missing. */
export const withValue = (input: Input, [name = '', ...rest]: readonly string[], value: Json): Input => {
  const own = Object.hasOwn(input, name) ? input[name] : undefined;
  const inner = rest.length === 0 ? value : withValue(isObject(own) ? (own as Input) : {}, rest, value);
  // Defined, not assigned, so that a member called __proto__ is a member like any other.
  return Object.defineProperty({ ...input }, name, {
    value: inner,
    enumerable: true,
    writable: true,
    configurable: true,
  });
};

/** Words that say something, other than values and the names of the members and their entities. */
export const otherWords = (
  intent: Intent,
  pointers: readonly string[],
  spans: readonly (Span | undefined)[],
  { text, entities, resolveRef }: Pick<Hearing, 'text' | 'entities' | 'resolveRef'>,
): string[] => {
  const names = new Set(pointers.flatMap((pointer) => namesOf(intent, pointer, entities, resolveRef)));
  return words(text)
    .filter(({ start, end }) => !spans.some((span) => span !== undefined && start < span.end && span.start < end))
    .map(({ fold }) => fold)
    .filter((word) => !stopwords.has(word) && !names.has(word) && !fillers.has(word));
};

/** Folded words by which a person may call a member: its name, its title, its entity. */
const namesOf = (
  { input }: Intent,
  pointer: string,
  entities: readonly Entity[],
  resolveRef: (schema: JsonSchema) => JsonSchema,
): string[] => {
  const [name = ''] = pointerPath(pointer);
  const written = input.properties?.[name] ?? {};
  const entity = entities.find((one) => one.name === entityOf(written));
  return [name, resolveRef(written).title ?? '', entity?.name ?? '', ...(entity?.synonyms ?? [])].flatMap(nameWords);
};

/** The entity whose identifier a member takes, by its reference. */
export const entityOf = ({ $ref }: JsonSchema): string | undefined => /^ontology:([A-Z]\w*)\.id$/.exec($ref ?? '')?.[1];

const fillers = new Set(
  "it's that's number no nr id code value think guess mean meant believe was were sorry oh ah um hm yes yeah ok okay sure called named es ist das nummer".split(
    ' ',
  ),
);
