import { createServer } from 'node:net';
import { request } from 'undici';
import { expect, test } from 'vitest';
import { startShop } from '../../examples/shop/start.ts';

test('the whole shop starts on free ports and stops', async () => {
  const shop = await startShop({ ports: { orders: 0, catalogue: 0, shipping: 0 } });
  expect((await request(`${shop.orders}/orders/A-1001`)).statusCode).toBe(200);
  expect(shop.catalogue).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/graphql$/);
  expect(shop.shipping).toMatch(/^127\.0\.0\.1:\d+$/);
  await shop.close();
  await expect(request(`${shop.orders}/orders/A-1001`)).rejects.toThrow();
});

test('a taken port starts nothing and leaves nothing behind', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as { port: number };
  await expect(startShop({ ports: { orders: 0, catalogue: port, shipping: 0 } })).rejects.toThrow(/EADDRINUSE/);
  await expect(startShop({ ports: { orders: 0, catalogue: 0, shipping: port } })).rejects.toThrow();
  await new Promise((resolve) => taken.close(resolve));
});
