// A peer: what the same work costs by hand. A bare Fastify route that parses the body and calls the upstream with undici.
import fastify from 'fastify';
import { Pool } from 'undici';

const pool = new Pool(process.env.BENCH_UPSTREAM ?? '', { connections: 128 });
const app = fastify();
app.post('/orders', async (request, reply) => {
  const { order_id } = request.body as { order_id: string };
  const { body } = await pool.request({ method: 'GET', path: `/orders/${encodeURIComponent(order_id)}` });
  return reply.type('application/json').send(await body.text());
});
const url = await app.listen({ port: 0, host: '127.0.0.1' });
process.send?.({ url: `${url}/orders` });

// Ends with the run that started it.
process.once('disconnect', () => process.exit());
