/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** A JSON Schema 2020-12 object. Boolean schemas appear only below the top level. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly enum?: readonly Json[];
  readonly const?: Json;
  readonly default?: Json;
  readonly format?: string;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
}

/** The typed input of an intent: always a JSON object. */
export type Input = JsonObject;

/** True for a plain object, false for null, arrays and scalars. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Escapes one member name for a JSON pointer (RFC 6901, section 3). */
export const pointerSegment = (name: string | number): string => {
  const text = String(name);
  return text.includes('~') || text.includes('/') ? text.replaceAll('~', '~0').replaceAll('/', '~1') : text;
};

/** Joins member names into a JSON pointer; no names give '', the whole document. */
export const toPointer = (path: readonly (string | number)[]): string =>
  path.map((name) => `/${pointerSegment(name)}`).join('');

/** Splits a JSON pointer into member names (RFC 6901, section 4). */
export const pointerPath = (pointer: string): string[] => {
  if (pointer === '') return [];
  const names = pointer.slice(1).split('/');
  return pointer.includes('~') ? names.map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~')) : names;
};

/**
 * Reads the value a path names, own members only, so that `__proto__` and `constructor` are never reached.
 * @returns undefined where any step is missing
 */
export const valueAt = (value: unknown, path: readonly string[]): unknown => {
  let here = value;
  for (const name of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, name)) return undefined;
    here = (here as Record<string, unknown>)[name];
  }
  return here;
};
