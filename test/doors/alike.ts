import { isObject } from '../../intents/json.ts';
import type { Answer } from '../gateway/start-shop.ts';

/** What tells one entry from another that is alike: when it was, how long, through which door, and what ids were drawn. */
export const entryAlike = (entries: readonly Answer[]): unknown => {
  const ids = new Map<string, string>();
  const ordinal = (id: string) => {
    const known = ids.get(id) ?? `#${ids.size + 1}`;
    ids.set(id, known);
    return known;
  };
  const walk = (value: unknown, name: string): unknown => {
    if (Array.isArray(value))
      return name === 'road' ? value.map(([step]) => step) : value.map((item) => walk(item, ''));
    if (isObject(value))
      return Object.fromEntries(
        Object.entries(value)
          .filter(([member]) => !['at', 'door', 'us'].includes(member))
          .map(([member, inner]) => [member, walk(inner, member)]),
      );
    return typeof value === 'string' && ['request', 'confirmation', 'answers', 'id', 'parent', 'because'].includes(name)
      ? ordinal(value)
      : value;
  };
  return entries.map((entry) => walk(entry, ''));
};

/**
 * The places where an answer differs from that of another door, beyond what its format has no words for: null, and a list
 * or an object without members, are not there; what a policy masks is not there where the type is not of text.
 */
export const differences = (said: unknown, other: unknown, lacks: boolean, at = ''): string[] => {
  const empty = (value: unknown) =>
    value === null ||
    value === undefined ||
    value === '***' ||
    (typeof value === 'object' && Object.keys(value).length === 0);
  if (lacks && empty(said) && empty(other)) return [];
  if (Array.isArray(said) && Array.isArray(other))
    return said.length === other.length
      ? said.flatMap((item, index) => differences(item, other[index], lacks, `${at}/${index}`))
      : [`${at}: ${said.length} items, and ${other.length}`];
  if (isObject(said) && isObject(other))
    return [...new Set([...Object.keys(said), ...Object.keys(other)])].flatMap((name) =>
      differences(
        Object.hasOwn(said, name) ? said[name] : undefined,
        Object.hasOwn(other, name) ? other[name] : undefined,
        lacks,
        `${at}/${name}`,
      ),
    );
  return Object.is(said, other) ? [] : [`${at}: ${JSON.stringify(said)}, and ${JSON.stringify(other)}`];
};
