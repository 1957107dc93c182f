import { isObject, type Json, type JsonSchema, pointerSegment } from '../json.ts';
import { regExp } from '../schema-library.ts';
import { Untranslatable } from './draft.ts';
import { kindOf } from './openapi-document.ts';
import { isBalanced, plainText } from './plain-text.ts';

/** What one conversion reads and reports to. */
export interface Conversion {
  readonly dialect: '3.0' | '3.1';
  /** An input has no `readOnly` members, an output no `writeOnly` ones. */
  readonly direction: 'input' | 'output';
  readonly keepExamples: boolean;
  /**
   * Makes the reference that stands for a `$ref`; its text may be filled in later.
   * @param inPlace whether it applies to the same value as the root, so that a circle of such references would never end
   * @throws Untranslatable
   */
  refer(ref: unknown, place: string, inPlace: boolean): JsonSchema;
  lossy(place: string, reason: string): void;
  /** Schemas and values that may still be read, so that no document can make endless work. */
  budget: { left: number };
}

/** Counted in brackets of the JSON that comes out, under what the loader takes. */
const maxDepth = 85;

const isText = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isFlag = (value: unknown): boolean => typeof value === 'boolean';
const isNameList = (value: unknown): boolean => Array.isArray(value) && value.every(isText);

/** Keywords that are taken as they are when their value has the right shape. */
const taken: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ...['contentEncoding', 'contentMediaType'].map((name) => [name, isText] as const),
  // The validator looks formats up in a plain object, where "constructor" is found too.
  ['format', (value) => typeof value === 'string' && !(value in {})],
  ...['maximum', 'minimum', 'exclusiveMaximum', 'exclusiveMinimum'].map((name) => [name, isNumber] as const),
  ...[
    'maxLength',
    'minLength',
    'maxItems',
    'minItems',
    'maxProperties',
    'minProperties',
    'maxContains',
    'minContains',
  ].map((name) => [name, isCount] as const),
  ...['uniqueItems', 'deprecated', 'readOnly', 'writeOnly'].map((name) => [name, isFlag] as const),
  ['multipleOf', (value) => isNumber(value) && (value as number) > 0],
  ['pattern', (value) => typeof value === 'string' && compiles(value)],
]);
const oneSchema: ReadonlySet<string> = new Set([
  ...['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'propertyNames', 'contains', 'unevaluatedItems'],
  'unevaluatedProperties',
]);
const inPlaceKeywords: ReadonlySet<string> = new Set([
  'not',
  'if',
  'then',
  'else',
  'allOf',
  'anyOf',
  'oneOf',
  'dependentSchemas',
]);
const schemaMap: ReadonlySet<string> = new Set(['properties', 'patternProperties', 'dependentSchemas']);
const schemaList: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
/** Say nothing of which values are right; `nullable`, `default` and `example` are read apart, `$defs` where referred to. */
const silent: ReadonlySet<string> = new Set([
  ...[
    'title',
    'description',
    'example',
    'examples',
    'default',
    'xml',
    'externalDocs',
    'nullable',
    '$ref',
    '$comment',
    '$schema',
  ],
  ...['$defs', 'definitions', 'summary'],
]);
const types: ReadonlySet<unknown> = new Set(['null', 'boolean', 'object', 'array', 'number', 'string', 'integer']);

/**
 * Turns a schema object of OpenAPI 3.0 or 3.1 into JSON Schema 2020-12. A default becomes words of the description: filled in by
 * the gateway it would be sent, and a PATCH would reset what it was not asked to touch.
 * @param place JSON pointer of the schema in the document
 * @throws Untranslatable where a schema stands that is none, or one nested too deeply or too large
 */
export const convertSchema = (raw: unknown, place: string, run: Conversion, depth = 1, inPlace = true): JsonSchema => {
  if (raw === true) return {};
  if (raw === false) return { not: {} };
  if (!isObject(raw)) throw new Untranslatable(place, `${kindOf(raw)} where a schema should be`);
  spend(run, place, depth);
  const described = describe(raw);
  if (raw.$ref !== undefined) {
    const { $ref, ...beside } = raw;
    // Assigned to the reference itself, never to a copy: its name is filled in later.
    if (run.dialect === '3.0') {
      const ignored = Object.keys(beside).filter((keyword) => !silent.has(keyword) && !keyword.startsWith('x-'));
      if (raw.nullable === true) ignored.push('nullable');
      if (ignored.length > 0) run.lossy(place, `OpenAPI 3.0 ignores what stands beside $ref: ${ignored.join(', ')}`);
      return Object.assign(run.refer($ref, place, inPlace), described);
    }
    return Object.assign(
      run.refer($ref, place, inPlace),
      described,
      convertKeywords(beside, place, run, depth, inPlace),
    );
  }
  return { ...described, ...convertKeywords(raw, place, run, depth, inPlace) };
};

const describe = (raw: Record<string, unknown>): JsonSchema => {
  const title = plainText(raw.title, 120);
  const { default: fallback } = raw;
  const told =
    typeof fallback === 'string'
      ? fallback.length <= 80 && isBalanced(fallback)
      : isNumber(fallback) || isFlag(fallback);
  const words = [plainText(raw.description, 400), told ? `Default: ${JSON.stringify(fallback)}.` : ''];
  const said = words.filter((text) => text !== '').join(' ');
  return { ...(title === '' ? {} : { title }), ...(said === '' ? {} : { description: said }) };
};

const convertKeywords = (
  raw: Record<string, unknown>,
  place: string,
  run: Conversion,
  depth: number,
  inPlace: boolean,
): JsonSchema => {
  const composed = ['allOf', 'anyOf', 'oneOf'].some((keyword) => Array.isArray(raw[keyword]));
  const wrapped = raw.nullable === true && composed;
  const inner = wrapped ? depth + 2 : depth;
  const schema: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(raw)) {
    if (silent.has(keyword) || keyword.startsWith('x-')) continue;
    const here = `${place}/${pointerSegment(keyword)}`;
    const dropped = (reason: string) => run.lossy(here, reason);
    const fits = taken.get(keyword);
    const stays = inPlace && inPlaceKeywords.has(keyword);
    if ((keyword === 'exclusiveMinimum' || keyword === 'exclusiveMaximum') && typeof value === 'boolean') continue;
    if (fits !== undefined) {
      if (fits(value)) schema[keyword] = value;
      else dropped(`"${keyword}" left out: ${shown(value)} is not a value it can have`);
    } else if (keyword === 'type') {
      const names = [value].flat();
      if (names.length > 0 && names.every((name) => types.has(name)))
        schema.type = Array.isArray(value) ? [...new Set(names)] : value;
      else dropped(`"type" left out: ${shown(value)} is not a type`);
    } else if (keyword === 'enum') {
      if (Array.isArray(value) && value.length > 0)
        schema.enum = value.map((item) => plain(item, here, run, inner + 1));
      else dropped('"enum" left out: it must be a list of at least one value');
    } else if (keyword === 'const') schema.const = plain(value, here, run, inner);
    else if (keyword === 'required') {
      if (isNameList(value)) schema.required = [...new Set(value as string[])];
      else dropped(`"required" left out: it must be a list of names, not ${shown(value)}`);
    } else if (keyword === 'dependentRequired') {
      if (isObject(value) && Object.values(value).every(isNameList)) schema[keyword] = plain(value, here, run, inner);
      else dropped('"dependentRequired" left out: it must map names to lists of names');
    } else if (oneSchema.has(keyword))
      schema[keyword] = typeof value === 'boolean' ? value : convertSchema(value, here, run, inner + 1, stays);
    else if (schemaMap.has(keyword)) schema[keyword] = convertMap(keyword, value, here, run, inner + 2, stays);
    else if (schemaList.has(keyword)) {
      if (!Array.isArray(value) || value.length === 0) dropped(`"${keyword}" left out: it must be a list of schemas`);
      else schema[keyword] = value.map((item, index) => convertSchema(item, `${here}/${index}`, run, inner + 2, stays));
    } else if (keyword === 'discriminator')
      dropped('"discriminator" left out: JSON Schema has none, the alternatives are tried one by one');
    else dropped(`"${keyword.slice(0, 60)}" left out: it is not a keyword that is translated`);
  }
  withoutOtherDirection(raw, schema, run);
  exclusiveBounds(raw, schema);
  if (run.keepExamples) keepExample(raw, schema);
  // The loader closes an object that says nothing, and this one says that it takes anything.
  if (schema.type === 'object' && !saysMembers.some((keyword) => keyword in schema)) schema.additionalProperties = true;
  return raw.nullable === true ? withNull(schema, composed) : schema;
};

