import { buildASTSchema, type DocumentNode, type GraphQLError, type GraphQLSchema, parse } from 'graphql';
import { LRUCache } from 'lru-cache';
import { toGraphql } from '../../intents/project/graphql.ts';
import type { GraphqlModel } from '../../intents/project/graphql-model.ts';
import { graphqlSdl, servedSdl } from '../../intents/project/graphql-text.ts';
import { type GraphqlView, viewOf } from '../../intents/project/graphql-view.ts';
import type { Principal } from '../../policies/types.ts';
import type { Gate } from '../gate.ts';
import { attachResolvers } from './graphql-resolvers.ts';

/** The schema of all who may call the same intents. */
export interface Served {
  readonly view: GraphqlView;
  readonly schema: GraphQLSchema;
  readonly sdl: string;
  /** Whether a field of a type is had by a call of its own. */
  readonly calls: (type: string, field: string) => boolean;
  /** What was made of documents before, by their text. */
  readonly documents: LRUCache<string, Read>;
}
/** A document as it was read and validated against a schema. */
export type Read = { readonly document: DocumentNode } | { readonly errors: readonly GraphQLError[] };

const mostViews = 64;
const mostDocuments = 500;

interface Kept {
  readonly model: GraphqlModel;
  readonly views: LRUCache<string, Served>;
}
const kept = new WeakMap<Gate, Kept>();

/** The schema as somebody sees it: of what `GET /v1/intents` lists for them. */
export const servedFor = (gate: Gate, principal: Principal): Served => {
  const { bundle, catalogue } = gate;
  let here = kept.get(gate);
  if (here === undefined) {
    here = { model: toGraphql(catalogue), views: new LRUCache({ max: mostViews }) };
    kept.set(gate, here);
  }
  const seen = catalogue.intents.filter((intent) => bundle.visibility(principal, intent) === 'callable');
  const key = seen.map(({ id }) => id).join('\n');
  let served = here.views.get(key);
  if (served === undefined) {
    const visible = new Set(seen);
    served = serve(
      viewOf(here.model, (intent) => visible.has(intent)),
      gate,
    );
    here.views.set(key, served);
  }
  return served;
};

const serve = (view: GraphqlView, { catalogue }: Gate): Served => {
  // What is projected is valid by construction; a test holds it to that.
  const schema = buildASTSchema(parse(servedSdl(view), { noLocation: true }), {
    assumeValidSDL: true,
    assumeValid: true,
  });
  attachResolvers(schema, view, catalogue.library);
  const calls = new Set([
    ...view.queries.map(({ name }) => `Query.${name}`),
    ...view.mutations.map(({ name }) => `Mutation.${name}`),
    ...['Mutation.ask', 'Mutation.confirm', 'Query._entities'],
    ...[...view.objects].flatMap(([{ name }, fields]) =>
      fields.flatMap((field) => (field.join === undefined ? [] : [`${name}.${field.name}`])),
    ),
  ]);
  return {
    view,
    schema,
    sdl: graphqlSdl(view),
    calls: (type, field) => calls.has(`${type}.${field}`),
    documents: new LRUCache({ max: mostDocuments }),
  };
};
