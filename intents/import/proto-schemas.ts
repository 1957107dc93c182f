import type { JsonSchema } from '../json.ts';
import { Untranslatable } from './draft.ts';
import { unique } from './naming.ts';
import { plainText } from './plain-text.ts';
import type { ProtoField, ProtoMessage, ProtoType, ProtoView } from './proto-view.ts';

type Direction = 'input' | 'output';

/** Messages as JSON Schemas of their ProtoJSON, each referred to by name, in two forms: what is sent, and what comes. */
export interface ProtoSchemas {
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  /** The schema of a message itself, its members in it. @throws Untranslatable where it is nowhere */
  whole(fullName: string, direction: Direction): JsonSchema;
}

const int64 = { type: 'string', pattern: '^-?[0-9]{1,19}$' };
const uint64 = { type: 'string', pattern: '^[0-9]{1,20}$' };
const int32 = { type: 'integer', minimum: -2147483648, maximum: 2147483647 };
const uint32 = { type: 'integer', minimum: 0, maximum: 4294967295 };
const scalars: Readonly<Record<string, JsonSchema>> = {
  ...{ double: { type: 'number' }, float: { type: 'number' }, bool: { type: 'boolean' }, string: { type: 'string' } },
  ...{ int32, sint32: int32, sfixed32: int32, uint32, fixed32: uint32 },
  ...{ int64, sint64: int64, sfixed64: int64, uint64, fixed64: uint64 },
  bytes: { type: 'string', contentEncoding: 'base64' },
};
const orNull = (schema: JsonSchema): JsonSchema => ({ ...schema, type: [schema.type as string, 'null'] });
/** Types with a JSON form of their own (ProtoJSON, "Well-known types"). */
const wellKnown: Readonly<Record<string, JsonSchema>> = {
  Timestamp: { type: 'string', format: 'date-time' },
  Duration: { type: 'string', pattern: '^-?[0-9]+(\\.[0-9]{1,9})?s$', examples: ['1.5s'] },
  FieldMask: { type: 'string' },
  Struct: { type: 'object', additionalProperties: true },
  Value: {},
  ListValue: { type: 'array' },
  Any: { type: 'object', required: ['@type'], properties: { '@type': { type: 'string' } }, additionalProperties: true },
  Empty: { type: 'object', properties: {} },
  DoubleValue: orNull({ type: 'number' }),
  FloatValue: orNull({ type: 'number' }),
  Int64Value: orNull(int64),
  UInt64Value: orNull(uint64),
  Int32Value: orNull(int32),
  UInt32Value: orNull(uint32),
  BoolValue: orNull({ type: 'boolean' }),
  StringValue: orNull({ type: 'string' }),
  BytesValue: orNull({ type: 'string', contentEncoding: 'base64' }),
};
const wkt = 'google.protobuf.';
const keyPatterns: Readonly<Record<string, string>> = { bool: '^(true|false)$', string: '' };

