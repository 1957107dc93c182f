import { isObject, type JsonSchema } from '../json.ts';

type ResolveRef = (schema: JsonSchema) => JsonSchema;

/** Where a path leaves what a schema knows, and what it knows there. */
export interface Lost {
  readonly name: string;
  /** Names up to there. */
  readonly path: readonly string[];
  readonly known: readonly string[];
}

/**
 * Follows names through a schema. What the schema leaves open may be there: a value of any type, members that it does not
 * list, alternatives.
 * @param throughLists whether a name is looked for in the items of a list, as JSONata does; else `0` and `*` lead there
 * @returns undefined where the path may lead somewhere
 */
export const lostOn = (
  schema: JsonSchema,
  path: readonly string[],
  resolveRef: ResolveRef,
  throughLists: boolean,
): Lost | undefined => {
  let here: readonly JsonSchema[] = branches(schema, resolveRef, 0);
  for (const [index, name] of path.entries()) {
    const next: JsonSchema[] = [];
    const known: string[] = [];
    let open = false;
    for (const one of throughLists ? here.flatMap((branch) => intoItems(branch, resolveRef, 0)) : here) {
      const found = stepInto(one, name);
      if (found === 'open') open = true;
      else if (found !== undefined) next.push(...branches(found, resolveRef, 0));
      known.push(...Object.keys(one.properties ?? {}));
    }
    if (open) return undefined;
    if (next.length === 0) return { name, path: path.slice(0, index), known };
    here = next;
  }
  return undefined;
};

const maxDepth = 8;

/** A schema and its alternatives, looked through references; parts of `allOf` too, each of which may know a name. */
const branches = (schema: JsonSchema, resolveRef: ResolveRef, depth: number): readonly JsonSchema[] => {
  const here = resolveRef(schema);
  const others = ['allOf', 'anyOf', 'oneOf'].flatMap((keyword) =>
    Array.isArray(here[keyword]) ? (here[keyword] as readonly unknown[]).filter(isObject) : [],
  );
  if (others.length === 0 || depth > maxDepth) return [here];
  const inner = others.flatMap((one) => branches(one as JsonSchema, resolveRef, depth + 1));
  return here.properties === undefined && here.items === undefined ? inner : [here, ...inner];
};

const intoItems = (schema: JsonSchema, resolveRef: ResolveRef, depth: number): readonly JsonSchema[] => {
  if (depth > maxDepth || !isObject(schema.items)) return [schema];
  return branches(schema.items, resolveRef, 0).flatMap((one) => intoItems(one, resolveRef, depth + 1));
};

const stepInto = (schema: JsonSchema, name: string): JsonSchema | 'open' | undefined => {
  const { properties, items, additionalProperties, type } = schema;
  if (properties !== undefined && Object.hasOwn(properties, name)) return properties[name];
  if (/^(\d+|\*)$/.test(name) && isObject(items)) return items;
  const types = type === undefined ? [] : [type].flat();
  const mayBeObject = types.length === 0 || types.includes('object');
  if (isObject(additionalProperties) && mayBeObject) return additionalProperties;
  if (schema.patternProperties !== undefined || (additionalProperties === true && mayBeObject)) return 'open';
  if (/^(\d+|\*)$/.test(name) && types.includes('array') && items === undefined) return 'open';
  const says = properties !== undefined || items !== undefined || additionalProperties === false;
  return mayBeObject && !says ? 'open' : undefined;
};
