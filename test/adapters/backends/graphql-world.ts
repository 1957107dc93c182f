import fastify from 'fastify';
import { buildSchema, GraphQLError, graphql } from 'graphql';
import { graphqlBackend } from '../../../adapters/backends/graphql.ts';
import type { Kind } from './contract.ts';
import { listen, misbehave, options } from './rest-world.ts';

const schema = buildSchema(`
  type Echo { said: String! }
  input Line { sku: ID!, quantity: Int }
  type Order { id: ID!, status: String, lines: [String] }
  type Query { echo(say: String!): Echo, order(id: ID!): Order, strict(id: ID!): Order! }
  type Mutation { place(lines: [Line!]!, note: String): Order }
`);

const coded = (code: string, headers: unknown) => new GraphQLError(`Said ${code}.`, { extensions: { code, headers } });
const codes: Readonly<Record<string, string>> = {
  missing: 'NOT_FOUND',
  taken: 'CONFLICT',
  wrong: 'BAD_USER_INPUT',
  forbidden: 'FORBIDDEN',
  broken: 'INTERNAL_SERVER_ERROR',
};

const rootValue = {
  echo: ({ say }: { say: string }, { headers }: { headers: unknown }) => {
    if (codes[say] !== undefined) throw coded(codes[say], headers);
    return { said: say };
  },
  order: ({ id }: { id: string }) => (id === 'none' ? null : { id, status: broken(id), lines: ['a'] }),
  strict: () => null,
  place: ({ lines, note }: { lines: { sku: string }[]; note?: string }) => ({
    id: 'A-1',
    status: note,
    lines: lines.map(({ sku }) => sku),
  }),
};
const broken = (id: string) => () => {
  if (id === 'partial') throw coded('INTERNAL_SERVER_ERROR', {});
  return 'open';
};

/** A GraphQL server that executes for real, and answers below GraphQL where it is asked to. */
export const startGraphql = async () => {
  const app = fastify({ forceCloseConnections: true });
  let received: Readonly<Record<string, unknown>> = {};
  app.post<{ Body: { query: string; operationName?: string; variables: { say?: string } } }>(
    '/graphql',
    async (request, reply) => {
      received = request.headers;
      const { query: source, variables: variableValues, operationName } = request.body;
      const say = variableValues?.say ?? '';
      if (codes[say] === undefined && misbehave(say, reply, request.headers)) return reply;
      return graphql({
        schema,
        rootValue,
        source,
        variableValues,
        operationName: operationName ?? null,
        contextValue: { headers: request.headers },
      });
    },
  );
  const { origin, openSockets, stop } = await listen(app);
  const backend = graphqlBackend(options(`${origin}/graphql?tenant=a`));
  return {
    backend,
    origin,
    received: () => received,
    openSockets,
    stop: async () => {
      await stop();
      await backend.close();
    },
  };
};

export const graphqlKind: Kind = {
  kind: 'GraphQL',
  nowhere: (port) => graphqlBackend(options(`http://127.0.0.1:${port}/graphql`)),
  start: async () => ({
    ...(await startGraphql()),
    binding: { kind: 'graphql', backend: 'echo', document: 'query echo($say: String!) { echo(say: $say) { said } }' },
  }),
};
