// The upstream of every target: one order, 278 bytes, whatever is asked.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const order = Buffer.from(
  JSON.stringify({
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
  }),
);
const server = createServer((request, response) => {
  request.resume();
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': order.length }).end(order);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () =>
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
);

// Ends with the run that started it.
process.once('disconnect', () => process.exit());
