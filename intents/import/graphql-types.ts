import {
  type GraphQLArgument,
  type GraphQLEnumType,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLScalarType,
  type GraphQLType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  print,
} from 'graphql';
import type { JsonSchema } from '../json.ts';
import { isBalanced, plainText } from './plain-text.ts';

/** What the types of a schema are as JSON Schemas, and those of them that have been referred to. */
export interface GraphqlTypes {
  /** By name; what is not asked for is not there. */
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  /** Scalars whose values are not known, so that any JSON is taken. */
  readonly openScalars: ReadonlySet<string>;
  /** Of a value that is given: null stands for nothing and is not taken. */
  input(type: GraphQLInputType): JsonSchema;
  /** Of a scalar or an enumeration, with its lists, in an answer. */
  leaf(type: GraphQLScalarType | GraphQLEnumType): JsonSchema;
}

const text: JsonSchema = { type: 'string' };
const scalars: Readonly<Record<string, JsonSchema>> = {
  Int: { type: 'integer', minimum: -2147483648, maximum: 2147483647 },
  Float: { type: 'number' },
  String: text,
  ID: text,
  Boolean: { type: 'boolean' },
  DateTime: { type: 'string', format: 'date-time' },
  Date: { type: 'string', format: 'date' },
  Time: text,
  LocalDate: { type: 'string', format: 'date' },
  URI: { type: 'string', format: 'uri' },
  URL: { type: 'string', format: 'uri' },
  UUID: { type: 'string', format: 'uuid' },
  EmailAddress: { type: 'string', format: 'email' },
  HTML: text,
  // A 64-bit number does not survive as one in JavaScript, so that servers write it either way.
  BigInt: { type: ['integer', 'string'], pattern: '^-?[0-9]+$' },
  Long: { type: ['integer', 'string'], pattern: '^-?[0-9]+$' },
};

export const graphqlTypes = (): GraphqlTypes => {
  const schemas: Record<string, JsonSchema> = {};
  const openScalars = new Set<string>();

  const refer = (type: GraphQLNamedType, make: () => JsonSchema): JsonSchema => {
    if (!Object.hasOwn(schemas, type.name)) {
      // There before it is made, for it may refer to itself.
      schemas[type.name] = {};
      schemas[type.name] = make();
    }
    return { $ref: `schema:${type.name}` };
  };
  const leaf: GraphqlTypes['leaf'] = (type) => {
    if (isEnumType(type))
      return refer(type, () => ({
        ...described(type.description),
        type: 'string',
        enum: type.getValues().map(({ name }) => name),
      }));
    const known = Object.hasOwn(scalars, type.name) ? scalars[type.name] : undefined;
    if (known !== undefined) return known;
    openScalars.add(type.name);
    return { title: type.name, ...described(type.description) };
  };
  const input: GraphqlTypes['input'] = (type) => {
    if (isNonNullType(type)) return input(type.ofType as GraphQLInputType);
    if (isListType(type)) return { type: 'array', items: input(type.ofType as GraphQLInputType) };
    if (isInputObjectType(type)) return refer(type, () => inputObject(type));
    return leaf(type as GraphQLScalarType | GraphQLEnumType);
  };
  const inputObject = (type: GraphQLInputObjectType): JsonSchema => {
    const fields = Object.values(type.getFields());
    const required = fields.filter(isRequiredInputField).map(({ name }) => name);
    return {
      ...described(type.description),
      type: 'object',
      ...(required.length === 0 ? {} : { required }),
      properties: Object.fromEntries(
        fields.map((field) => [field.name, { ...input(field.type), ...memberWords(field) }]),
      ),
      additionalProperties: false,
      ...(type.isOneOf ? { minProperties: 1, maxProperties: 1 } : {}),
    };
  };
  return { schemas, openScalars, input, leaf };
};

/** What stands beside the type of an argument or input field. A default is told, and not sent. */
export const memberWords = (member: GraphQLArgument | GraphQLInputField): JsonSchema => {
  const literal = member.default?.literal ?? member.astNode?.defaultValue;
  const fallback = literal === undefined ? '' : print(literal);
  const told = fallback !== '' && fallback.length <= 80 && isBalanced(fallback) ? `Default: ${fallback}.` : '';
  const description = [plainText(member.description, 400), told].filter((text) => text !== '').join(' ');
  return {
    ...(description === '' ? {} : { description }),
    ...(member.deprecationReason == null ? {} : { deprecated: true }),
  };
};

/** Adds null to what a type allows, unless it is said that it is never null. */
export const nullable = (schema: JsonSchema, type: GraphQLType): JsonSchema => {
  if (isNonNullType(type)) return schema;
  if (schema.type === undefined && schema.$ref === undefined && schema.anyOf === undefined) return schema;
  if (schema.$ref !== undefined || schema.enum !== undefined || schema.type === undefined)
    return { anyOf: [schema, { type: 'null' }] };
  return { ...schema, type: [...[schema.type].flat(), 'null'] };
};

const described = (description: string | null | undefined): JsonSchema => {
  const said = plainText(description, 300);
  return said === '' ? {} : { description: said };
};