const saysMembers = [
  ...['properties', 'patternProperties', 'additionalProperties', 'unevaluatedProperties'],
  ...['allOf', 'anyOf', 'oneOf', 'if', 'dependentSchemas', '$ref'],
];

const convertMap = (
  keyword: string,
  value: unknown,
  place: string,
  run: Conversion,
  depth: number,
  inPlace: boolean,
): Record<string, JsonSchema> => {
  if (!isObject(value)) throw new Untranslatable(place, `${kindOf(value)} where schemas by name should be`);
  const converted: [string, JsonSchema][] = [];
  for (const [name, schema] of Object.entries(value)) {
    const here = `${place}/${pointerSegment(name)}`;
    if (name === '__proto__' || name.length > 200)
      run.lossy(here, 'left out: this is not taken as the name of a member');
    else if (keyword === 'patternProperties' && !compiles(name))
      run.lossy(here, 'left out: the pattern does not compile');
    else converted.push([name, convertSchema(schema, here, run, depth, inPlace)]);
  }
  return Object.fromEntries(converted);
};

/** Members that only the other direction has are left out, as OpenAPI asks, and are not required then. */
const withoutOtherDirection = (
  raw: Record<string, unknown>,
  schema: Record<string, unknown>,
  run: Conversion,
): void => {
  const { properties, required } = schema as { properties?: Record<string, JsonSchema>; required?: readonly string[] };
  if (properties === undefined) return;
  const foreign = Object.keys(properties).filter((name) =>
    isForeign((raw.properties as Record<string, unknown>)[name], run),
  );
  if (foreign.length === 0) return;
  schema.properties = Object.fromEntries(Object.entries(properties).filter(([name]) => !foreign.includes(name)));
  if (required !== undefined) schema.required = required.filter((name) => !foreign.includes(name));
};

