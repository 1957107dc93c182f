import type { Example, Intent } from '../contract.ts';
import { type Input, isObject, type Json, type JsonSchema, toPointer } from '../json.ts';
import type { SlotReader } from './slots/read.ts';
import type { ReadingContext } from './slots/utterance.ts';
import { fold } from './text.ts';
import type { Slot } from './types.ts';

export interface KnownExample {
  readonly intent: Intent;
  readonly example: Example;
}

/** Every example by its words; the same words may stand under more than one intent. */
export const examplesByWords = (intents: readonly Intent[]): ReadonlyMap<string, readonly KnownExample[]> => {
  const known = new Map<string, KnownExample[]>();
  for (const intent of intents)
    for (const example of intent.examples) {
      const key = exactKey(example.text);
      const same = known.get(key) ?? [];
      if (key !== '' && !same.some((other) => other.intent === intent)) known.set(key, [...same, { intent, example }]);
    }
  return known;
};

/** Equal for texts that differ in case, spaces and the punctuation at the end only. */
export const exactKey = (text: string): string =>
  fold(text)
    .replace(/\s+/g, ' ')
    .replace(/[\s.!?…]+$/u, '')
    .trim();

/**
 * Reads the slots of a text that is an example, word for word: what its words say, and over it what the contract says the
 * example stands for. The author's own values that are not in the words count as defaults of the contract.
 */
export const readExample = (
  { example, intent }: KnownExample,
  text: string,
  reader: SlotReader,
  context: ReadingContext,
): { input: Input; slots: readonly Slot[] } => {
  const read = reader.read(text, context);
  const input: Record<string, Json> = { ...read.input };
  const slots = new Map(read.slots.map((slot) => [slot.pointer, slot]));
  for (const [name, stated] of Object.entries(example.input)) {
    const path = name.split('/');
    const pointer = toPointer(path);
    const annotation = example.annotations.find(({ slot, value }) => slot === name && value === stated);
    const value = annotation === undefined ? stated : (reader.parse(pointer, annotation.value, context) ?? stated);
    if (path.length > 1 || !isProperty(intent.input, name)) continue;
    const span = isObject(value) ? undefined : reader.locate(text, pointer, value, context);
    input[name] = value;
    slots.set(pointer, { pointer, provenance: span === undefined ? 'default' : 'user', span });
  }
  return { input, slots: [...slots.values()] };
};

const isProperty = ({ properties = {} }: JsonSchema, name: string): boolean => Object.hasOwn(properties, name);
