// A peer: @fastify/http-proxy forwarding the same POST.
import proxy from '@fastify/http-proxy';
import fastify from 'fastify';

const app = fastify();
await app.register(proxy, { upstream: process.env.BENCH_UPSTREAM ?? '', undici: { connections: 128 } });
const url = await app.listen({ port: 0, host: '127.0.0.1' });
process.send?.({ url: `${url}/orders` });

// Ends with the run that started it.
process.once('disconnect', () => process.exit());
