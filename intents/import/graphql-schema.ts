import {
  buildASTSchema,
  buildClientSchema,
  GraphQLError,
  type GraphQLSchema,
  type IntrospectionQuery,
  parse,
  Source,
  validateSchema,
} from 'graphql';
import { isObject } from '../json.ts';

/** A schema as it comes: SDL, or the answer to an introspection query. */
export type GraphqlSource = { readonly sdl: string } | { readonly introspection: unknown };

/** GitHub's schema has about 300,000. */
const maxTokens = 5_000_000;
const shownErrors = 10;

/**
 * Reads a GraphQL schema. Directives that it does not declare are taken: it may be a part of a federated one.
 * @throws Error that says what is wrong with it, and where, as line and column
 */
export const graphqlSchema = (source: GraphqlSource, sourceName: string): GraphQLSchema => {
  const schema = 'sdl' in source ? fromSdl(source.sdl, sourceName) : fromIntrospection(source.introspection);
  // A rule younger than most schemas, GitHub's among them, and nothing here depends on it.
  const errors = validateSchema(schema).filter(({ message }) => !message.endsWith('must not be deprecated.'));
  if (errors.length > 0) {
    const more = errors.length > shownErrors ? ` There are ${errors.length - shownErrors} more.` : '';
    throw new Error(`This schema is not valid: ${errors.slice(0, shownErrors).map(located).join(' ')}${more}`);
  }
  return schema;
};

const fromSdl = (sdl: string, sourceName: string): GraphQLSchema => {
  try {
    return buildASTSchema(parse(new Source(sdl, sourceName), { maxTokens }), { assumeValidSDL: true });
  } catch (error) {
    throw new Error(`This is not a GraphQL schema: ${located(error)}`);
  }
};

const fromIntrospection = (introspection: unknown): GraphQLSchema => {
  const data = isObject(introspection) && isObject(introspection.data) ? introspection.data : introspection;
  if (!isObject(data) || !isObject(data.__schema))
    throw new Error('This is no answer to an introspection query: it has no "__schema".');
  try {
    return buildClientSchema(data as unknown as IntrospectionQuery);
  } catch (error) {
    throw new Error(`The answer to the introspection query is broken: ${(error as Error).message.slice(0, 400)}`);
  }
};

const located = (error: unknown): string => {
  const message = (error as Error).message.split('\n')[0] ?? '';
  const place = error instanceof GraphQLError ? error.locations?.[0] : undefined;
  return place === undefined ? message : `line ${place.line}, column ${place.column}: ${message}`;
};
