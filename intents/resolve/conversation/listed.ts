import type { Entity } from '../../catalogue.ts';
import type { Intent } from '../../contract.ts';
import { isObject, type JsonSchema } from '../../json.ts';
import { nameWords, plain, type Span } from '../text.ts';
import { entityOf } from './reading.ts';
import { ordinalPlaces, placeNamed } from './short-answers.ts';
import type { Listed } from './state.ts';

/** So many entries keep their identifiers: what is further down is asked for by name. */
const mostEntries = 20;
const longestValue = 100;

/**
 * The first list in what a caller was shown whose entries the ontology has a name for, those of the intent's own entity
 * first.
 */
export const listedIn = (intent: Intent, output: unknown): Listed | undefined => {
  const schema = intent.output ?? {};
  const lists: [JsonSchema, unknown][] = Array.isArray(output)
    ? [[schema, output]]
    : Object.entries(schema.properties ?? {}).map(([name, inner]) => [
        inner,
        isObject(output) && Object.hasOwn(output, name) ? output[name] : undefined,
      ]);
  const found = lists.flatMap(([{ items }, entries]): Listed[] => {
    if (!Array.isArray(entries) || entries.length === 0 || !isObject(items)) return [];
    const named = Object.entries((items as JsonSchema).properties ?? {}).flatMap(([name, member]) => {
      const entity = entityOf(member);
      return entity === undefined ? [] : [{ name, entity }];
    });
    const own = named.find(({ entity }) => entity === intent.entity) ?? named[0];
    if (own === undefined) return [];
    const values = entries.slice(0, mostEntries).map((entry: unknown) => {
      const value = isObject(entry) && Object.hasOwn(entry, own.name) ? entry[own.name] : undefined;
      return typeof value === 'string' && value.length <= longestValue ? value : '';
    });
    return [{ entity: own.entity, values, count: entries.length }];
  });
  return found.find(({ entity }) => entity === intent.entity) ?? found[0];
};

/**
 * Where a text speaks of an entry of the list by its place: "the second one", "the last order", or nothing but "2".
 * @returns the place counted from 0, `count` or more where there is no such entry, and the words that name it
 */
export const placePointedAt = (
  text: string,
  { entity, count }: Listed,
  entities: readonly Entity[],
): { readonly place: number; readonly span: Span } | undefined => {
  const whole = placeNamed(text, count);
  if (whole !== undefined) return { place: whole, span: { start: 0, end: text.length } };
  const { synonyms = [] } = entities.find(({ name }) => name === entity) ?? {};
  const called = ['one', 'entry', 'result', ...[entity, ...synonyms].map((word) => nameWords(word).join(' '))];
  const places = ordinalPlaces(plain(text), called, count);
  // "The first one and the second one" are two requests, or one that nobody can know.
  return places.length === 1 ? places[0] : undefined;
};
