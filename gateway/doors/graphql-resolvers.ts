import {
  type GraphQLFieldConfig,
  type GraphQLFieldResolver,
  GraphQLObjectType,
  type GraphQLResolveInfo,
  GraphQLScalarType,
  type GraphQLSchema,
  GraphQLUnionType,
  Kind,
} from 'graphql';
import { isObject } from '../../intents/json.ts';
import { OstiaryError } from '../../intents/problems.ts';
import type { GraphqlEntity, GraphqlField, GraphqlRoot, GraphqlUnion } from '../../intents/project/graphql-model.ts';
import { answerOf, inputOf } from '../../intents/project/graphql-values.ts';
import type { GraphqlView } from '../../intents/project/graphql-view.ts';
import type { SchemaLibrary } from '../../intents/schema-library.ts';
import { askOf, bodies } from './bodies.ts';
import { bodyOf } from './graphql-errors.ts';
import { tooMuch } from './graphql-limits.ts';
import { type GraphqlOperation, isIdentifier, type Streamed } from './graphql-operation.ts';
import { isAlone, selectedIn } from './graphql-selection.ts';
import { printConversation } from './http-print.ts';
import { readBody } from './http-read.ts';

type Resolver = GraphQLFieldResolver<unknown, GraphqlOperation>;
type AnyResolver = NonNullable<GraphQLFieldConfig<unknown, unknown>['resolve']>;

/** Gives the fields of a schema what they answer. The schema is that of the view. */
export const attachResolvers = (schema: GraphQLSchema, view: GraphqlView, library: SchemaLibrary): void => {
  const fieldOf = (type: string, field: string) => {
    const object = schema.getType(type);
    const found = object instanceof GraphQLObjectType ? object.getFields()[field] : undefined;
    if (found === undefined) throw new Error(`${type}.${field} is not in the schema`);
    return found;
  };
  const attach = (type: string, field: string, resolve: Resolver) => {
    fieldOf(type, field).resolve = resolve as AnyResolver;
  };
  for (const root of view.queries) attach('Query', root.name, resolveRoot(root));
  for (const root of view.mutations) attach('Mutation', root.name, resolveRoot(root));
  for (const root of view.subscriptions) {
    attach('Subscription', root.name, resolveItem(root));
    fieldOf('Subscription', root.name).subscribe = subscribeTo(root) as AnyResolver;
  }
  attach('Mutation', 'ask', resolveAsk);
  attach('Mutation', 'confirm', resolveConfirm);
  attach('Query', '_service', (_source, _args, { sdl }) => ({ sdl: sdl() }));
  for (const [object, fields] of view.objects)
    for (const field of fields)
      attach(object.name, field.name, field.join === undefined ? resolveMember(field) : resolveJoin(field, field.join));
  for (const union of view.unions) resolveTypeBy(schema, union, library);
  if (view.entities.length > 0) {
    attach('Query', '_entities', resolveEntities(view.entities));
    const entity = schema.getType('_Entity');
    if (entity instanceof GraphQLUnionType) entity.resolveType = (value, { kindOf }: GraphqlOperation) => kindOf(value);
  }
  const int64 = schema.getType('Int64');
  if (int64 instanceof GraphQLScalarType) takeWholeNumbers(int64);
};

const resolveRoot =
  (root: GraphqlRoot): Resolver =>
  async (_source, args, operation, info) => {
    const response = info.path.key.toString();
    const wanted = wantedBy(root, operation, info);
    const output = await callRoot(root, args, operation, { response, alone: isAlone(info.operation), wanted });
    return answerOf(root.type, output);
  };

/**
 * The call that a field of `Query` or `Mutation` stands for.
 * @param response what the field is called in the answer
 * @param alone whether the operation has no other
 * @param wanted what of the output is needed
 * @returns the output @throws GraphQLError with the problem where there is none
 */
export const callRoot = (
  root: GraphqlRoot,
  args: Readonly<Record<string, unknown>>,
  operation: GraphqlOperation,
  {
    response,
    alone,
    wanted,
  }: { readonly response: string; readonly alone: boolean; readonly wanted: readonly string[] | undefined },
): Promise<unknown> =>
  operation.output(response, callOf(root, args), {
    ...(root.intent.effect !== 'read' && { idempotencyKey: operation.keyFor(response, alone) }),
    ...(wanted && { fields: wanted }),
  });

