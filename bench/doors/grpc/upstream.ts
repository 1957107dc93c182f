// The upstream of every target: a gRPC service that answers one order, whatever is asked, and describes itself.
import { Server, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';

const loaded = loadSync(new URL('./order.proto', import.meta.url).pathname, { keepCase: true });
const service = loaded['bench.v1.Orders'] as ServiceDefinition;
const order = {
  id: 'A-1001',
  status: 'shipped',
  customer: { name: 'Ada Lovelace', email: 'ada@example.com' },
  total: 129.9,
  currency: 'EUR',
  items: [
    { sku: 'JKT-BLUE-M', quantity: 1, price: 99.9 },
    { sku: 'SCK-GREY-L', quantity: 3, price: 10 },
    { sku: 'BTN-00000001', quantity: 12, price: 0.25 },
  ],
};
const bytes = service.Get?.responseSerialize(order as never);
const server = new Server();
server.addService({ Get: { ...service.Get, responseSerialize: () => bytes } } as unknown as ServiceDefinition, {
  Get: (_call: unknown, reply: (error: null, value: object) => void) => reply(null, order),
});
new ReflectionService(loaded).addToServer(server);
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  process.send?.({ url: `127.0.0.1:${port}` });
});

// Ends with the run that started it.
process.once('disconnect', () => process.exit());
