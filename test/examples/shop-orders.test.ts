import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startOrders } from '../../examples/shop/backends/orders.ts';

let server: Awaited<ReturnType<typeof startOrders>>;
beforeEach(async () => {
  server = await startOrders({ port: 0, now: () => new Date('2026-11-23T10:00:00Z') });
});
afterEach(() => server.close());

const send = async (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown) => {
  const { statusCode, body: answer } = await request(server.url + path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  return { status: statusCode, body: (await answer.json()) as Record<string, unknown> };
};

describe('reading', () => {
  test('an order says who, what, how much and how far', async () => {
    expect(await send('GET', '/orders/A-1001')).toEqual({
      status: 200,
      body: {
        id: 'A-1001',
        status: 'delivered',
        customer: 'Jo Meier',
        email: 'jo.meier@example.org',
        placed_at: '2026-11-02T09:14:00Z',
        items: [{ sku: 'LMP-01', name: 'Desk lamp Arc', quantity: 2, price: 39.9 }],
        total: 79.8,
        refunded: 0,
        currency: 'EUR',
        notes: [],
      },
    });
  });

  test.each([
    { query: '', ids: 20 },
    { query: 'status=open', ids: ['A-1005', 'A-1010', 'A-1015'] },
    { query: 'email=JO.MEIER%40example.org', ids: ['A-1001', 'A-1002'] },
    { query: 'customer=novak', ids: ['A-1003', 'A-1009'] },
    { query: 'min_total=800', ids: ['A-1004', 'A-1015'] },
    { query: 'max_total=52&status=open', ids: ['A-1010'] },
    { query: 'placed_after=2026-11-22', ids: ['A-1005', 'A-1010', 'A-1015'] },
    { query: 'placed_before=2026-08-14', ids: ['A-1018'] },
    { query: 'placed_after=2026-11-22&limit=2', ids: ['A-1005', 'A-1010'], count: 3 },
  ])('search "$query"', async ({ query, ids, count }) => {
    const { status, body } = await send('GET', `/orders?${query}`);
    expect(status).toBe(200);
    const found = (body.orders as { id: string }[]).map(({ id }) => id);
    expect(body.count).toBe(count ?? (typeof ids === 'number' ? ids : ids.length));
    if (typeof ids !== 'number') expect(found).toEqual(ids);
  });
});

describe('refunds', () => {
  test('a refund persists and lowers what is left; the sum of all is never more than was paid', async () => {
    const first = await send('POST', '/orders/A-1001/refunds', { amount: 20.1, reason: 'damaged' });
    expect(first).toMatchObject({ status: 201, body: { refund_id: 'R-2005', amount: 20.1, left: 59.7 } });
    expect(await send('POST', '/orders/A-1001/refunds', { amount: 59.71 })).toMatchObject({
      status: 409,
      body: { error: 'conflict', message: 'Only 59.7 EUR are left to refund of order A-1001.' },
    });
    expect(await send('POST', '/orders/A-1001/refunds', {})).toMatchObject({ status: 201, body: { amount: 59.7 } });
    expect((await send('GET', '/orders/A-1001')).body.refunded).toBe(79.8);
    expect((await send('GET', '/orders/A-1001/refunds')).body.refunds).toHaveLength(2);
    expect((await send('POST', '/orders/A-1001/refunds', {})).status).toBe(409);
  });

  test('a pending refund can be taken back, once, and can then be made again', async () => {
    await send('POST', '/orders/A-1002/refunds', {});
    expect(await send('DELETE', '/refunds/R-2005')).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect((await send('DELETE', '/refunds/R-2005')).status).toBe(409);
    expect(await send('POST', '/orders/A-1002/refunds', {})).toMatchObject({
      status: 201,
      body: { refund_id: 'R-2006', amount: 50 },
    });
  });

  test.each([
    { name: 'a paid refund', id: 'R-2002', status: 409 },
    { name: 'the refund of a cancelled order', id: 'R-2003', status: 409 },
    { name: 'a refund that is not there', id: 'R-9999', status: 404 },
  ])('$name cannot be taken back', async ({ id, status }) =>
    expect((await send('DELETE', `/refunds/${id}`)).status).toBe(status),
  );

  test.each([
    { name: 'more than 200 euros without a sum', order: 'A-1004', body: {}, status: 422 },
    { name: 'another currency', order: 'A-1001', body: { amount: 5, currency: 'USD' }, status: 422 },
    { name: 'nothing', order: 'A-1001', body: { amount: 0 }, status: 422 },
    { name: 'half a cent', order: 'A-1001', body: { amount: 1.005 }, status: 422 },
    { name: 'an unknown reason', order: 'A-1001', body: { reason: 'whim' }, status: 422 },
    { name: 'an unknown member', order: 'A-1001', body: { sum: 5 }, status: 422 },
    { name: 'a cancelled order', order: 'A-1008', body: {}, status: 409 },
    { name: 'an order that is not there', order: 'A-9999', body: {}, status: 404 },
  ])('refused: $name', async ({ order, body, status }) => {
    const refused = await send('POST', `/orders/${order}/refunds`, body);
    expect(refused.status).toBe(status);
    expect(refused.body).toEqual({ error: expect.any(String), message: expect.any(String) });
  });
});

describe('changes', () => {
  test('an open order can be cancelled and its money goes back', async () => {
    expect(await send('POST', '/orders/A-1005/cancel', {})).toMatchObject({
      status: 200,
      body: { status: 'cancelled', refunded: 53.8 },
    });
    expect((await send('GET', '/orders/A-1005')).body).toMatchObject({ status: 'cancelled', refunded: 53.8 });
    expect((await send('POST', '/orders/A-1005/cancel')).status).toBe(409);
  });

  test.each(['A-1003', 'A-1001', 'A-1008'])('%s is on its way, there or cancelled, and stays so', async (id) =>
    expect((await send('POST', `/orders/${id}/cancel`)).status).toBe(409),
  );

  test('a status moves one step at a time', async () => {
    expect((await send('PUT', '/orders/A-1005/status', { status: 'shipped' })).body).toEqual({
      error: 'conflict',
      message: 'Order A-1005 is open; the next step is packed.',
    });
    expect((await send('PUT', '/orders/A-1005/status', { status: 'packed' })).status).toBe(200);
    expect((await send('PUT', '/orders/A-1005/status', { status: 'shipped' })).status).toBe(200);
    expect((await send('PUT', '/orders/A-1001/status', { status: 'cancelled' })).status).toBe(409);
  });

  test('notes and e-mail addresses are kept', async () => {
    expect((await send('POST', '/orders/A-1001/notes', { text: 'Called back.' })).status).toBe(201);
    expect((await send('PATCH', '/orders/A-1001', { email: 'jo@example.net' })).status).toBe(200);
    expect((await send('GET', '/orders/A-1001')).body).toMatchObject({
      email: 'jo@example.net',
      notes: [{ text: 'Called back.', at: '2026-11-23T10:00:00.000Z' }],
    });
    expect((await send('PATCH', '/orders/A-1001', { email: 'not an address' })).status).toBe(422);
  });

  test('a customer is erased only when nothing is under way, and then is gone', async () => {
    const busy = await send('DELETE', '/customers/mira.novak%40example.org');
    expect(busy).toMatchObject({ status: 409, body: { message: expect.stringContaining('A-1003') } });
    expect(await send('DELETE', '/customers/lea%40example.org')).toEqual({
      status: 200,
      body: { orders: ['A-1007', 'A-1016'] },
    });
    expect((await send('GET', '/orders/A-1007')).body).toMatchObject({ customer: null, email: null });
    expect((await send('DELETE', '/customers/lea%40example.org')).status).toBe(404);
  });
});

test.each(['/orders/A-9999', '/orders/A-9999/refunds', '/nothing'])('%s is 404 with JSON', async (path) =>
  expect(await send('GET', path)).toMatchObject({ status: 404, body: { error: 'not-found' } }),
);

test('each server starts from the same data', async () => {
  await send('POST', '/orders/A-1001/refunds', {});
  const other = await startOrders({ port: 0 });
  const { body } = await request(`${other.url}/orders/A-1001`);
  expect(await body.json()).toMatchObject({ refunded: 0 });
  await other.close();
});
