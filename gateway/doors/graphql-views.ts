import { hash } from 'node:crypto';
import { buildASTSchema, type DocumentNode, type GraphQLError, type GraphQLSchema, parse } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Intent } from '../../intents/contract.ts';
import type { OstiaryError } from '../../intents/problems.ts';
import { toGraphql } from '../../intents/project/graphql.ts';
import type { GraphqlModel } from '../../intents/project/graphql-model.ts';
import { graphqlSdl, servedSdl } from '../../intents/project/graphql-text.ts';
import { type GraphqlView, viewOf } from '../../intents/project/graphql-view.ts';
import type { SchemaLibrary } from '../../intents/schema-library.ts';
import type { Principal } from '../../policies/types.ts';
import type { Gate } from '../gate.ts';
import type { Planned } from './graphql-plan.ts';
import { attachResolvers } from './graphql-resolvers.ts';

/** The schema of all who may call the same intents. */
export interface Served {
  readonly view: GraphqlView;
  readonly schema: GraphQLSchema;
  /** As the subgraph writes it; made when a router asks for it. */
  readonly sdl: () => string;
  /** Whether a field of a type is had by a call of its own. */
  readonly calls: (type: string, field: string) => boolean;
  /** What was made of a document before. */
  known(query: string): Read | undefined;
  keep(query: string, read: Read): void;
}
/** A document as it was read and validated against a schema; which of its operations keep to the limits, and their plans. */
export type Read =
  | {
      readonly document: DocumentNode;
      readonly held: Map<string, OstiaryError | undefined>;
      readonly plans: Map<string, Planned>;
    }
  | { readonly errors: readonly GraphQLError[] };

const mostViews = 64;
/** Characters of all documents that are kept. What is made of them takes some fifty times as much memory. */
const mostText = 200_000;

interface Kept {
  readonly model: GraphqlModel;
  /** What somebody may call, or know of, as the name of a view: going through a thousand intents costs as much as a call. */
  readonly names: Readonly<Record<'callable' | 'known', WeakMap<Principal, string>>>;
  readonly views: LRUCache<string, Served>;
  readonly documents: LRUCache<string, Read>;
  made: number;
}
const ofGates = new WeakMap<Gate, Kept>();

/**
 * The schema as somebody sees it: of what `GET /v1/intents` lists for them.
 * @param known of all that they may know of, to be refused by name
 */
export const servedFor = (gate: Gate, principal: Principal, known = false): Served => {
  const { bundle, catalogue } = gate;
  let here = ofGates.get(gate);
  if (here === undefined) {
    const documents = new LRUCache<string, Read>({
      maxSize: mostText,
      maxEntrySize: mostText / 10,
      sizeCalculation: (_read, query) => query.length,
    });
    here = {
      model: toGraphql(catalogue),
      names: { callable: new WeakMap(), known: new WeakMap() },
      views: new LRUCache({ max: mostViews }),
      documents,
      made: 0,
    };
    ofGates.set(gate, here);
  }
  const names = here.names[known ? 'known' : 'callable'];
  const name = names.get(principal);
  const before = name === undefined ? undefined : here.views.get(name);
  if (before !== undefined) return before;
  const sees = (intent: Intent) => {
    const visibility = bundle.visibility(principal, intent);
    return known ? visibility !== 'hidden' : visibility === 'callable';
  };
  const seen = catalogue.intents.filter(sees);
  const key = hash('sha256', seen.map(({ id }) => id).join('\n'));
  names.set(principal, key);
  let served = here.views.get(key);
  if (served === undefined) {
    served = serve(viewOf(here.model, sees), gate, here);
    here.views.set(key, served);
  }
  return served;
};

const serve = (view: GraphqlView, { catalogue }: Gate, kept: Kept): Served => {
  const prefix = `${kept.made++} `;
  const schema = schemaOf(view, catalogue.library);
  const calls = new Set([
    ...view.queries.map(({ name }) => `Query.${name}`),
    ...view.mutations.map(({ name }) => `Mutation.${name}`),
    ...view.subscriptions.map(({ name }) => `Subscription.${name}`),
    ...['Mutation.ask', 'Mutation.confirm', 'Query._entities'],
    ...[...view.objects].flatMap(([{ name }, fields]) =>
      fields.flatMap((field) => (field.join === undefined ? [] : [`${name}.${field.name}`])),
    ),
  ]);
  let sdl: string | undefined;
  return {
    view,
    schema,
    sdl: () => {
      sdl ??= graphqlSdl(view);
      return sdl;
    },
    calls: (type, field) => calls.has(`${type}.${field}`),
    known: (query) => kept.documents.get(prefix + query),
    keep: (query, read) => void kept.documents.set(prefix + query, read),
  };
};

/** The schema of a view, with what its fields answer. */
export const schemaOf = (view: GraphqlView, library: SchemaLibrary): GraphQLSchema => {
  // What is projected is valid by construction; a test holds it to that.
  const schema = buildASTSchema(parse(servedSdl(view), { noLocation: true }), {
    assumeValidSDL: true,
    assumeValid: true,
  });
  attachResolvers(schema, view, library);
  return schema;
};
