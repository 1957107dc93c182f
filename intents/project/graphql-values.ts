import { type Input, isObject, type Json } from '../json.ts';
import { OstiaryError } from '../problems.ts';
import type { GraphqlField, GraphqlRoot, GraphqlScalar, GraphqlType } from './graphql-model.ts';

/**
 * The arguments of a field as the input of its intent: by the contract's own names and values. A null for what the
 * contract does not take null for is left out, since in GraphQL whatever is optional may be null.
 */
export const inputOf = ({ args, whole }: GraphqlRoot, given: Readonly<Record<string, unknown>>): Input =>
  whole ? ((given.input ?? {}) as Input) : membersOf(args, given);

const membersOf = (fields: readonly GraphqlField[], given: Readonly<Record<string, unknown>>): Input =>
  // Unlike assignment, this makes a member of "__proto__" like of any other name.
  Object.fromEntries(
    fields.flatMap(({ name, property, type, nullable }) => {
      const value = Object.hasOwn(given, name) ? given[name] : undefined;
      return value === undefined || (value === null && !nullable) ? [] : [[property, toValue(type, value)]];
    }),
  );

const toValue = (type: GraphqlType, value: unknown): Json => {
  if (value === null) return null;
  switch (type.kind) {
    case 'list':
      return Array.isArray(value) ? value.map((item) => toValue(type.of, item)) : (value as Json);
    case 'enum':
      return type.of.values.find(({ name }) => name === value)?.value ?? (value as Json);
    case 'input': {
      if (!isObject(value)) return value as Json;
      if (!type.of.oneof) return membersOf(type.of.fields, value);
      // Which of several it is was only said for GraphQL.
      const chosen = type.of.fields.find(({ name }) => Object.hasOwn(value, name));
      return chosen === undefined ? {} : toValue(chosen.type, value[chosen.name]);
    }
    default:
      return value as Json;
  }
};

/**
 * A value of an answer as its type says it. What a policy has masked does not fit a type other than of text: it is null.
 * @throws OstiaryError where the backend broke the contract
 */
export const answerOf = (type: GraphqlType, value: unknown): unknown => {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case 'list':
      if (!Array.isArray(value)) return broken(value, 'a list');
      // Each by itself: one that does not fit leaves the others.
      return value.map((item) => {
        try {
          return answerOf(type.of, item);
        } catch (error) {
          return error as Error;
        }
      });
    case 'enum': {
      const known = type.of.values.find((one) => one.value === value);
      return known === undefined ? broken(value, `one of ${type.of.name}`) : known.name;
    }
    case 'scalar':
      return scalars[type.name]?.(value) === false ? broken(value, type.name) : value;
    default:
      return isObject(value) ? value : broken(value, 'an object');
  }
};

const scalars: Readonly<Partial<Record<GraphqlScalar, (value: unknown) => boolean>>> = {
  String: (value) => typeof value !== 'object',
  ID: (value) => typeof value === 'string' || Number.isInteger(value),
  Boolean: (value) => typeof value === 'boolean',
  Float: (value) => Number.isFinite(value),
  Int: (value) => Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31,
  Int64: (value) => Number.isInteger(value) || (typeof value === 'string' && /^-?\d{1,20}$/.test(value)),
};

/** How every mask of a policy marks what it hid. */
const mask = '***';

const broken = (value: unknown, wanted: string): null => {
  if (typeof value === 'string' && value.includes(mask)) return null;
  throw new OstiaryError('output.invalid', `The backend answered something here that is not ${wanted}.`);
};
