import type { Json, JsonSchema } from '../../json.ts';
import { nameWords } from '../text.ts';
import { booleanFinder } from './boolean.ts';
import { findTimes } from './clock.ts';
import { findDates } from './date.ts';
import { findDurations } from './duration.ts';
import { enumFinder } from './enum.ts';
import { findFormat, formats } from './format.ts';
import { areCurrencies, currencyNames, findCurrencies } from './money.ts';
import { findNumbers } from './number.ts';
import { patternFinder } from './pattern.ts';
import { findQuoted } from './quoted.ts';
import { type Finder, overlaps, type Utterance } from './utterance.ts';

/**
 * What a slot takes. `identifier`: a second value in the same words makes the request ambiguous. `text`: where a value
 * ends is not known by its form, so it counts only beside the words that announce the slot.
 */
export type Kind = 'identifier' | 'number' | 'choice' | 'currency' | 'switch' | 'date' | 'text';

export interface Reading {
  readonly kind: Kind;
  readonly find: Finder;
}

/**
 * Chooses the finder of one scalar schema.
 * @param schema references looked through
 * @param known folded words of the intent's own examples, never read as a misspelt enum member
 * @returns undefined where no value of it can be read from words (objects, null)
 */
export const readingOf = (name: string, schema: JsonSchema, known: ReadonlySet<string>): Reading | undefined => {
  const synonyms = synonymsOf(schema);
  const { format = '', pattern } = schema;
  const members = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  if (members !== undefined) return choice(members, synonyms, known);
  switch (typeOf(schema)) {
    case 'boolean':
      return { kind: 'switch', find: booleanFinder(nameWords(name), synonyms) };
    case 'number':
      return { kind: 'number', find: findNumbers };
    case 'integer':
      return { kind: 'number', find: (said) => findNumbers(said).filter(({ value }) => Number.isInteger(value)) };
    case 'string':
      break;
    default:
      return undefined;
  }
  if (format === 'date' || format === 'date-time') return { kind: 'date', find: findDates(format) };
  if (format === 'time' || format === 'iso-time') return { kind: 'date', find: findTimes(format) };
  if (format === 'duration') return { kind: 'identifier', find: findDurations };
  if (formats.has(format)) return { kind: 'identifier', find: findFormat(format) };
  const fitting = pattern === undefined ? undefined : patternFinder(pattern);
  if (nameWords(name).includes('currency')) return { kind: 'currency', find: findCurrencies(currencyNames(undefined)) };
  if (fitting === undefined) return { kind: 'text', find: findQuoted };
  if (fitting.numeric && !fitting.loose)
    return { kind: 'number', find: (said) => fitting.find(said).map((found) => ({ ...found, grade: 2 })) };
  return { kind: fitting.loose ? 'text' : 'identifier', find: fitting.find };
};

const choice = (
  members: readonly Json[],
  synonyms: Readonly<Record<string, readonly string[]>>,
  known: ReadonlySet<string>,
): Reading | undefined => {
  if (members.every((member) => typeof member === 'number'))
    return {
      kind: 'number',
      find: (said) => findNumbers(said).filter(({ value }) => members.some((member) => member === value)),
    };
  const strings = members.filter((member) => typeof member === 'string');
  if (strings.length === 0) return undefined;
  const byWords = enumFinder(strings, synonyms, known);
  if (!areCurrencies(strings)) return { kind: 'choice', find: byWords };
  const bySign = findCurrencies(currencyNames(strings));
  // "Canadian dollars" are none of the US, though "dollars" alone would be.
  const unsigned = (said: Utterance) =>
    byWords(said).filter((found) => !said.money.some((sum) => overlaps(sum, found)));
  return { kind: 'currency', find: (said) => [...bySign(said), ...unsigned(said)] };
};

/** The one type that counts; null beside it only says that it may be left out. */
export const typeOf = ({ type, properties, items }: JsonSchema): string | undefined => {
  const named = [type ?? []].flat().filter((kind) => kind !== 'null');
  if (named.length > 0) return named[0];
  return properties !== undefined ? 'object' : items !== undefined ? 'array' : undefined;
};

/** The `x-synonyms` of a schema: member -> other words for it. */
export const synonymsOf = (schema: JsonSchema): Readonly<Record<string, readonly string[]>> => {
  const written = schema['x-synonyms'];
  if (typeof written !== 'object' || written === null) return {};
  return Object.fromEntries(
    Object.entries(written).map(([value, list]) => [value, [list].flat().filter((word) => typeof word === 'string')]),
  );
};
