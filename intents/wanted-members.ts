import type { Intent } from './contract.ts';
import { isObject, type JsonSchema, toPointer } from './json.ts';
import { leastOf } from './narrow.ts';
import type { SchemaLibrary } from './schema-library.ts';

/**
 * The members of an output that words ask for by name, with those that tell a thing from others: "what is the status of
 * A-1006" wants the status of it, and which it is. A name is told by its words, one after the other, in either number;
 * a title counts as well.
 * @param text without the values that were read from it
 * @returns pointers; undefined where the words name none, and so ask for all of it
 */
export const wantedMembers = (
  text: string,
  intent: Intent,
  resolveRef: SchemaLibrary['resolveRef'],
): readonly string[] | undefined => {
  const said = wordsOf(text);
  const { properties = {} } = resolveRef(intent.output ?? {});
  const named = Object.entries(properties)
    .filter(([name, member]) => namesOf(name, member, resolveRef).some((words) => holds(said, words)))
    .map(([name]) => toPointer([name]));
  if (named.length === 0) return undefined;
  return [...new Set([...(leastOf(intent, resolveRef) ?? []), ...named])].sort();
};

const namesOf = (name: string, member: unknown, resolveRef: SchemaLibrary['resolveRef']): string[][] => {
  const { title } = isObject(member) ? resolveRef(member as JsonSchema) : {};
  return [name, ...(title === undefined ? [] : [title])].map(wordsOf).filter((words) => words.length > 0);
};

/** In lower case, and without the s of a plural. */
const wordsOf = (text: string): string[] =>
  [...text.toLowerCase().matchAll(/\p{L}[\p{L}\p{N}]*/gu)].map(([word]) =>
    word.length > 3 ? word.replace(/s$/, '') : word,
  );

const holds = (said: readonly string[], words: readonly string[]): boolean =>
  said.some((_word, at) => words.every((word, index) => said[at + index] === word));
