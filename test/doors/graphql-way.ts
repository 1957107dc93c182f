import { isDeepStrictEqual } from 'node:util';
import { buildSchema, coerceInputValue, type GraphQLField } from 'graphql';
import type { Catalogue } from '../../intents/catalogue.ts';
import { isObject } from '../../intents/json.ts';
import { toGraphql } from '../../intents/project/graphql.ts';
import type { GraphqlField, GraphqlObject, GraphqlRoot, GraphqlType } from '../../intents/project/graphql-model.ts';
import { servedSdl } from '../../intents/project/graphql-text.ts';
import { inputOf } from '../../intents/project/graphql-values.ts';
import { viewOf } from '../../intents/project/graphql-view.ts';
import type { Answer } from '../gateway/start-shop.ts';
import type { Call } from './random-calls.ts';
import { answered, problemOf, type Told, type Way } from './ways.ts';

type Values = Readonly<Record<string, unknown>>;

/** Over GraphQL: a field each, its arguments as variables, everything selected that the contract has. */
export const graphqlWay = (url: string, catalogue: Catalogue): Way => {
  const model = toGraphql(catalogue);
  const schema = buildSchema(servedSdl(viewOf(model, () => true)), { assumeValidSDL: true });
  const post = async (query: string, variables: Values, { key, purpose }: Call) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        accept: 'application/graphql-response+json',
        ...(purpose !== undefined && { 'ostiary-purpose': purpose }),
      },
      body: JSON.stringify({ query, variables }),
    });
    const body = (await response.json()) as Answer;
    const [error] = body.errors ?? [];
    return { body, error, request: String(response.headers.get('ostiary-request-id')) };
  };
  return {
    name: 'GraphQL',
    async go(call) {
      const root = model.roots.find(
        ({ intent: { name, id }, major }) => call.intent === id || (major === undefined && call.intent === name),
      );
      if (root === undefined) return undefined;
      const variables = toVariables(root, call.input);
      if (variables === undefined) return undefined;
      const write = root.intent.effect !== 'read';
      const field = (write ? schema.getMutationType() : schema.getQueryType())?.getFields()[root.name];
      if (field === undefined) throw new Error(`there is no ${root.name}`);
      const taken = coerced(variables, field);
      // GraphQL's own rules make another value of it: that is another call.
      if (taken !== undefined && !isDeepStrictEqual(inputOf(root, taken), call.input)) return undefined;
      const first = await post(documentOf(root, field, Object.keys(variables)), variables, call);
      const { error, request } = first;
      if (error === undefined)
        return { told: [{ kind: 'output', output: outputOf(root.type, first.body.data.it) }], requests: [request] };
      const told = problemOf(error.extensions);
      if (error.path === undefined)
        return { told: [told], requests: [request], unread: taken === undefined ? 'value' : 'name' };
      if (told.kind !== 'confirm') return { told: [told], requests: [request] };
      const second = await post(
        'mutation ($id: ID!, $confirm: Boolean!) { it: confirm(id: $id, confirm: $confirm) { outcome output } }',
        { id: error.extensions.confirmation.id, confirm: call.yes },
        call,
      );
      const end: Told =
        second.error === undefined ? answered(true, second.body.data.it) : problemOf(second.error.extensions);
      return { told: [told, end], requests: [request, second.request] };
    },
    close: () => {},
  };
};

/** @returns undefined where one of them is not taken */
const coerced = (variables: Values, field: GraphQLField<unknown, unknown>): Values | undefined => {
  const taken: Record<string, unknown> = {};
  for (const { name, type } of field.args) {
    const value = coerceInputValue(variables[name], type);
    if (value === undefined && (variables[name] !== undefined || String(type).endsWith('!'))) return undefined;
    if (value !== undefined) taken[name] = value;
  }
  return taken;
};

/** @returns undefined where there is no argument for something */
const toVariables = (root: GraphqlRoot, input: Values): Values | undefined =>
  root.whole ? { input } : toFields(root.args, input);

const toFields = (fields: readonly GraphqlField[], given: Values): Values | undefined => {
  const made: Record<string, unknown> = {};
  for (const [property, value] of Object.entries(given)) {
    const field = fields.find((one) => one.property === property);
    const inner = field && toArgument(field.type, value);
    if (field === undefined || inner === undefined) return undefined;
    made[field.name] = inner;
  }
  return made;
};

const toArgument = (type: GraphqlType, value: unknown): unknown => {
  switch (type.kind) {
    case 'list': {
      if (!Array.isArray(value)) return value;
      const items = value.map((item) => toArgument(type.of, item));
      return items.includes(undefined) ? undefined : items;
    }
    case 'enum':
      return type.of.values.find((one) => one.value === value)?.name ?? value;
    case 'input': {
      if (!isObject(value)) return value;
      if (!type.of.oneof) return toFields(type.of.fields, value);
      for (const field of type.of.fields) {
        const inner = toArgument(field.type, value);
        if (inner !== undefined) return { [field.name]: inner };
      }
      return undefined;
    }
    default:
      return value;
  }
};

const documentOf = (
  { name, type, intent }: GraphqlRoot,
  field: GraphQLField<unknown, unknown>,
  given: readonly string[],
) => {
  const args = field.args.filter((one) => given.includes(one.name) || String(one.type).endsWith('!'));
  const head = args.map((one) => `$${one.name}: ${one.type}`).join(', ');
  const inner = args.map((one) => `${one.name}: $${one.name}`).join(', ');
  const written = args.length === 0 ? ['', ''] : [`(${head})`, `(${inner})`];
  return `${intent.effect === 'read' ? 'query' : 'mutation'} ${written[0]} { it: ${name}${written[1]} ${selection(type)} }`;
};

/** Of a union each member has names of its own, since a field of one name must be of one type. */
const aliasOf = (object: GraphqlObject, { name }: GraphqlField) => `${object.name}_${name}`;
const own = ({ fields }: GraphqlObject) => fields.filter(({ join }) => join === undefined);

const selection = (type: GraphqlType): string => {
  switch (type.kind) {
    case 'list':
      return selection(type.of);
    case 'object':
      return `{ __typename ${own(type.of)
        .map((field) => `${field.name} ${selection(field.type)}`)
        .join(' ')} }`;
    case 'union':
      return `{ __typename ${type.of.members
        .map(
          ({ object }) =>
            `... on ${object.name} { ${own(object)
              .map((field) => `${aliasOf(object, field)}: ${field.name} ${selection(field.type)}`)
              .join(' ')} }`,
        )
        .join(' ')} }`;
    default:
      return '';
  }
};

const outputOf = (type: GraphqlType, value: unknown): unknown => {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case 'list':
      return (value as unknown[]).map((item) => outputOf(type.of, item));
    case 'enum':
      return type.of.values.find(({ name }) => name === value)?.value;
    case 'object':
      return membersOf(type.of, value as Values, ({ name }) => name);
    case 'union': {
      const { __typename: name } = value as { __typename: string };
      const object = type.of.members.find((one) => one.object.name === name)?.object;
      if (object === undefined) throw new Error(`${name} is none of ${type.of.name}`);
      return membersOf(object, value as Values, (field) => aliasOf(object, field));
    }
    default:
      return value;
  }
};

const membersOf = (object: GraphqlObject, value: Values, nameOf: (field: GraphqlField) => string) =>
  Object.fromEntries(own(object).map((field) => [field.property, outputOf(field.type, value[nameOf(field)])]));
