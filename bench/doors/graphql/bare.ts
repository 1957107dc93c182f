// A peer: Fastify, graphql-http and a resolver by hand that calls the upstream with undici; nothing is checked or recorded.
import fastify from 'fastify';
import { buildSchema } from 'graphql';
import { createHandler } from 'graphql-http';
import { Pool } from 'undici';

const pool = new Pool(process.env.BENCH_UPSTREAM ?? '', { connections: 128 });
const schema = buildSchema(`
  type Query { orders_get(order_id: String!): Order }
  type Order { id: String status: String customer: Customer total: Float currency: String items: [Item] }
  type Customer { name: String email: String }
  type Item { sku: String quantity: Int price: Float }
`);
const rootValue = {
  async orders_get({ order_id: id }: { order_id: string }) {
    const { body } = await pool.request({ method: 'GET', path: `/orders/${encodeURIComponent(id)}` });
    return body.json();
  },
};
const handler = createHandler({ schema, rootValue });
const app = fastify();
app.post('/graphql', async (request, reply) => {
  const [text, { status, headers = {} }] = await handler({
    method: 'POST',
    url: request.url,
    headers: request.headers,
    body: request.body as Record<string, unknown>,
    raw: request,
    context: undefined,
  });
  return reply.code(status).headers(headers).send(text);
});
process.send?.({ url: `${await app.listen({ port: 0, host: '127.0.0.1' })}/graphql` });

// Ends with the run that started it.
process.once('disconnect', () => process.exit());
