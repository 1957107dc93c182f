import type { ErrorObject } from 'ajv';
import type { Intent } from './contract.ts';
import { didYouMean } from './did-you-mean.ts';
import {
  type Input,
  isObject,
  type Json,
  type JsonSchema,
  pointerPath,
  pointerSegment,
  toPointer,
  valueAt,
} from './json.ts';
import type { FieldError } from './problems.ts';
import type { SchemaLibrary } from './schema-library.ts';

export interface Checked {
  /** With defaults filled in. */
  readonly input: Input;
  /** JSON pointers of what a default filled in. */
  readonly defaulted: readonly string[];
  /** Required and not there. */
  readonly missing: readonly FieldError[];
  /** There, and wrong. At most 20. */
  readonly wrong: readonly FieldError[];
}

/**
 * Compiles the check of an intent's input. The validator itself is built at the first request, so that
 * a thousand imported contracts cost nothing at start.
 */
export const compileInput = (intent: Intent, library: SchemaLibrary): ((input: Input) => Checked) => {
  const defaults = collectDefaults(intent.input, library.resolveRef, []);
  return (given) => {
    let input = given;
    const defaulted: string[] = [];
    for (const { path, pointer, value } of defaults) {
      if (valueAt(input, path) !== undefined || !isObject(valueAt(input, path.slice(0, -1)))) continue;
      input = withValue(input, path, value);
      defaulted.push(pointer);
    }
    const validate = library.validator(intent.input);
    if (validate(input)) return { input, defaulted, missing: [], wrong: [] };
    const missing: FieldError[] = [];
    const wrong: FieldError[] = [];
    for (const error of validate.errors ?? []) {
      // These only repeat what the errors under them say.
      if (error.keyword === 'if' || error.keyword === 'propertyNames') continue;
      if (error.keyword === 'required')
        missing.push({
          pointer: `${error.instancePath}/${pointerSegment(String(error.params.missingProperty))}`,
          detail: 'is required',
        });
      else if (wrong.length < 20) wrong.push(toFieldError(error, intent.input, input));
    }
    return { input, defaulted, missing, wrong };
  };
};

interface Default {
  readonly path: readonly string[];
  readonly pointer: string;
  readonly value: Json;
}

const collectDefaults = (
  schema: JsonSchema,
  resolveRef: (schema: JsonSchema) => JsonSchema,
  path: readonly string[],
): Default[] =>
  path.length > 4
    ? []
    : Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
        const inner = resolveRef(property);
        const here = [...path, name];
        if (inner.default !== undefined) return [{ path: here, pointer: toPointer(here), value: inner.default }];
        return collectDefaults(inner, resolveRef, here);
      });

const withValue = (input: Input, path: readonly string[], value: Json): Input => {
  const [name = '', ...rest] = path;
  return { ...input, [name]: rest.length === 0 ? value : withValue((input[name] ?? {}) as Input, rest, value) };
};

const toFieldError = (error: ErrorObject, schema: JsonSchema, input: Input): FieldError => {
  const { instancePath: pointer, keyword, params } = error;
  const value = valueAt(input, pointerPath(pointer));
  switch (keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const name = String(params.additionalProperty ?? params.unevaluatedProperty);
      const known = pointer === '' ? Object.keys(schema.properties ?? {}) : [];
      return {
        pointer: `${pointer}/${pointerSegment(name)}`,
        detail: `is not known to this intent.${didYouMean(name, known)}`,
      };
    }
    case 'type':
      return { pointer, detail: `must be ${[params.type].flat().join(' or ')}, not ${kindOf(value)}` };
    case 'enum': {
      const allowed = (params.allowedValues as Json[]).map((option) => JSON.stringify(option));
      const names = (params.allowedValues as Json[]).filter((option) => typeof option === 'string');
      const meant = typeof value === 'string' ? didYouMean(value, names) : '';
      return { pointer, detail: `must be one of ${allowed.slice(0, 20).join(', ')}.${meant}` };
    }
    case 'pattern':
      return { pointer, detail: `must match ${params.pattern}` };
    case 'format':
      return { pointer, detail: `must be a valid ${params.format}` };
    default:
      return { pointer, detail: error.message ?? 'is not valid' };
  }
};

const kindOf = (value: unknown): string =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'an array'
      : typeof value === 'object'
        ? 'an object'
        : `a ${typeof value}`;
