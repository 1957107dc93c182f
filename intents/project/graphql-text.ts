import { parse, print } from 'graphql';
import type { Json } from '../json.ts';
import { deprecationText } from './deprecation-text.ts';
import type { GraphqlEnum, GraphqlField, GraphqlInput, GraphqlRoot, GraphqlType } from './graphql-model.ts';
import { ownScalars } from './graphql-scalars.ts';
import type { GraphqlView } from './graphql-view.ts';

/** Names of types that are there whatever the contracts are. */
export const fixedTypes = [
  ...['Query', 'Mutation', 'Subscription', 'String', 'ID', 'Int', 'Float', 'Boolean'],
  ...['Answer', 'Confirmation', '_Any', '_Entity', '_Service', 'FieldSet'],
];

/** Said above a subgraph. Source: Apollo Federation, https://specs.apollo.dev/federation/v2.3. */
const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])';

/** `ask` and `confirm`, whose types are the same for everybody. */
const conversation = {
  mutations: `
    "Understands one request in plain words and carries it out, asks back, or says that it cannot be asked here."
    ask(
      text: String!
      "Values that are already known, by name."
      input: JSON
      "From the answer to an earlier ask, to go on with it."
      session: String
    ): Answer!
    "Says yes or no to what waits for it."
    confirm(id: ID!, confirm: Boolean!): Answer!`,
  types: `
    "What became of a request in words, or of a confirmation."
    type Answer {
      "completed, clarify, confirm, approved, declined or out_of_scope."
      outcome: String!
      "By which the record of it is found."
      request: ID!
      message: String
      intent: String
      version: String
      via: String
      confidence: Float
      "What was understood."
      input: JSON
      "Where each value came from."
      provenance: JSON
      output: JSON
      "To be sent along with the next ask."
      session: String
      "Members that are asked for."
      fields: JSON
      "What is known already."
      known: JSON
      "Values to choose from."
      options: JSON
      "Intents it may mean."
      candidates: JSON
      "Requests that stood in one text."
      parts: JSON
      "What can be asked here."
      can_ask: JSON
      confirmation: Confirmation
    }
    "What waits for a yes."
    type Confirmation {
      id: ID!
      expires_at: DateTime!
      "What a proof of possession signs, where one is wanted."
      plan: String
      "Whose yes it needs, where it is not the caller's own."
      by: String
      "What will be done, value by value."
      values: JSON!
    }`,
};

/** What a subgraph answers to its router. Source: https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/subgraph-spec. */
const service = {
  field: '_service: _Service!',
  types: 'type _Service { sdl: String! }',
  entities: '_entities(representations: [_Any!]!): [_Entity]!',
};

/** The schema as a subgraph writes it: what a router composes, and a person reads. */
export const graphqlSdl = (view: GraphqlView): string =>
  print(parse(`${link}\n${bodyOf(view, view.queries.length === 0 ? [] : [''])}`, { noLocation: true }));

/** The schema that is served: with what a router asks a subgraph for. */
export const servedSdl = (view: GraphqlView): string => {
  const entities = view.entities.map(({ object }) => object.name);
  const any = entities.length === 0 ? '' : `scalar _Any\nunion _Entity = ${entities.join(' | ')}`;
  const fields = [service.field, ...(entities.length === 0 ? [] : [service.entities])];
  return `${bodyOf(view, fields)}\n${service.types}\n${any}`;
};

/** @param more fields of `Query`; none, and no intent that reads: there is no `Query` */
const bodyOf = (view: GraphqlView, more: readonly string[]): string => {
  const { queries, mutations, subscriptions, entities, objects, inputs, enums, unions, scalars } = view;
  const keys = new Map(entities.map(({ object, key }) => [object, ` @key(fields: "${key.name}")`]));
  const own = Object.entries(ownScalars).filter(
    ([name]) => name === 'JSON' || name === 'DateTime' || scalars.has(name as never),
  );
  return [
    ...(more.length === 0 ? [] : [`type Query {\n${[...queries.map(rootText), ...more].join('\n')}\n}`]),
    `type Mutation {\n${[...mutations.map(rootText), conversation.mutations].join('\n')}\n}`,
    ...(subscriptions.length === 0 ? [] : [`type Subscription {\n${subscriptions.map(rootText).join('\n')}\n}`]),
    ...byName(objects.keys()).map(
      (object) =>
        `${describe(object.description)}type ${object.name}${keys.get(object) ?? ''} {\n${(objects.get(object) ?? []).map(fieldText).join('\n')}\n}`,
    ),
    ...byName(unions).map(
      ({ name, description, members }) =>
        `${describe(description)}union ${name} = ${[...new Set(members.map(({ object }) => object.name))].join(' | ')}`,
    ),
    ...byName(inputs).map(inputText),
    ...byName(enums).map(enumText),
    conversation.types,
    ...own.map(
      ([name, { description, url }]) =>
        `${describe(description)}scalar ${name}${url === undefined ? '' : ` @specifiedBy(url: ${JSON.stringify(url)})`}`,
    ),
  ].join('\n\n');
};

const byName = <T extends { readonly name: string }>(some: Iterable<T>): T[] =>
  [...some].sort((a, b) => (a.name < b.name ? -1 : 1));

const rootText = ({ name, intent, args, type }: GraphqlRoot): string => {
  const about = [
    intent.description || intent.title,
    intent.effect === 'destructive' ? 'This cannot be taken back.' : '',
  ]
    .filter((part) => part !== '')
    .join('\n');
  const list = args.length === 0 ? '' : `(\n${args.map(inputFieldText).join('\n')}\n)`;
  const gone = intent.deprecated && ` @deprecated(reason: ${JSON.stringify(deprecationText(intent.deprecated))})`;
  return `${describe(about)}${name}${list}: ${typeText(type)}${gone ?? ''}`;
};

const fieldText = ({ name, type, description, deprecated }: GraphqlField): string =>
  `${describe(description)}${name}: ${typeText(type)}${deprecated ? ' @deprecated' : ''}`;

const inputFieldText = ({ name, type, description, required, deprecated }: GraphqlField): string =>
  `${describe(description)}${name}: ${typeText(type)}${required ? '!' : ''}${deprecated && !required ? ' @deprecated' : ''}`;

const inputText = ({ name, description, fields, oneof }: GraphqlInput): string =>
  `${describe(description)}input ${name}${oneof ? ' @oneOf' : ''} {\n${fields.map(inputFieldText).join('\n')}\n}`;

const enumText = ({ name, description, values }: GraphqlEnum): string =>
  `${describe(description)}enum ${name} {\n${values
    .map((value) => `${describe(value.name === value.value ? '' : stands(value.value))}${value.name}`)
    .join('\n')}\n}`;

const stands = (value: Json): string => `Stands for ${JSON.stringify(value)}.`;

const typeText = (type: GraphqlType): string => {
  switch (type.kind) {
    case 'scalar':
      return type.name;
    case 'list':
      return `[${typeText(type.of)}${type.nulls ? '' : '!'}]`;
    default:
      return type.of.name;
  }
};

/** As a string in quotes: what stands in it is escaped like in JSON (GraphQL, September 2025, section 2.9.4). */
const describe = (text: string): string => (text === '' ? '' : `${JSON.stringify(text.toWellFormed())}\n`);
