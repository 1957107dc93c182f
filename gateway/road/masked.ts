import { isObject, type Json } from '../../intents/json.ts';

/** In place of a value that is not shown. */
export const hidden = '***';

/**
 * A value without what its schema classes as not to be kept.
 * @param paths member names; `*` stands for every item of a list
 */
export const withoutMasked = <T>(value: T, paths: readonly (readonly string[])[]): T =>
  paths.reduce((copy: unknown, path) => mask(copy, path), value) as T;

const mask = (value: unknown, [name, ...rest]: readonly string[]): unknown => {
  if (name === undefined) return value === undefined ? value : hidden;
  if (name === '*') return Array.isArray(value) ? value.map((item) => mask(item, rest)) : value;
  if (!isObject(value) || !Object.hasOwn(value, name)) return value;
  return { ...value, [name]: mask(value[name], rest) };
};

/** Words without the masked values that stand in them. */
export const wordsWithoutMasked = (words: string, input: Json, paths: readonly (readonly string[])[]): string => {
  const values = [...new Set(paths.flatMap((path) => valuesAt(input, path)))].sort((a, b) => b.length - a.length);
  return values.reduce((text, value) => text.replaceAll(value, hidden), words);
};

const valuesAt = (value: unknown, [name, ...rest]: readonly string[]): string[] => {
  if (name === undefined)
    return typeof value === 'string' || typeof value === 'number' ? [String(value)].filter((text) => text !== '') : [];
  if (name === '*') return Array.isArray(value) ? value.flatMap((item) => valuesAt(item, rest)) : [];
  return isObject(value) && Object.hasOwn(value, name) ? valuesAt(value[name], rest) : [];
};
