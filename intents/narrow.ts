import type { Intent } from './contract.ts';
import { identified } from './entity-read.ts';
import { isObject, type JsonSchema, toPointer } from './json.ts';
import type { SchemaLibrary } from './schema-library.ts';

/** Keywords by which an object would break its schema for want of a member that nobody asked for. */
const holding = [
  ...['required', 'minProperties', 'dependentRequired', 'dependentSchemas', 'oneOf', 'anyOf', 'allOf', 'not', 'if'],
  ...['contains', 'uniqueItems', 'const', 'enum'],
];

/**
 * Whether a backend may leave out members of an intent's output that are not wanted: only where the contract asks for
 * none of them, so that what is missing is never taken for a breach of it.
 */
export const canBeNarrowed = ({ effect, output }: Intent, { resolveRef }: SchemaLibrary): boolean => {
  if (effect !== 'read' || output === undefined) return false;
  const seen = new Set<JsonSchema>();
  const free = (schema: unknown): boolean => {
    if (!isObject(schema)) return true;
    if (typeof schema.$ref === 'string' && schema.$ref.startsWith('#')) return false;
    const here = resolveRef(schema);
    if (seen.has(here)) return true;
    seen.add(here);
    const inner = [here.items, here.additionalProperties, ...Object.values(here.properties ?? {})];
    const object = here.properties !== undefined || here.items !== undefined;
    return (!object || holding.every((keyword) => here[keyword] === undefined)) && inner.every(free);
  };
  return free(output);
};

/**
 * The members of an output that tell a thing from others, as pointers: its identifiers by the ontology, and what the
 * contract requires.
 * @returns undefined where there are none
 */
export const leastOf = (
  { output }: Intent,
  resolveRef: (schema: JsonSchema) => JsonSchema,
): readonly string[] | undefined => {
  const { properties = {}, required = [] } = resolveRef(output ?? {});
  const names = Object.keys(properties).filter(
    (name) => identified(properties[name]) !== undefined || required.includes(name),
  );
  return names.length === 0 ? undefined : names.map((name) => toPointer([name]));
};
