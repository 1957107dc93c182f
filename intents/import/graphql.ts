import {
  type DirectiveNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  valueFromASTUntyped,
} from 'graphql';
import type { Json, JsonSchema } from '../json.ts';
import type { DraftIntent, GraphqlCall, Imported, Lossy } from './draft.ts';
import { type GraphqlSource, graphqlSchema } from './graphql-schema.ts';
import { selectionOf } from './graphql-selection.ts';
import { type GraphqlTypes, graphqlTypes, memberWords } from './graphql-types.ts';
import { applyHint, hintedNames, type NamesTaken, undoneByKnown } from './hint.ts';
import { plainText } from './plain-text.ts';
import { effectOfName, rpcUtterances, sinksOf, titleOf, verbName } from './rpc-naming.ts';

type Field = GraphQLField<unknown, unknown>;

/**
 * Makes a draft intent of each query and each mutation of a GraphQL schema, with a document that asks for the plain fields
 * of its answer. What a schema says of itself is a hint: nothing that comes out can be called before a policy allows it.
 * @param options.url of the endpoint, where it is known
 * @throws Error that says where the schema is broken, as line and column
 */
export const importGraphql = (
  source: GraphqlSource,
  { backend, sourceName, url }: { backend: string; sourceName: string; url?: string },
): Imported<GraphqlCall> => {
  const schema = graphqlSchema(source, sourceName);
  const types = graphqlTypes();
  const roots = [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
  ] as const;
  const operations = roots.flatMap(([kind, type]) =>
    Object.values(type?.getFields() ?? {}).map((field) => ({ kind, field, hint: hintOf(field) })),
  );
  const names = hintedNames(operations.map(({ hint }) => hint));
  const skipped = Object.keys(schema.getSubscriptionType()?.getFields() ?? {}).map((name) => ({
    operation: `subscription ${name}`,
    reason: 'it is a subscription, and an intent is answered once',
  }));
  const lossy: Lossy[] = [];
  const drafts: DraftIntent<GraphqlCall>[] = [];
  // What federation asks for belongs to the router alone.
  for (const { kind, field, hint } of operations)
    if (field.name === '_entities' || field.name === '_service')
      skipped.push({ operation: `${kind} ${field.name}`, reason: 'it is there for federation' });
    else drafts.push(draft(schema, types, { kind, field, hint }, { backend, names, lossy }));

  for (const name of types.openScalars)
    lossy.push({
      operation: `scalar ${name}`,
      place: name,
      reason: 'any JSON is taken: the schema says no more of it',
    });
  const undone = undoneByKnown(drafts);
  return {
    backend,
    reach: { kind: 'graphql' },
    sourceName,
    intents: undone.intents,
    schemas: types.schemas,
    skipped,
    lossy: [...lossy, ...undone.lossy],
    servers: url === undefined ? [] : [url],
    credentialHeaders: { authorization: `Bearer \${${backend.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}_TOKEN:-}` },
  };
};

interface Operation {
  readonly kind: 'query' | 'mutation';
  readonly field: Field;
  readonly hint: unknown;
}