/** Begins the call; each item that comes is resolved by itself, with what is selected of it. */
const subscribeTo =
  (root: GraphqlRoot): Resolver =>
  (_source, args, operation, info) => {
    const fields = wantedBy(root, operation, info);
    return operation.stream(callOf(root, args), { ...(fields && { fields }) });
  };

const resolveItem =
  ({ type }: GraphqlRoot): Resolver =>
  (source) => {
    const streamed = source as Streamed;
    if ('error' in streamed) throw streamed.error;
    return answerOf(type, streamed.item);
  };

const callOf = (root: GraphqlRoot, args: Readonly<Record<string, unknown>>) =>
  ({ kind: 'typed', name: root.intent.name, major: root.major, input: inputOf(root, args) }) as const;

/** What is not selected is left out here in any case: it is told only to a backend that can do without fetching it. */
const wantedBy = ({ intent, type }: GraphqlRoot, { gate }: GraphqlOperation, info: GraphQLResolveInfo) =>
  gate.compiled.get(intent.id)?.narrow ? selectedIn(info as Parameters<typeof selectedIn>[0], type) : undefined;

const resolveMember =
  ({ property, type }: GraphqlField): Resolver =>
  (source) =>
    answerOf(type, isObject(source) && Object.hasOwn(source, property) ? source[property] : null);

const resolveJoin =
  ({ property, type }: GraphqlField, entity: GraphqlEntity): Resolver =>
  (source, _args, { join }) => {
    const found = isObject(source) && Object.hasOwn(source, property) ? source[property] : null;
    const one = (id: unknown) => (isIdentifier(id) ? join(entity, String(id)) : null);
    return type.kind === 'list' && Array.isArray(found) ? found.map(one) : one(found);
  };

const resolveAsk: Resolver = async (_source, args, { gate, take }) => {
  const body = readBody(bodies(gate.config.limits).ask, withoutNulls(args));
  return bodyOf(printConversation(await take({ ...askOf(body) }), false));
};

const resolveConfirm: Resolver = async (_source, { id, confirm }, { take }) =>
  bodyOf(printConversation(await take({ kind: 'confirmation', id: String(id), confirm: confirm === true }), false));

const withoutNulls = (args: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null && value !== undefined));

/** What a router asks for. Source: the subgraph specification of Apollo Federation, "Resolving entity fields". */
const resolveEntities =
  (entities: readonly GraphqlEntity[]): Resolver =>
  (_source, { representations }, { gate, join }) => {
    const wanted = representations as readonly unknown[];
    const { calls } = gate.config.doors.graphql;
    if (wanted.length > calls) throw tooMuch('number of representations', wanted.length, calls);
    return wanted.map((one) => {
      const given: Record<string, unknown> = isObject(one) ? one : {};
      const entity = entities.find(({ object }) => object.name === given.__typename);
      const id = entity && Object.hasOwn(given, entity.key.name) ? given[entity.key.name] : undefined;
      if (entity === undefined || !isIdentifier(id))
        return new OstiaryError(
          'request.invalid',
          'A representation has a __typename that is known here, and its key.',
        );
      return join(entity, String(id));
    });
  };

/** Which of several a value is: the first that it fits. */
const resolveTypeBy = (schema: GraphQLSchema, { name, members }: GraphqlUnion, { validator }: SchemaLibrary): void => {
  const union = schema.getType(name);
  if (!(union instanceof GraphQLUnionType)) return;
  union.resolveType = (value) => {
    const found = members.find((one) => validator(one.schema)(value));
    if (found === undefined)
      throw new OstiaryError('output.invalid', `The backend answered something here that is none of ${name}.`);
    return found.object.name;
  };
};

/** What JSON cannot carry exactly is refused, in place of another number that is near. */
const takeWholeNumbers = (scalar: GraphQLScalarType): void => {
  const take = (value: unknown) => {
    if (Number.isSafeInteger(value)) return value;
    throw new OstiaryError('request.invalid', 'An Int64 is a whole number from -(2^53 - 1) to 2^53 - 1.');
  };
  scalar.coerceInputValue = take;
  scalar.coerceInputLiteral = (node) => take(node.kind === Kind.INT ? Number(node.value) : undefined);
};