/** Whether a member belongs to the other direction alone. */
export const isForeign = (property: unknown, { direction }: Pick<Conversion, 'direction'>): boolean =>
  isObject(property) && property[direction === 'input' ? 'readOnly' : 'writeOnly'] === true;

const exclusiveBounds = (raw: Record<string, unknown>, schema: Record<string, unknown>): void => {
  for (const [flag, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const)
    if (raw[flag] === true && schema[bound] !== undefined) {
      schema[flag] = schema[bound];
      delete schema[bound];
    }
};

const keepExample = (raw: Record<string, unknown>, schema: Record<string, unknown>): void => {
  const given = raw.example ?? (Array.isArray(raw.examples) ? raw.examples[0] : undefined);
  if (isNumber(given) || (typeof given === 'string' && given.length <= 100)) schema.examples = [given];
};

const withNull = (schema: Record<string, unknown>, composed: boolean): JsonSchema => {
  if (composed) return { anyOf: [schema, { type: 'null' }] };
  const { type, enum: options } = schema;
  return {
    ...schema,
    ...(type === undefined ? {} : { type: [...new Set([type, 'null'].flat())] as string[] }),
    ...(Array.isArray(options) && !options.includes(null) ? { enum: [...options, null] as Json[] } : {}),
  };
};

const plain = (value: unknown, place: string, run: Conversion, depth: number): Json => {
  spend(run, place, depth);
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || isNumber(value))
    return value as Json;
  if (Array.isArray(value)) return value.map((item) => plain(item, place, run, depth + 1));
  if (!isObject(value)) throw new Untranslatable(place, `${kindOf(value)} where JSON should be`);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item, place, run, depth + 1)]));
};

const spend = (run: Conversion, place: string, depth: number): void => {
  if (depth > maxDepth) throw new Untranslatable('', `nested deeper than ${maxDepth} levels (${place.slice(0, 80)}…)`);
  if (run.budget.left-- <= 0) throw new Untranslatable(place, 'the schema is too large');
};

/** Never walks into a value, which may be of any depth. */
const shown = (value: unknown): string =>
  typeof value === 'string'
    ? JSON.stringify(value.slice(0, 60))
    : typeof value === 'object'
      ? kindOf(value)
      : String(value);

const compiles = (pattern: string): boolean => {
  try {
    regExp(pattern, 'u').test('');
    return true;
  } catch {
    return false;
  }
};