const draft = (
  schema: GraphQLSchema,
  types: GraphqlTypes,
  { kind, field, hint }: Operation,
  { backend, names, lossy }: { backend: string; names: NamesTaken; lossy: Lossy[] },
): DraftIntent<GraphqlCall> => {
  const operation = `${kind} ${field.name}`;
  const place = `${kind === 'query' ? 'Query' : 'Mutation'}.${field.name}`;
  const note = (at: string, reason: string) => lossy.push({ operation, place: at, reason });
  const { input, variables } = inputOf(field, types);
  const selection = selectionOf(field.type, schema, types);
  if (selection.left.length > 0)
    note(
      place,
      `${selection.left.length} fields are not asked for (arguments, depth, or too many): ${some(selection.left)}`,
    );

  const { group, rest } = verbName(field.name, kind === 'mutation' ? 'run' : isMany(field) ? 'list' : 'get', backend);
  const named = `${rest} ${group.replaceAll('-', ' ')}`;
  const said = plainText(field.description, 500);
  const title = titleOf(field.description ?? '') || named.charAt(0).toUpperCase() + named.slice(1);
  const effect = kind === 'query' ? 'read' : mutationEffect(field.name);
  const written = field.args.map(({ name, type }) => `$${name}: ${type}`).join(', ');
  const passed = field.args.map(({ name }) => `${name}: $${name}`).join(', ');
  const between = (text: string) => (text === '' ? '' : `(${text})`);
  return applyHint<GraphqlCall>(
    {
      operation,
      group,
      name: `${group}.${rest}`,
      version: '1.0.0',
      title,
      description: field.deprecationReason == null ? said : `Deprecated. ${said}`.trim(),
      effect,
      sinks: effect === 'read' ? [] : sinksOf(input),
      examples: rpcUtterances(title, named, input),
      input,
      output: outputOf(field, selection.schema),
      call: {
        backend,
        graphql: `${kind} ${field.name}${between(written)} {\n  ${field.name}${between(passed)}${selection.text}\n}\n`,
        ...(variables === undefined ? {} : { variables }),
      },
    },
    { raw: hint, place: `${place}@intent`, at: place, note, names },
  );
};

/** A mutation never counts as a read, whatever it is called. */
const mutationEffect = (name: string) => {
  const effect = effectOfName(name, 'write');
  return effect === 'read' ? 'write' : effect;
};

/** The arguments, or what stands in the only one: mutations are often written `createIssue(input: CreateIssueInput!)`. */
const inputOf = (
  field: Field,
  types: GraphqlTypes,
): { input: JsonSchema; variables?: Readonly<Record<string, Json>> } => {
  const [only, ...others] = field.args;
  const inner = only === undefined ? undefined : getNamedType(only.type);
  if (
    only !== undefined &&
    others.length === 0 &&
    isNonNullType(only.type) &&
    !isListType(only.type.ofType) &&
    isInputObjectType(inner) &&
    !inner.isOneOf
  ) {
    // Relay's own way of telling answers apart, which HTTP does by itself.
    const members = Object.values((inner as GraphQLInputObjectType).getFields()).filter(
      ({ name }) => name !== 'clientMutationId',
    );
    return {
      input: objectOf(members, members.filter(isRequiredInputField), types),
      variables: { [only.name]: Object.fromEntries(members.map(({ name }) => [name, `$.${name}`])) },
    };
  }
  return { input: objectOf(field.args, field.args.filter(isRequiredArgument), types) };
};

const objectOf = (
  members: readonly (GraphQLArgument | GraphQLInputField)[],
  required: readonly (GraphQLArgument | GraphQLInputField)[],
  types: GraphqlTypes,
): JsonSchema => ({
  type: 'object',
  ...(required.length === 0 ? {} : { required: required.map(({ name }) => name) }),
  properties: Object.fromEntries(
    members.map((member) => [member.name, { ...types.input(member.type), ...memberWords(member) }]),
  ),
});

const outputOf = (field: Field, schema: JsonSchema): JsonSchema =>
  isNonNullType(field.type) || schema.type === undefined
    ? schema
    : { ...schema, type: [...[schema.type].flat(), 'null'] };

/** Whether it gives a list, or a page of one. */
const isMany = ({ type }: Field): boolean => {
  const bare = isNonNullType(type) ? type.ofType : type;
  const named = getNamedType(type);
  return isListType(bare) || (isObjectType(named) && ('nodes' in named.getFields() || 'edges' in named.getFields()));
};

/** The arguments of `@intent(name: …, effect: …)` on a field. */
const hintOf = (field: Field): unknown => {
  const directive = field.astNode?.directives?.find((node: DirectiveNode) => node.name.value === 'intent');
  return directive === undefined
    ? undefined
    : Object.fromEntries(
        (directive.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value)]),
      );
};

const some = (paths: readonly string[]): string =>
  paths.length <= 8 ? paths.join(', ') : `${paths.slice(0, 8).join(', ')} and ${paths.length - 8} more`;
