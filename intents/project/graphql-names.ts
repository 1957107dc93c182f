import type { Catalogue } from '../catalogue.ts';
import type { Intent } from '../contract.ts';
import { numberOf, pascal, typeName } from './proto-names.ts';

/**
 * The field of an intent: `orders_get`, `catalogue_lowStock`, or `orders_get__v1` of a major that is not the newest. Parts
 * of a name begin with a letter, so that no two meet.
 */
export const rootName = (intent: Intent, find: Catalogue['find']): string => {
  const plain = intent.name.split('.').map(camel).join('_');
  return find(intent.name) === intent ? plain : `${plain}__v${intent.major}`;
};

const camel = (part: string): string => part.charAt(0) + pascal(part).slice(1);

/** What types of an intent begin with: `OrdersGet`, or `OrdersGetV1` of a major that is not the newest. */
export const intentTypeName = (intent: Intent, find: Catalogue['find']): string =>
  typeName(intent.name) + (find(intent.name) === intent ? '' : `V${intent.major}`);

/** Any text as a name of GraphQL; what is one already stays as it is. Source: GraphQL, September 2025, section 2.1.9. */
export const plainName = (text: string): string => {
  const name = text.replaceAll(/\W/g, '_');
  if (/^__/.test(name)) return name.replace(/^_+/, '_');
  return /^[A-Za-z_]/.test(name) ? name : `_${name}`;
};

/** The names of members, each once: those that are names already keep theirs. */
export const memberNames = (members: readonly string[], taken: Iterable<string> = []): ReadonlyMap<string, string> => {
  const claim = claims(taken);
  const plain = new Set(members.filter((member) => plainName(member) === member));
  const names = new Map<string, string>();
  for (const member of [...plain, ...members.filter((one) => !plain.has(one))])
    names.set(member, claim(plainName(member), member));
  return names;
};

/** Names for the values of an enum, each once. Three names mean something else. */
export const valueNames = (values: readonly string[]): ReadonlyMap<string, string> =>
  memberNames(values, ['true', 'false', 'null']);

/**
 * Gives out names, each once: a second thing of one name has the number of what it is told by behind it.
 * @param taken names that nobody gets
 */
export const claims = (taken: Iterable<string> = []): ((wanted: string, told: string) => string) => {
  const given = new Set(taken);
  return (wanted, told) => {
    let name = wanted;
    // Two underscores in front are for GraphQL itself.
    const stem = wanted === '_' ? wanted : `${wanted}_`;
    for (let tries = 0; given.has(name); tries++) name = stem + numberOf(`${told}${'+'.repeat(tries)}`);
    given.add(name);
    return name;
  };
};
