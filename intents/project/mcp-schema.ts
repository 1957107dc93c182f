import { isObject, type JsonSchema } from '../json.ts';
import type { SchemaLibrary } from '../schema-library.ts';

/**
 * A schema that stands alone: shared schemas that are reached become its own `$defs`, and what is ours (`x-…`) is left
 * out, since a client may refuse keywords that it does not know.
 */
export const bundled = (schema: JsonSchema, library: SchemaLibrary): Record<string, unknown> => {
  const defs = new Map<string, unknown>();
  const whole = rewrite(schema, library, defs) as Record<string, unknown>;
  if (defs.size === 0) return whole;
  const shared = Object.fromEntries([...defs].sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...whole, $defs: { ...((whole.$defs as object | undefined) ?? {}), ...shared } };
};

const rewrite = (value: unknown, library: SchemaLibrary, defs: Map<string, unknown>): unknown => {
  if (Array.isArray(value)) return value.map((item) => rewrite(item, library, defs));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([keyword, inner]) => {
      if (keyword === 'properties' && isObject(inner)) return [[keyword, byName(inner, library, defs)]];
      if (keyword === 'const' || keyword === 'enum' || keyword === 'default' || keyword === 'examples')
        return [[keyword, inner]];
      if (keyword.startsWith('x-')) return [];
      const target = keyword === '$ref' && typeof inner === 'string' ? library.refs.get(inner) : undefined;
      if (target === undefined) return [[keyword, rewrite(inner, library, defs)]];
      const name = (inner as string).replaceAll(/[^\w.-]/g, '.');
      if (!defs.has(name)) {
        // Named before it is filled: a recursive schema refers to itself.
        defs.set(name, {});
        defs.set(name, rewrite(target, library, defs));
      }
      return [['$ref', `#/$defs/${name}`]];
    }),
  );
};

/** The names of members are the contract's own, whatever they begin with. */
const byName = (
  members: Readonly<Record<string, unknown>>,
  library: SchemaLibrary,
  defs: Map<string, unknown>,
): Record<string, unknown> =>
  Object.fromEntries(Object.entries(members).map(([name, inner]) => [name, rewrite(inner, library, defs)]));

/** Deeper than this an outline would only be long. */
const maxDepth = 6;

/**
 * The names in a schema and what they mean, and nothing that a value could break below the first level.
 * @returns `type` only where the schema says that it is an object
 */
export const outline = (
  schema: JsonSchema,
  resolveRef: (schema: JsonSchema) => JsonSchema,
  depth = 0,
): Record<string, unknown> => {
  const { title, description, properties, items, type } = resolveRef(schema);
  const below = (inner: JsonSchema) => outline(inner, resolveRef, depth + 1);
  return {
    ...(depth === 0 && type === 'object' ? { type } : {}),
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(isObject(properties) && depth < maxDepth
      ? {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, inner]) => [name, isObject(inner) ? below(inner) : {}]),
          ),
        }
      : {}),
    ...(isObject(items) && depth < maxDepth ? { items: below(items) } : {}),
  };
};
