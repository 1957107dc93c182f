import { isObject, type JsonSchema } from '../intents/json.ts';

/** Below so many levels a classed value hides everything around it. */
const maxDepth = 12;

/**
 * Where values of certain classes stand, by `x-class`.
 * @returns paths of member names; `*` stands for every item of a list. A member that holds a value of such a class in a
 * place that a path cannot name is itself on the list.
 */
export const classedPaths = (
  schema: JsonSchema,
  classes: readonly string[],
  resolveRef: (schema: JsonSchema) => JsonSchema,
): string[][] => {
  const isClassed = (here: JsonSchema) => classes.includes(String(here['x-class']));
  const holds = (written: JsonSchema, seen: Set<JsonSchema>): boolean => {
    const here = resolveRef(written);
    if (seen.has(here)) return false;
    seen.add(here);
    return isClassed(here) || [...named(here), ...unnamed(here), ...same(here)].some(([, inner]) => holds(inner, seen));
  };
  const walk = (written: JsonSchema, path: readonly string[], above: readonly JsonSchema[]): string[][] => {
    const here = resolveRef(written);
    if (path.length > 0 && isClassed(here)) return [[...path]];
    if (path.length >= maxDepth || above.includes(here)) return holds(here, new Set()) ? [[...path]] : [];
    if (path.length > 0 && unnamed(here).some(([, inner]) => holds(inner, new Set()))) return [[...path]];
    const deeper = [...above, here];
    return [
      ...named(here).flatMap(([name, inner]) => walk(inner, [...path, name], deeper)),
      ...same(here).flatMap(([, inner]) => walk(inner, path, deeper)),
    ];
  };
  return walk(schema, [], []);
};

type Inner = (schema: JsonSchema) => [string, JsonSchema][];

/** Schemas of members and items. */
const named: Inner = ({ properties = {}, items }) => [
  ...Object.entries(properties),
  ...(isObject(items) ? [['*', items] as [string, JsonSchema]] : []),
];

/** Schemas of values that have no name in the schema. */
const unnamed: Inner = (schema) => [
  ...one(schema, ['additionalProperties', 'unevaluatedProperties', 'unevaluatedItems', 'contains']),
  ...several(schema, ['patternProperties', 'prefixItems']),
];

/** Schemas of the value itself. */
const same: Inner = (schema) => [
  ...one(schema, ['if', 'then', 'else', 'not']),
  ...several(schema, ['allOf', 'anyOf', 'oneOf', 'dependentSchemas']),
];

const one = (schema: JsonSchema, keywords: readonly string[]): [string, JsonSchema][] =>
  keywords.flatMap((keyword) => (isObject(schema[keyword]) ? [[keyword, schema[keyword]]] : []));

const several = (schema: JsonSchema, keywords: readonly string[]): [string, JsonSchema][] =>
  keywords.flatMap((keyword) =>
    Object.entries(schema[keyword] ?? {}).flatMap(([name, inner]): [string, JsonSchema][] =>
      isObject(inner) ? [[name, inner]] : [],
    ),
  );
