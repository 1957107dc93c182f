import type { Ajv2020, ValidateFunction } from 'ajv/dist/2020.js';
import ajvModule from 'ajv/dist/2020.js';
import formatsModule from 'ajv-formats';
import { isObject, type JsonSchema } from './json.ts';
import { compilePattern } from './pattern.ts';

/** Shared schemas by reference (`ontology:Order.id`, `schema:name`), and the one validator that knows them. */
export interface SchemaLibrary {
  readonly refs: ReadonlyMap<string, JsonSchema>;
  /** Looks through `$ref`, members beside it winning; an unknown or endless reference gives the schema as it stands. */
  resolveRef(schema: JsonSchema): JsonSchema;
  /** Compiled on first use. @throws Error where the schema cannot be compiled */
  validator(schema: JsonSchema): ValidateFunction;
  /** Whether a schema is well-formed by its meta-schema; the messages say where, as JSON pointers into it. */
  malformed(schema: JsonSchema): { pointer: string; message: string }[];
}

// Both packages are CommonJS: under Node the class and the plugin stand on `default`.
const Ajv = ajvModule.default;
const addFormats = formatsModule.default;

/**
 * @param refs full reference -> schema; they may refer to one another
 */
export const schemaLibrary = (refs: ReadonlyMap<string, JsonSchema>): SchemaLibrary => {
  const ajv: Ajv2020 = new Ajv({
    strict: false,
    // An infinity is no number of JSON: it would be sent on as null, and so be another value than was decided on.
    strictNumbers: true,
    allErrors: true,
    logger: false,
    validateSchema: false,
    code: { regExp },
  });
  addFormats(ajv);
  for (const [ref, schema] of refs) ajv.addSchema(schema, ref);
  const resolved = new WeakMap<JsonSchema, JsonSchema>();
  const compiled = new WeakMap<JsonSchema, ValidateFunction>();
  return {
    refs,
    resolveRef(schema) {
      if (schema.$ref === undefined) return schema;
      const known = resolved.get(schema);
      if (known !== undefined) return known;
      let here = schema;
      for (let hops = 0; here.$ref !== undefined && hops < 20; hops++) {
        const target = refs.get(here.$ref);
        if (target === undefined) break;
        const { $ref: _followed, ...beside } = here;
        here = { ...target, ...beside };
      }
      resolved.set(schema, here);
      return here;
    },
    validator(schema) {
      let validate = compiled.get(schema);
      if (validate === undefined) {
        validate = ajv.compile(schema);
        compiled.set(schema, validate);
      }
      return validate;
    },
    malformed(schema) {
      if (ajv.validateSchema(schema) === true) return [];
      return (ajv.errors ?? []).map((error) => ({
        pointer: error.instancePath,
        message: error.message ?? 'is not valid',
      }));
    },
  };
};

/** How Ajv makes a pattern. @throws Error where it is none, or could be made slow */
export const regExp = Object.assign(compilePattern, { code: 'regExp' });

/** Calls back for every schema inside one, itself first. */
export const walkSchema = (
  schema: JsonSchema,
  visit: (schema: JsonSchema, path: readonly (string | number)[]) => void,
  path: readonly (string | number)[] = [],
): void => {
  visit(schema, path);
  for (const keyword of ['properties', 'patternProperties', '$defs', 'dependentSchemas'])
    if (isObject(schema[keyword]))
      for (const [name, inner] of Object.entries(schema[keyword]))
        if (isObject(inner)) walkSchema(inner, visit, [...path, keyword, name]);
  for (const keyword of [
    'items',
    'additionalProperties',
    'contains',
    'not',
    'if',
    'then',
    'else',
    'propertyNames',
    'unevaluatedProperties',
    'unevaluatedItems',
  ])
    if (isObject(schema[keyword])) walkSchema(schema[keyword] as JsonSchema, visit, [...path, keyword]);
  for (const keyword of ['allOf', 'anyOf', 'oneOf', 'prefixItems'])
    if (Array.isArray(schema[keyword]))
      for (const [index, inner] of schema[keyword].entries())
        if (isObject(inner)) walkSchema(inner, visit, [...path, keyword, index]);
};

/** Keywords of JSON Schema 2020-12 that we take; `x-…` is free. */
export const schemaKeywords: readonly string[] =
  '$id $schema $ref $defs $comment $anchor type enum const multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems minItems uniqueItems maxContains minContains maxProperties minProperties required dependentRequired allOf anyOf oneOf not if then else dependentSchemas prefixItems items contains properties patternProperties additionalProperties propertyNames unevaluatedItems unevaluatedProperties title description default deprecated readOnly writeOnly examples format contentEncoding contentMediaType contentSchema'.split(
    ' ',
  );
