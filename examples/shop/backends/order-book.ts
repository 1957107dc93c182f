import { type Order, type Reason, type Refund, type Status, seedOrders, seedRefunds } from './orders-seed.ts';
import { ShopError } from './shop-error.ts';

/** More than this is not given back without somebody saying the sum, so that a slip costs 200 euros at most. In cents. */
const wholeRefundLimit = 20_000;
const currency = 'EUR';
const next: Partial<Record<Status, Status>> = { open: 'packed', packed: 'shipped', shipped: 'delivered' };

export interface Search {
  readonly status?: Status;
  readonly customer?: string;
  readonly email?: string;
  readonly min_total?: number;
  readonly max_total?: number;
  readonly placed_after?: string;
  readonly placed_before?: string;
  readonly limit: number;
}

export type OrderBook = ReturnType<typeof orderBook>;

/**
 * Orders and refunds in memory, with the rules of the shop. Sums go in and out in euros and are kept in cents.
 * @param now the clock, handed in so that a test can hold it
 */
export const orderBook = (now: () => Date) => {
  const orders = new Map(seedOrders().map((order) => [order.id, order]));
  const refunds = new Map(seedRefunds().map((refund) => [refund.id, refund]));

  const find = (id: string): Order => {
    const order = orders.get(id);
    if (order === undefined) throw new ShopError('not-found', `There is no order ${id}.`);
    return order;
  };
  const refundsOf = (order: Order) => [...refunds.values()].filter(({ orderId }) => orderId === order.id);
  const refunded = (order: Order) =>
    refundsOf(order).reduce((sum, { amount, status }) => (status === 'cancelled' ? sum : sum + amount), 0);
  const view = (order: Order) => ({
    id: order.id,
    status: order.status,
    customer: order.customer,
    email: order.email,
    placed_at: order.placedAt,
    items: order.items.map((item) => ({ ...item, price: euros(item.price) })),
    total: euros(totalOf(order)),
    refunded: euros(refunded(order)),
    currency,
    notes: order.notes,
  });
  const giveBack = (order: Order, amount: number, reason: Reason) => {
    const id = `R-${2001 + refunds.size}`;
    const refund: Refund = { id, orderId: order.id, amount, reason, at: now().toISOString(), status: 'pending' };
    refunds.set(id, refund);
    return refund;
  };

  return {
    get: (id: string) => view(find(id)),

    search({ limit, ...wanted }: Search) {
      const found = [...orders.values()].filter((order) => matches(order, wanted));
      return {
        count: found.length,
        orders: found.slice(0, limit).map((order) => {
          const { items: _items, notes: _notes, ...summary } = view(order);
          return summary;
        }),
      };
    },

    refund(id: string, asked: { amount?: number; currency?: string; reason: Reason }) {
      const order = find(id);
      if (order.status === 'cancelled')
        throw new ShopError('conflict', `Order ${id} is cancelled; its money has gone back already.`);
      if (asked.currency !== undefined && asked.currency !== currency)
        throw new ShopError('invalid', `Order ${id} was paid in ${currency} and is refunded in ${currency}.`);
      const left = totalOf(order) - refunded(order);
      if (left === 0) throw new ShopError('conflict', `Order ${id} has been refunded in full.`);
      const amount = asked.amount === undefined ? left : cents(asked.amount);
      if (asked.amount === undefined && left > wholeRefundLimit)
        throw new ShopError('invalid', `${euros(left)} ${currency} are left of order ${id}: say how much to refund.`);
      if (amount > left)
        throw new ShopError('conflict', `Only ${euros(left)} ${currency} are left to refund of order ${id}.`);
      const refund = giveBack(order, amount, asked.reason);
      return { ...refundView(refund), left: euros(left - amount), email: order.email };
    },

    refunds: (id: string) => ({ order_id: id, refunds: refundsOf(find(id)).map(refundView) }),

    cancelRefund(id: string) {
      const refund = refunds.get(id);
      if (refund === undefined) throw new ShopError('not-found', `There is no refund ${id}.`);
      if (refund.status !== 'pending') throw new ShopError('conflict', `Refund ${id} is ${refund.status} already.`);
      if (refund.reason === 'order-cancelled')
        throw new ShopError('conflict', `Refund ${id} belongs to a cancelled order and stands.`);
      refund.status = 'cancelled';
      return refundView(refund);
    },

    cancel(id: string) {
      const order = find(id);
      if (order.status !== 'open' && order.status !== 'packed')
        throw new ShopError('conflict', `Order ${id} is ${order.status} and can no longer be cancelled.`);
      const left = totalOf(order) - refunded(order);
      order.status = 'cancelled';
      if (left > 0) giveBack(order, left, 'order-cancelled');
      return { id, status: order.status, refunded: euros(refunded(order)), currency };
    },

    addNote(id: string, text: string) {
      const { notes } = find(id);
      notes.push({ text, at: now().toISOString() });
      return { id, notes };
    },

    setStatus(id: string, status: Status) {
      const order = find(id);
      const following = next[order.status];
      if (following !== status) {
        const then = following === undefined ? 'nothing comes after that' : `the next step is ${following}`;
        throw new ShopError('conflict', `Order ${id} is ${order.status}; ${then}.`);
      }
      order.status = status;
      return { id, status };
    },

    changeEmail(id: string, email: string) {
      const order = find(id);
      if (order.email === null) throw new ShopError('conflict', `The customer of order ${id} has been erased.`);
      order.email = email;
      return { id, email };
    },

    eraseCustomer(email: string) {
      const own = [...orders.values()].filter((order) => sameMail(order.email, email));
      if (own.length === 0) throw new ShopError('not-found', 'There is no customer with that e-mail address.');
      const busy = own.filter(({ status }) => next[status] !== undefined).map(({ id }) => id);
      if (busy.length > 0)
        throw new ShopError('conflict', `Still under way: ${busy.join(', ')}. Finish or cancel first.`);
      for (const order of own) {
        order.customer = null;
        order.email = null;
        order.notes.length = 0;
      }
      return { orders: own.map(({ id }) => id) };
    },
  };
};

const cents = (sum: number): number => {
  const exact = Math.round(sum * 100);
  if (Math.abs(exact - sum * 100) > 1e-6 || exact < 1)
    throw new ShopError('invalid', `${sum} is not a sum in euros and whole cents.`);
  return exact;
};
const euros = (sum: number): number => sum / 100;
const totalOf = ({ items }: Order): number => items.reduce((sum, { price, quantity }) => sum + price * quantity, 0);
const sameMail = (one: string | null, other: string) => one?.toLowerCase() === other.toLowerCase();

const refundView = ({ id, orderId, amount, reason, at, status }: Refund) => ({
  refund_id: id,
  order_id: orderId,
  amount: euros(amount),
  currency,
  reason,
  status,
  at,
});

const matches = (order: Order, wanted: Omit<Search, 'limit'>): boolean => {
  const total = euros(totalOf(order));
  const day = order.placedAt.slice(0, 10);
  return (
    (wanted.status === undefined || order.status === wanted.status) &&
    (wanted.email === undefined || sameMail(order.email, wanted.email)) &&
    (wanted.customer === undefined || !!order.customer?.toLowerCase().includes(wanted.customer.toLowerCase())) &&
    (wanted.min_total === undefined || total >= wanted.min_total) &&
    (wanted.max_total === undefined || total <= wanted.max_total) &&
    (wanted.placed_after === undefined || day >= wanted.placed_after) &&
    (wanted.placed_before === undefined || day <= wanted.placed_before)
  );
};
