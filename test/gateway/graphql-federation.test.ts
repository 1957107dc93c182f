import { composeServices } from '@theguild/federation-composition';
import fastify from 'fastify';
import { buildSchema, type GraphQLUnionType, graphql, parse } from 'graphql';
import { expect, onTestFinished, test } from 'vitest';
import { installed } from '../support/packages.ts';
import { startOrders } from './graphql-world.ts';

/** Another subgraph, which knows what customers have collected. */
const startPoints = async () => {
  const schema = buildSchema(`
    scalar _Any
    union _Entity = Customer
    type Customer { id: ID points: Int }
    type Query { best: [Customer] _entities(representations: [_Any!]!): [_Entity]! }
  `);
  (schema.getType('_Entity') as GraphQLUnionType).resolveType = () => 'Customer';
  const rootValue = {
    best: () => [{ id: 'C-2', points: 9 }],
    _entities: ({ representations }: { representations: { id: string }[] }) =>
      representations.map(({ id }) => ({ id, points: Number(id.slice(2)) })),
  };
  const app = fastify();
  app.post<{ Body: { query: string; variables?: Record<string, unknown> } }>('/', ({ body: { query, variables } }) =>
    graphql({ schema, source: query, variableValues: variables ?? null, rootValue }),
  );
  onTestFinished(() => app.close());
  return app.listen({ host: '127.0.0.1', port: 0 });
};
const points = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
  type Customer @key(fields: "id") { id: ID points: Int }
  type Query { best: [Customer] }
`;

// Its parts as far as they are used here.
interface Apollo {
  ApolloGateway: new (options: object) => object;
  RemoteGraphQLDataSource: new (options: object) => object;
}
interface Server {
  executeOperation(
    request: { query: string },
    options: { contextValue: object },
  ): Promise<{ body: { singleResult: { data?: unknown; errors?: { extensions: Record<string, unknown> }[] } } }>;
  stop(): Promise<void>;
}

test('behind a real router things of several subgraphs are one, and each caller is decided on', async (context) => {
  // It takes graphql 16, which cannot stand beside 17.
  const packages = await installed('@apollo/gateway', '2.14.4', {
    along: { '@apollo/server': '5.5.1', graphql: '16.11.0' },
  });
  if (!packages.ok) return context.skip(packages.reason);
  const world = {
    '/orders/A-1': { id: 'A-1', customer_id: 'C-1', status: 'open' },
    '/customers/C-1': { id: 'C-1', name: 'Ada' },
    '/customers/C-2': { id: 'C-2', name: 'Bo' },
  };
  const gateway = await startOrders(world);
  onTestFinished(() => gateway.stop());
  const told = await gateway.call('POST', '/graphql', { query: '{ _service { sdl } }' });
  const { supergraphSdl, errors } = composeServices([
    { name: 'intents', typeDefs: parse(told.body.data._service.sdl), url: `${gateway.url}/graphql` },
    { name: 'points', typeDefs: parse(points), url: await startPoints() },
  ]);
  expect(errors).toBeUndefined();

  const { ApolloGateway, RemoteGraphQLDataSource } = (await packages.load('@apollo/gateway')) as Apollo;
  const { ApolloServer } = (await packages.load('@apollo/server')) as { ApolloServer: new (options: object) => Server };
  const willSendRequest = (sent: {
    request: { http: { headers: Map<string, string> } };
    context: { authorization?: string };
  }) => sent.request.http.headers.set('authorization', sent.context.authorization ?? '');
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const router = new ApolloServer({
    logger,
    gateway: new ApolloGateway({
      supergraphSdl,
      logger,
      buildService: ({ url }: { url: string }) =>
        Object.assign(new RemoteGraphQLDataSource({ url }), { willSendRequest }),
    }),
  });
  onTestFinished(() => router.stop());
  const asks = async (query: string, key = 'writer') => {
    const contextValue = { authorization: `Bearer key-${key}` };
    return (await router.executeOperation({ query }, { contextValue })).body.singleResult;
  };

  const query = '{ best { id points name } orders_get(order_id: "A-1") { status customer { name points } } }';
  expect(JSON.parse(JSON.stringify((await asks(query)).data))).toEqual({
    best: [{ id: 'C-2', points: 9, name: 'Bo' }],
    orders_get: { status: 'open', customer: { name: 'Ada', points: 1 } },
  });
  // A reader may not see customers, whoever asks on their behalf.
  const refused = await asks(query, 'reader');
  expect(JSON.stringify(refused.data ?? null)).not.toContain('Bo');
  expect(refused.errors?.map(({ extensions }) => extensions.code)).toContain('request.invalid');
  const held = await asks('mutation { notes_wipe }');
  expect(held.errors).toMatchObject([
    { extensions: { code: 'confirm.required', confirmation: { text: expect.any(String) } } },
  ]);
}, 300_000);
