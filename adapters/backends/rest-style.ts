import type { RestStyle } from '../../intents/contract.ts';
import type { Json } from '../../intents/json.ts';
import { Unsendable } from './failure.ts';
import { isObject } from './is-object.ts';

type Scalar = string | number | boolean;
type Encode = (text: string) => string;

/** Joins what a style joins, by the table of examples in OpenAPI 3.1.1, section 4.8.12.4. Each function takes encoded text. */
export interface Written {
  /** Name and text, in order; a style that does not repeat the name gives one. */
  readonly pairs: readonly (readonly [name: string, text: string])[];
  /** Whether the names come from the members of the value and not from the binding. */
  readonly named: boolean;
}

/**
 * Writes a value as the path wants it, with the mark that its style puts in front: `blue,black`, `.blue.black`,
 * `;color=blue;color=black`.
 * @param encode for one value or member name; throws on what cannot stand there
 * @throws Unsendable on nested or empty lists and objects
 */
export const styledSegment = (name: string, value: Json, style: RestStyle, encode: Encode): string => {
  const { style: kind = 'simple', explode = false } = style;
  const { list, members } = flat(`{${name}} in the path`, value, encode);
  if (kind === 'matrix') {
    if (explode && members !== undefined) return members.map(([key, text]) => `;${key}=${text}`).join('');
    const texts = members?.flat() ?? list;
    return explode ? texts.map((text) => `;${name}=${text}`).join('') : `;${name}=${texts.join(',')}`;
  }
  const items = members === undefined ? list : explode ? members.map((pair) => pair.join('=')) : members.flat();
  return kind === 'label' ? `.${items.join(explode ? '.' : ',')}` : items.join(',');
};

/**
 * Writes a value of a query, a form or a cookie.
 * @param encode for values; names are always encoded in full
 * @throws Unsendable on null, on nested values, and on a list or object that the style cannot say
 */
export const styledPairs = (name: string, value: Json, style: RestStyle, encode: Encode): Written => {
  const { style: kind = 'form' } = style;
  const { explode = kind === 'form' || kind === 'deepObject' } = style;
  const { list, members } = flat(`"${name}"`, value, encode);
  const key = encodeAll(name);
  if (kind === 'deepObject') {
    if (members === undefined) throw new Unsendable(`"${name}" must be an object.`);
    const inner = Object.keys(value as object);
    return {
      named: false,
      pairs: members.map(([, text], index) => [`${key}%5B${encodeAll(inner[index] ?? '')}%5D`, text]),
    };
  }
  if (explode) {
    if (members !== undefined)
      return {
        named: true,
        pairs: members.map(([, text], index) => [encodeAll(Object.keys(value as object)[index] ?? ''), text]),
      };
    return { named: false, pairs: list.map((text) => [key, text]) };
  }
  const between = kind === 'spaceDelimited' ? '%20' : kind === 'pipeDelimited' ? '%7C' : ',';
  const texts = members?.flat() ?? list;
  return { named: false, pairs: texts.length === 0 ? [] : [[key, texts.join(between)]] };
};

/** Writes a value of a header, by the style "simple". @throws Unsendable on an item that would read as two */
export const styledHeader = (name: string, value: Json, { explode = false }: RestStyle): string => {
  const encode = (text: string): string => {
    if (typeof value === 'object' && /[,=]/.test(text))
      throw new Unsendable(`An item of the header "${name}" has a comma or an equals sign.`);
    return text;
  };
  const { list, members } = flat(`The header "${name}"`, value, encode);
  return (members === undefined ? list : explode ? members.map((pair) => pair.join('=')) : members.flat()).join(',');
};

/** @throws Unsendable on broken Unicode */
export const encodeAll = (text: string): string => {
  if (!text.isWellFormed()) throw new Unsendable('The request has broken Unicode.');
  return encodeURIComponent(text);
};

/** Leaves reserved characters as they are, but for those that would end the parameter or the query: `& = + # [ ]`. */
export const encodeReserved = (text: string): string =>
  encodeAll(text).replace(/%(?:3A|2F|3F|40|24|2C|3B)/g, decodeURIComponent);

const flat = (what: string, value: Json, encode: Encode) => {
  const text = (item: Json): string => {
    // Null is refused rather than left out: fewer parameters than were meant can mean more rows than were meant.
    if (typeof item === 'object') throw new Unsendable(`${what} must be a scalar, or a list or object of scalars.`);
    return encode(String(item as Scalar));
  };
  if (Array.isArray(value)) return { list: (value as readonly Json[]).map(text), members: undefined };
  if (!isObject(value)) return { list: [text(value)], members: undefined };
  const members = Object.entries(value).map(([key, item]) => [encode(key), text(item as Json)] as const);
  return { list: [], members };
};
