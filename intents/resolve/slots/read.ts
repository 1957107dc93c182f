import type { Intent } from '../../contract.ts';
import type { Input, Json, JsonSchema } from '../../json.ts';
import type { Tagger } from '../tagger/types.ts';
import { type Span, standsAlone, words } from '../text.ts';
import type { Slot } from '../types.ts';
import { bind, isBeside, type Pair } from './bind.ts';
import { findFormat, formats } from './format.ts';
import { type Leaf, leavesOf } from './leaves.ts';
import { asLists } from './list.ts';
import { findNumbers } from './number.ts';
import { findNamed, findPhrases } from './phrase.ts';
import { tagged } from './tagged.ts';
import { type Found, overlaps, type ReadingContext, type Utterance, utterance } from './utterance.ts';

export interface SlotReading {
  readonly input: Input;
  readonly slots: readonly Slot[];
  /** Values that stand in the words and were bound to nothing: a number, an identifier, a currency. A write must not pass over them. */
  readonly unread: readonly Span[];
}

/** Reads the slots of one intent from words. It never invents: each value is what its span says. */
export interface SlotReader {
  read(text: string, context: ReadingContext): SlotReading;
  /** Finds where a value that somebody else proposes stands in the words, as a whole token. */
  locate(text: string, pointer: string, value: Json, context: ReadingContext): Span | undefined;
  /** Reads what an example writes for a slot ("20") as the slot's own type (20). */
  parse(pointer: string, written: string, context: ReadingContext): Json | undefined;
  /** Pointers of what must be there and has no default. */
  readonly required: readonly string[];
}

/**
 * Prepares the finders, neighbours and names of one intent's slots.
 * @param resolveRef looks through `$ref` of the shared schemas
 * @param learned a tagger of the intent's own examples, asked only where free text is left that no finder could bound. It is
 * handed in, since to learn one takes tens of milliseconds or more: `taggerOf` in a worker, `readTagger` here.
 */
export const compileSlotReader = (
  intent: Intent,
  resolveRef: (schema: JsonSchema) => JsonSchema,
  learned: () => Tagger | undefined = () => undefined,
): SlotReader => {
  const leaves = leavesOf(intent, resolveRef);
  const byPointer = new Map(leaves.map((leaf) => [leaf.pointer, leaf]));
  const annotated = leaves.filter(({ kind, neighbours }) => kind === 'text' && neighbours.length > 0);
  const withTagged = (bound: readonly Pair[], candidates: ReadonlyMap<Leaf, readonly Found[]>, said: Utterance) => {
    if (annotated.every((leaf) => bound.some((pair) => pair.leaf === leaf))) return bound;
    const tagger = learned();
    if (tagger === undefined) return bound;
    const formed = [...candidates].flatMap(([{ kind }, found]) => (kind === 'text' ? [] : found));
    return [
      ...bound,
      ...tagged(tagger, leaves, bound, said.text, [
        ...formed,
        ...said.money,
        ...said.days.filter(({ whole }) => !whole),
      ]),
    ];
  };
  return {
    required: requiredOf(intent.input, resolveRef),
    read(text, context) {
      const said = utterance(text, context);
      const candidates = findAll(leaves, said);
      const sure = bind(leaves, candidates, said);
      const pairs = withTagged(sure, candidates, said);
      const slots = pairs
        .toSorted((a, b) => leaves.indexOf(a.leaf) - leaves.indexOf(b.leaf))
        .map(
          ({ leaf, found: { start, end } }): Slot => ({
            pointer: leaf.pointer,
            provenance: 'user',
            span: { start, end },
          }),
        );
      return { input: inputOf(pairs), slots, unread: unreadOf(said, candidates, slots) };
    },
    locate(text, pointer, value, context) {
      const said = utterance(text, context);
      const leaf = byPointer.get(pointer);
      const found = leaf?.find(said).find((other) => other.value === value);
      return found === undefined ? locateWords(said, value) : { start: found.start, end: found.end };
    },
    parse(pointer, written, context) {
      const leaf = byPointer.get(pointer);
      const found = leaf
        ?.find(utterance(written, context))
        .find(({ start, end }) => end - start >= written.trim().length - 1);
      if (found !== undefined) return leaf?.list ? [found.value] : found.value;
      return leaf?.kind === 'text' ? (leaf.list ? [written] : written) : undefined;
    },
  };
};

