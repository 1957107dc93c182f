import fastify, { type FastifyError } from 'fastify';
import { orderBook, type Search } from './order-book.ts';
import type { Reason, Status } from './orders-seed.ts';
import { ShopError } from './shop-error.ts';

const statusOf = { 'not-found': 404, conflict: 409, invalid: 422 } as const;
const statuses = ['open', 'packed', 'shipped', 'delivered', 'cancelled'];
const closed = (properties: Record<string, unknown>, ...required: string[]) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const text = { type: 'string', minLength: 1, maxLength: 500 };
const sum = { type: 'number', minimum: 0 };
const date = { type: 'string', format: 'date' };
const email = { type: 'string', format: 'email' };

const search = closed({
  status: { enum: statuses },
  customer: text,
  email,
  min_total: sum,
  max_total: sum,
  placed_after: date,
  placed_before: date,
  limit: { type: 'integer', minimum: 1, maximum: 50, default: 10 },
});
const refund = closed({
  amount: { type: 'number', exclusiveMinimum: 0 },
  currency: { type: 'string' },
  reason: { enum: ['customer-request', 'damaged', 'lost', 'wrong-item', 'fraud'], default: 'customer-request' },
});

type Id = { Params: { id: string } };

/**
 * Starts the orders of the shop: REST with JSON, kept in memory while it runs.
 * Failures are `{ "error": "conflict", "message": "…" }` with status 404, 409 or 422.
 * @param options `port` 0 takes a free one; `now` is the clock of what is recorded
 */
export const startOrders = async (options: {
  readonly port: number;
  readonly host?: '127.0.0.1';
  readonly now?: () => Date;
}): Promise<{ url: string; close(): Promise<void> }> => {
  const book = orderBook(options.now ?? (() => new Date()));
  // Unknown members are refused, not dropped: fastify would drop them in silence.
  const app = fastify({ forceCloseConnections: true, ajv: { customOptions: { removeAdditional: false } } });

  app.setErrorHandler((error: FastifyError | ShopError, _request, reply) => {
    if (error instanceof ShopError)
      return reply.code(statusOf[error.refusal]).send({ error: error.refusal, message: error.message });
    if (error.validation !== undefined) return reply.code(422).send({ error: 'invalid', message: error.message });
    return reply.code(error.statusCode ?? 500).send({ error: 'failed', message: error.message });
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: 'not-found', message: 'There is nothing at this address.' }),
  );

  app.get<{ Querystring: Search }>('/orders', { schema: { querystring: search } }, async ({ query }) =>
    book.search(query),
  );
  app.get<Id>('/orders/:id', async ({ params }) => book.get(params.id));
  app.patch<Id & { Body: { email: string } }>(
    '/orders/:id',
    { schema: { body: closed({ email }, 'email') } },
    async ({ params, body }) => book.changeEmail(params.id, body.email),
  );
  app.put<Id & { Body: { status: Status } }>(
    '/orders/:id/status',
    { schema: { body: closed({ status: { enum: statuses } }, 'status') } },
    async ({ params, body }) => book.setStatus(params.id, body.status),
  );
  app.post<Id & { Body: { text: string } }>(
    '/orders/:id/notes',
    { schema: { body: closed({ text }, 'text') } },
    async ({ params, body }, reply) => reply.code(201).send(book.addNote(params.id, body.text)),
  );
  app.post<Id>('/orders/:id/cancel', async ({ params }) => book.cancel(params.id));
  app.get<Id>('/orders/:id/refunds', async ({ params }) => book.refunds(params.id));
  app.post<Id & { Body: { amount?: number; currency?: string; reason: Reason } }>(
    '/orders/:id/refunds',
    { schema: { body: refund } },
    async ({ params, body }, reply) => reply.code(201).send(book.refund(params.id, body)),
  );
  app.delete<Id>('/refunds/:id', async ({ params }) => book.cancelRefund(params.id));
  app.delete<{ Params: { email: string } }>('/customers/:email', async ({ params }) =>
    book.eraseCustomer(params.email),
  );

  const url = await app.listen({ port: options.port, host: options.host ?? '127.0.0.1' });
  return { url, close: () => app.close() };
};
