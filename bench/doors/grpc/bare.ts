// A peer: what the same work costs by hand. A bare Fastify route in front of grpc-js with proto-loader's codec.
import { Client, credentials, type MethodDefinition, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import fastify from 'fastify';

interface Get {
  readonly order_id: string;
}
const loaded = loadSync(new URL('./order.proto', import.meta.url).pathname, { keepCase: true, defaults: true });
const { Get } = loaded['bench.v1.Orders'] as ServiceDefinition;
const { path, requestSerialize, responseDeserialize } = Get as unknown as MethodDefinition<Get, object>;
const client = new Client(process.env.BENCH_UPSTREAM ?? '', credentials.createInsecure());
const app = fastify();
app.post('/orders', (request) => {
  const { order_id } = request.body as Get;
  return new Promise((resolve, reject) =>
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { order_id }, (error, value) =>
      error === null ? resolve(value) : reject(error),
    ),
  );
});
const url = await app.listen({ port: 0, host: '127.0.0.1' });
process.send?.({ url: `${url}/orders` });

// Ends with the run that started it.
process.once('disconnect', () => process.exit());
