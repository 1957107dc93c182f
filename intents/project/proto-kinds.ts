import { isObject, type Json, type JsonSchema, valueAt } from '../json.ts';

type Resolve = (schema: JsonSchema) => JsonSchema;

/** Keywords that say what kind of value it is: beside a reference, they make it another type. */
const shaping = new Set(
  'type enum const properties patternProperties additionalProperties items prefixItems oneOf anyOf allOf format contentEncoding'.split(
    ' ',
  ),
);

/** Whether a schema is a reference and nothing that would make another type of it. */
export const isPlainRef = (schema: JsonSchema): schema is JsonSchema & { readonly $ref: string } =>
  schema.$ref !== undefined && !Object.keys(schema).some((keyword) => shaping.has(keyword));

/** What `#/$defs/Name` refers to in a document; nothing is an empty schema, which takes anything. */
export const inside = (root: JsonSchema, ref: string): JsonSchema => {
  const path = ref
    .slice(1)
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  const found = valueAt(root, path);
  return isObject(found) ? found : {};
};

/**
 * A schema with its reference looked through and its `allOf` in one.
 * @returns undefined where the parts are not all objects
 */
export const flatten = (schema: JsonSchema, resolve: Resolve, depth = 0): JsonSchema | undefined => {
  const here = resolve(schema);
  const { allOf, ...own } = here;
  if (!Array.isArray(allOf)) return here;
  if (depth > 20) return undefined;
  let merged: JsonSchema = own;
  for (const part of allOf) {
    const flat = isObject(part) ? flatten(part, resolve, depth + 1) : {};
    if (flat === undefined || flat.oneOf !== undefined || flat.anyOf !== undefined) return undefined;
    if (flat.type !== undefined && flat.type !== 'object') return allOf.length === 1 ? { ...flat, ...own } : undefined;
    const { properties, required, ...rest } = flat;
    merged = {
      ...rest,
      ...merged,
      ...((properties ?? merged.properties) && { properties: { ...merged.properties, ...properties } }),
      required: [...(merged.required ?? []), ...(required ?? [])],
    };
  }
  return merged;
};

/** Whether an object takes members that nothing lists. */
export const isOpen = ({ properties, additionalProperties: rest, patternProperties }: JsonSchema): boolean =>
  patternProperties !== undefined || (rest === undefined ? properties === undefined : rest !== false);

/** Whether an object lists no members and has one schema for all of them. */
export const isMap = ({ properties, additionalProperties: rest, patternProperties }: JsonSchema): boolean =>
  properties === undefined && patternProperties === undefined && isObject(rest);

/** The kinds of value a schema takes, but for null; a whole number is a number where both are taken. None: any. */
export const kindsOf = ({ type, properties, items, enum: values, const: one }: JsonSchema): string[] => {
  const listed = values ?? (one === undefined ? undefined : [one]);
  if (type === undefined && listed !== undefined) return withoutWhole([...new Set(listed.map(kindOf))]);
  if (type === undefined) return properties !== undefined ? ['object'] : items !== undefined ? ['array'] : [];
  return withoutWhole([type].flat().map(String));
};

const withoutWhole = (kinds: string[]): string[] => {
  const some = kinds.filter((kind) => kind !== 'null');
  return some.includes('number') ? some.filter((kind) => kind !== 'integer') : some;
};

const kindOf = (value: Json): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
};

/** The strings of an enum; undefined where it has other values, or is none. A lone `const` is a string like others. */
export const wordsOf = ({ enum: values }: JsonSchema): string[] | undefined => {
  const some = values?.filter((value) => value !== null);
  return some !== undefined && some.length > 0 && some.every((value) => typeof value === 'string')
    ? [...new Set(some)]
    : undefined;
};

/** The alternatives of a schema, but for null; undefined where it has none, or they only add to its own members. */
export const alternatives = (
  { oneOf, anyOf, properties, items, enum: values }: JsonSchema,
  resolve: Resolve,
): JsonSchema[] | undefined => {
  const all = oneOf ?? anyOf;
  if (!Array.isArray(all) || properties !== undefined || items !== undefined || values !== undefined) return undefined;
  return all.filter((one) => isObject(one) && kindsOf(resolve(one)).join() + String(resolve(one).type) !== 'null');
};

export const isNullable = (schema: JsonSchema, resolve: Resolve): boolean => {
  const { type, enum: values, oneOf, anyOf } = resolve(schema);
  const branches = [oneOf, anyOf].flatMap((all) => (Array.isArray(all) ? all : []));
  return (
    [type].flat().includes('null') ||
    (values?.includes(null) ?? false) ||
    branches.some((one) => isObject(one) && [resolve(one).type].flat().includes('null'))
  );
};
