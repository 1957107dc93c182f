import { didYouMean } from './did-you-mean.ts';
import { isObject, type JsonSchema, pointerPath } from './json.ts';
import { regExp, type SchemaLibrary, schemaKeywords, walkSchema } from './schema-library.ts';

export interface SchemaFault {
  readonly path: readonly (string | number)[];
  readonly code: 'schema-keyword' | 'schema-ref' | 'schema-pattern' | 'schema-malformed';
  readonly message: string;
}

const types = ['null', 'boolean', 'object', 'array', 'number', 'string', 'integer'];

/** Finds what is wrong with a schema: unknown keywords, references to nothing, patterns that do not compile, bad shapes. */
export const checkSchema = (schema: JsonSchema, library: SchemaLibrary): SchemaFault[] => {
  const faults: SchemaFault[] = [];
  walkSchema(schema, (inner, path) => {
    for (const keyword of Object.keys(inner))
      if (!keyword.startsWith('x-') && !schemaKeywords.includes(keyword))
        faults.push({
          path: [...path, keyword],
          code: 'schema-keyword',
          message: `"${keyword}" is not a JSON Schema keyword.${didYouMean(keyword, schemaKeywords)}`,
        });
    const { $ref: ref, pattern, type } = inner;
    if (typeof ref === 'string' && !ref.startsWith('#') && !library.refs.has(ref))
      faults.push({
        path: [...path, '$ref'],
        code: 'schema-ref',
        message: `"${ref}" refers to nothing.${didYouMean(ref, library.refs.keys())}`,
      });
    for (const name of Array.isArray(type) ? type : type === undefined ? [] : [type])
      if (!types.includes(String(name)))
        faults.push({
          path: [...path, 'type'],
          code: 'schema-malformed',
          message: `"${name}" is not a type.${didYouMean(String(name), types)}`,
        });
    if (typeof pattern === 'string')
      try {
        regExp(pattern, 'u').test('');
      } catch (error) {
        faults.push({
          path: [...path, 'pattern'],
          code: 'schema-pattern',
          message: `The pattern does not compile: ${(error as Error).message}.`,
        });
      }
  });
  if (faults.length === 0)
    for (const { pointer, message } of library.malformed(schema))
      faults.push({
        path: pointerPath(pointer),
        code: 'schema-malformed',
        message: `This is not a valid JSON Schema: ${message}.`,
      });
  return faults;
};

/** Closes every object of an input schema that lists its properties and does not say otherwise: unknown members are refused. */
export const closeObjects = (schema: JsonSchema): JsonSchema => {
  const closed: Record<string, unknown> = { ...schema };
  if (isObject(schema.properties))
    closed.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([name, inner]) => [name, isObject(inner) ? closeObjects(inner) : inner]),
    );
  if (isObject(schema.items)) closed.items = closeObjects(schema.items);
  const open = [
    'additionalProperties',
    'unevaluatedProperties',
    'allOf',
    'anyOf',
    'oneOf',
    '$ref',
    'patternProperties',
  ];
  if ((schema.type === 'object' || schema.properties !== undefined) && !open.some((keyword) => keyword in schema))
    closed.additionalProperties = false;
  return closed;
};

/** The schema a path of property names leads to; array indices and `*` step into `items`. */
export const schemaAt = (
  schema: JsonSchema,
  path: readonly string[],
  resolveRef: (schema: JsonSchema) => JsonSchema,
): JsonSchema | undefined => {
  let here: JsonSchema | undefined = resolveRef(schema);
  for (const name of path) {
    const next: unknown =
      here.properties !== undefined && Object.hasOwn(here.properties, name)
        ? here.properties[name]
        : /^(\d+|\*)$/.test(name)
          ? here.items
          : undefined;
    if (!isObject(next)) return undefined;
    here = resolveRef(next);
  }
  return here;
};
