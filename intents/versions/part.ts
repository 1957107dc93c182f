import { isObject, type Json, type JsonSchema, pointerPath, valueAt } from '../json.ts';
import type { SchemaLibrary } from '../schema-library.ts';

/** One of the schemas that a value has to fit, without the `$ref` and `allOf` that led to it. */
export interface Part {
  readonly schema: JsonSchema;
  /** What `#/…` in it refers into. */
  readonly root: JsonSchema;
  readonly library: SchemaLibrary;
}

const maxHops = 30;
/** Nothing fits it. */
const never: JsonSchema = { enum: [] };

const rests = new WeakMap<JsonSchema, JsonSchema>();

/**
 * All the schemas that a value has to fit at once: `$ref` and `allOf` followed, as the validator does (a keyword beside
 * `$ref` counts beside it). A reference that leads nowhere, or in a circle, stays as a part with `$ref`.
 * @param schema a schema, or a boolean that stands for one
 */
export const partsOf = (schema: unknown, at: Omit<Part, 'schema'>, hops = 0): readonly Part[] => {
  if (schema === false) return [{ ...at, schema: never }];
  if (!isObject(schema)) return [];
  const { $ref: ref, allOf } = schema as JsonSchema;
  if (ref === undefined && allOf === undefined) return [{ ...at, schema }];
  const parts: Part[] = [];
  const known = rests.get(schema);
  let rest = known;
  if (rest === undefined) {
    const { $ref: _ref, allOf: _allOf, ...beside } = schema;
    rest = beside;
    rests.set(schema, rest);
  }
  parts.push({ ...at, schema: rest });
  if (typeof ref === 'string') {
    const found = hops > maxHops ? undefined : targetOf(ref, at);
    parts.push(...(found === undefined ? [{ ...at, schema: { $ref: ref } }] : partsOf(found.schema, found, hops + 1)));
  }
  if (Array.isArray(allOf)) for (const one of allOf) parts.push(...partsOf(one, at, hops + 1));
  return parts;
};

const targetOf = (ref: string, { root, library }: Omit<Part, 'schema'>): Part | undefined => {
  if (ref === '#') return { schema: root, root, library };
  if (ref.startsWith('#/')) {
    const schema = valueAt(root, pointerPath(decodeURIComponent(ref.slice(1))));
    return isObject(schema) ? { schema, root, library } : undefined;
  }
  const schema = library.refs.get(ref);
  return schema === undefined ? undefined : { schema, root: schema, library };
};

export type Kind = 'null' | 'boolean' | 'object' | 'array' | 'string' | 'integer' | 'fraction';
const kinds: readonly Kind[] = ['null', 'boolean', 'object', 'array', 'string', 'integer', 'fraction'];

const kindsOfType = (type: unknown): readonly Kind[] =>
  type === 'number' ? ['integer', 'fraction'] : kinds.filter((kind) => kind === type);

/** The kinds of values that `type` lets in. */
export const kindsIn = ({ type }: JsonSchema): ReadonlySet<Kind> =>
  new Set(type === undefined ? kinds : [type].flat().flatMap(kindsOfType));

/** The kinds of values that all parts let in by their types. */
export const kindsOf = (parts: readonly Part[]): ReadonlySet<Kind> =>
  new Set(kinds.filter((kind) => parts.every(({ schema }) => kindsIn(schema).has(kind))));

const kindOf = (value: Json): Kind =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'array'
      : typeof value === 'number'
        ? Number.isInteger(value)
          ? 'integer'
          : 'fraction'
        : (typeof value as Kind);

/** Every value that could fit the parts, where they name them one by one; undefined where there is no such list. */
export const valuesOf = (parts: readonly Part[]): readonly Json[] | undefined => {
  const can = kindsOf(parts);
  let values: readonly Json[] | undefined;
  if ([...can].every((kind) => kind === 'null' || kind === 'boolean'))
    values = [...(can.has('null') ? [null] : []), ...(can.has('boolean') ? [true, false] : [])];
  for (const { schema } of parts)
    for (const named of [schema.enum, schema.const === undefined ? undefined : [schema.const]]) {
      if (!Array.isArray(named)) continue;
      const texts = new Set(named.map((value) => sorted(value)));
      values = values === undefined ? named : values.filter((value) => texts.has(sorted(value)));
    }
  return values?.filter((value) => can.has(kindOf(value)));
};

/** JSON text with members in order, so that equal values have equal texts. */
export const sorted = (value: unknown): string =>
  JSON.stringify(value, (_name, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  ) ?? '';

/** The text of something in a schema with its references written out, so that what they lead to counts as well. */
export const written = (value: unknown, at: Omit<Part, 'schema'>, within: readonly string[] = []): string => {
  const whole = (inner: unknown, from: Omit<Part, 'schema'>, seen: readonly string[]): unknown => {
    if (Array.isArray(inner)) return inner.map((item) => whole(item, from, seen));
    if (!isObject(inner)) return inner;
    const { $ref: ref } = inner;
    const members = Object.fromEntries(Object.entries(inner).map(([name, one]) => [name, whole(one, from, seen)]));
    if (typeof ref !== 'string' || seen.includes(ref)) return members;
    const found = targetOf(ref, from);
    return found === undefined ? members : { ...members, $ref: whole(found.schema, found, [...seen, ref]) };
  };
  return sorted(whole(value, at, within));
};