export const protoSchemas = (view: ProtoView): ProtoSchemas => {
  const schemas: Record<string, JsonSchema> = {};
  const names = new Map<string, string>();
  const taken = new Set<string>();
  const waiting: (() => void)[] = [];

  const refer = (key: string, wanted: string, make: () => JsonSchema): JsonSchema => {
    let name = names.get(key);
    if (name === undefined) {
      name = unique(wanted.slice(0, 200), taken);
      names.set(key, name);
      const made = name;
      // Made one after another and not within one another: messages may nest deeper than the stack is.
      waiting.push(() => {
        schemas[made] = make();
      });
    }
    return { $ref: `schema:${name}` };
  };
  const messageOf = (fullName: string): ProtoMessage => {
    const message = view.message(fullName);
    if (message === undefined) throw new Untranslatable(fullName, 'the message is nowhere');
    return message;
  };
  const typeSchema = (type: ProtoType, direction: Direction): JsonSchema => {
    if (type.kind === 'scalar') return scalarSchema(type.name, direction);
    if (type.kind === 'enum') return enumSchema(type.name, direction);
    const special = type.name.startsWith(wkt) ? wellKnown[type.name.slice(wkt.length)] : undefined;
    if (special !== undefined) return special;
    return refer(`${direction} ${type.name}`, direction === 'input' ? `${type.name}.input` : type.name, () =>
      objectSchema(messageOf(type.name), direction),
    );
  };
  const scalarSchema = (name: string, direction: Direction): JsonSchema => {
    const schema = scalars[name];
    if (schema === undefined) throw new Untranslatable(name, 'this is not a type of proto');
    // Not a number, and what is beyond all numbers, are words in JSON.
    return direction === 'output' && schema.type === 'number'
      ? { anyOf: [schema, { enum: ['NaN', 'Infinity', '-Infinity'] }] }
      : schema;
  };
  const enumSchema = (fullName: string, direction: Direction): JsonSchema => {
    if (fullName === `${wkt}NullValue`) return { type: 'null' };
    const named = refer(fullName, fullName, () => {
      const found = view.enumeration(fullName);
      if (found === undefined || found.values.length === 0)
        throw new Untranslatable(fullName, 'the enumeration is nowhere, or has no values');
      return { ...described(found.comment, 300), type: 'string', enum: [...new Set(found.values)] };
    });
    // A backend newer than its description sends values that have no name here yet, as numbers.
    return direction === 'output' ? { anyOf: [named, { type: 'integer' }] } : named;
  };
  const fieldSchema = ({ type, shape, key, comment, deprecated }: ProtoField, direction: Direction): JsonSchema => {
    const one = typeSchema(type, direction);
    const beside = { ...described(comment, 400), ...(deprecated ? { deprecated: true } : {}) };
    if (shape === 'one') return { ...one, ...beside };
    if (shape === 'list') return { type: 'array', items: one, ...beside };
    const pattern = keyPatterns[key ?? 'string'] ?? '^-?[0-9]+$';
    const propertyNames = direction === 'input' && pattern !== '' ? { propertyNames: { pattern } } : {};
    return { type: 'object', additionalProperties: one, ...propertyNames, ...beside };
  };
  const objectSchema = ({ fields, comment }: ProtoMessage, direction: Direction): JsonSchema => {
    const own = fields.filter(({ name, outputOnly }) => name !== '__proto__' && !(direction === 'input' && outputOnly));
    const required = direction === 'input' ? own.filter((field) => field.required).map(({ name }) => name) : [];
    return {
      ...described(comment, 300),
      type: 'object',
      ...(required.length === 0 ? {} : { required }),
      properties: Object.fromEntries(own.map((field) => [field.name, fieldSchema(field, direction)])),
      ...(direction === 'input' ? { ...oneofs(own), additionalProperties: false } : {}),
    };
  };
  return {
    schemas,
    whole(fullName, direction) {
      if (fullName.startsWith(wkt) && wellKnown[fullName.slice(wkt.length)] !== undefined)
        return typeSchema({ kind: 'message', name: fullName }, direction);
      const schema = objectSchema(messageOf(fullName), direction);
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) next();
      return schema;
    },
  };
};

/** Of a oneof at most one member is there: one of them, or none. */
const oneofs = (fields: readonly ProtoField[]): JsonSchema => {
  const groups = Map.groupBy(
    fields.filter(({ oneof }) => oneof !== undefined),
    ({ oneof }) => oneof,
  );
  const rules = [...groups.values()]
    .filter((members) => members.length > 1)
    .map((members) => {
      const given = members.map(({ name }) => ({ required: [name] }));
      return { oneOf: [...given, { not: { anyOf: given } }] };
    });
  return rules.length === 0 ? {} : { allOf: rules };
};

const described = (comment: string, max: number): JsonSchema => {
  const description = plainText(comment, max);
  return description === '' ? {} : { description };
};