/** Every value that each leaf could take. Numbers inside dates, addresses and identifiers are no numbers. */
const findAll = (leaves: readonly Leaf[], said: Utterance): Map<Leaf, readonly Found[]> => {
  const found = new Map<Leaf, readonly Found[]>();
  const structured: Span[] = [
    ...said.days.filter(({ fine }) => !fine || leaves.some(({ kind }) => kind === 'date')),
    ...[...formats].flatMap((format) => findFormat(format)(said)),
  ];
  for (const leaf of leaves) if (leaf.kind !== 'text' && leaf.kind !== 'number') found.set(leaf, leaf.find(said));
  for (const [leaf, values] of found)
    if (leaf.kind === 'identifier' || leaf.kind === 'date') structured.push(...values);
  for (const leaf of leaves)
    if (leaf.kind === 'number')
      found.set(
        leaf,
        leaf.find(said).filter((value) => !structured.some((span) => overlaps(value, span))),
      );
  const taken = [...structured, ...said.money, ...amounts(said)];
  for (const leaf of leaves)
    if (leaf.kind === 'text')
      found.set(leaf, [
        ...leaf.find(said),
        ...findNamed(leaf.names, said),
        ...findPhrases(leaf.neighbours, said, taken),
      ]);
  for (const [leaf, values] of found) if (leaf.list) found.set(leaf, asLists(values, said));
  return found;
};

/** Numbers with a currency beside them. */
const amounts = (said: Utterance): Span[] =>
  said.money.length === 0
    ? []
    : findNumbers(said).filter((number) => said.money.some((span) => isBeside(number, span, said)));

const inputOf = (pairs: readonly Pair[]): Input => {
  const input: Record<string, Json> = {};
  for (const { leaf, found } of pairs) {
    const [name = '', inner] = leaf.path;
    const own = Object.hasOwn(input, name) ? (input[name] as Input) : {};
    // Defined, not assigned, so that a slot called __proto__ is a member like any other.
    const value = inner === undefined ? found.value : { ...own, [inner]: found.value };
    Object.defineProperty(input, name, { value, enumerable: true, writable: true, configurable: true });
  }
  return input;
};

const unreadOf = (said: Utterance, candidates: ReadonlyMap<Leaf, readonly Found[]>, slots: readonly Slot[]): Span[] => {
  const telling = [...candidates].flatMap(([{ kind }, found]) => (kind === 'text' ? [] : found));
  const numeric = said.chunks.filter(({ text }) => /\p{Nd}/u.test(text));
  const open = [...telling, ...said.money, ...numeric].filter(
    (value) => !slots.some(({ span }) => span !== undefined && overlaps(value, span)),
  );
  return open
    .filter((value, index) => !open.slice(0, index).some((other) => overlaps(value, other)))
    .map(({ start, end }) => ({ start, end }));
};

const locateWords = (said: Utterance, value: Json): Span | undefined => {
  const wanted = words(String(value)).map(({ fold }) => fold);
  if (wanted.length === 0 || typeof value === 'object') return undefined;
  for (let at = 0; at + wanted.length <= said.words.length; at++) {
    if (!wanted.every((word, index) => said.words[at + index]?.fold === word)) continue;
    const span = { start: said.words[at]?.start ?? 0, end: said.words[at + wanted.length - 1]?.end ?? 0 };
    if (standsAlone(said.plain, span)) return span;
  }
  return undefined;
};

const requiredOf = (schema: JsonSchema, resolveRef: (schema: JsonSchema) => JsonSchema): string[] =>
  (schema.required ?? [])
    .filter((name) => resolveRef(schema.properties?.[name] ?? {}).default === undefined)
    .map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
