// Made by "ostiary generate client" from the contracts. Not to be edited.
export interface ClientOptions {
  /** Where the gateway is, like https://gateway.example.com. */
  readonly url: string;
  /** An API key or a token; a function is asked at each call. */
  readonly key?: string | (() => string | Promise<string>);
  /** Why it is asked, where a call does not say so itself. */
  readonly purpose?: string;
  /** In place of the global one. */
  readonly fetch?: typeof fetch;
}

export interface CallOptions {
  readonly purpose?: string;
  /** Sent again with the same key, a write is not done again. */
  readonly idempotencyKey?: string;
  /** The members of the output that are wanted, like "id" or "items/sku". */
  readonly fields?: readonly string[];
  readonly signal?: AbortSignal;
}

/** What became of a request in words, or of a confirmation. */
export interface Answer {
  readonly outcome: 'completed' | 'clarify' | 'confirm' | 'approved' | 'declined' | 'out_of_scope';
  readonly request: string;
  readonly message?: string;
  readonly intent?: string;
  readonly input?: Readonly<Record<string, unknown>>;
  readonly output?: unknown;
  /** To be sent along with the next ask. */
  readonly session?: string;
  readonly confirmation?: { readonly id: string; readonly expires_at: string; readonly text?: string };
  readonly [more: string]: unknown;
}

/** RFC 9457 problem details. Match on `code`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  readonly confirmation?: { readonly id: string; readonly expires_at: string; readonly text?: string };
  readonly [more: string]: unknown;
}

/** Thrown where the gateway answers with a problem. */
export class OstiaryProblem extends Error {
  override readonly name = 'OstiaryProblem';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }

  get code(): string {
    return this.problem.code;
  }
}

const sender = (options: ClientOptions) => {
  const base = options.url.replace(/\/+$/, '');
  return async (path: string, body: unknown, { purpose = options.purpose, idempotencyKey, fields, signal }: CallOptions = {}) => {
    const key = typeof options.key === 'function' ? await options.key() : options.key;
    const query = fields === undefined ? '' : `?fields=${encodeURIComponent(fields.join(','))}`;
    const response = await (options.fetch ?? fetch)(`${base}${path}${query}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(purpose === undefined ? {} : { 'ostiary-purpose': purpose }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      body: JSON.stringify(body),
      redirect: 'error',
      ...(signal === undefined ? {} : { signal }),
    });
    const type = response.headers.get('content-type') ?? '';
    if (type.startsWith('application/problem+json')) throw new OstiaryProblem((await response.json()) as Problem);
    if (!response.ok || !type.startsWith('application/json')) throw new Error(`${base}${path} answered with HTTP ${response.status}, and not as a gateway does.`);
    return (await response.json()) as unknown;
  };
};

/** An output as a caller may see it: any member may be hidden by a policy. */
type Shown<T> = T extends readonly (infer Item)[] ? readonly Shown<Item>[] : T extends object ? { readonly [Name in keyof T]?: Shown<T[Name]> } : T;
export type Country = "AT" | "DE" | "FR" | "GB" | "NL" | "US";
export type Currency = "EUR" | "USD" | "GBP";
export type CustomerId = string;
export type CustomerName = string;
export type Euro = "EUR";
export type OrderEmail = string;
export type OrderId = string;
export type OrderStatus = "open" | "packed" | "shipped" | "delivered" | "cancelled";
export type ProductCategory = "furniture" | "kitchen" | "lighting" | "office" | "textiles";
export type ProductId = string;
export type ProductPrice = number;
export type RefundId = string;
export type RefundReason = "customer-request" | "damaged" | "lost" | "wrong-item" | "fraud";
export type ShipmentAddress = string;
export type ShipmentId = string;
export type ShipmentService = "STANDARD" | "EXPRESS";
export type ShipmentStatus = "BOOKED" | "IN_TRANSIT" | "OUT_FOR_DELIVERY" | "DELIVERED" | "CANCELLED";
export type CatalogueDiscontinueInput = {
  /** An article number (SKU) like LMP-01. */
  readonly sku: ProductId;
};
export type CatalogueDiscontinueOutput = Shown<{
  /** An article number (SKU) like LMP-01. */
  readonly sku?: ProductId;
  readonly name?: string;
  readonly discontinued?: boolean;
}>;
export type CatalogueLowStockInput = {
  /** Fewer pieces than this are few. Left out, 5. */
  readonly below?: number;
};
export type CatalogueLowStockOutput = Shown<{
  readonly total?: number;
  readonly products?: readonly {
    /** An article number (SKU) like LMP-01. */
    readonly sku?: ProductId;
    readonly name?: string;
    readonly available?: number;
  }[];
}>;
export type CatalogueProductInput = {
  /** An article number (SKU) like LMP-01. */
  readonly sku: ProductId;
};
export type CatalogueProductOutput = Shown<{
  /** An article number (SKU) like LMP-01. */
  readonly sku?: ProductId;
  readonly name?: string;
  readonly description?: string;
  readonly category?: ProductCategory;
  readonly price?: number;
  readonly currency?: Currency;
  readonly available?: number;
  readonly discontinued?: boolean;
}>;
export type CatalogueRestockInput = {
  /** An article number (SKU) like LMP-01. */
  readonly sku: ProductId;
  /** How many pieces or units. */
  readonly quantity: number;
  /** Left out, "BERLIN". */
  readonly warehouse?: "BERLIN" | "LYON";
};
export type CatalogueRestockOutput = Shown<{
  /** An article number (SKU) like LMP-01. */
  readonly sku?: ProductId;
  readonly available?: number;
  readonly warehouses?: readonly {
    readonly warehouse?: "BERLIN" | "LYON";
    readonly on_hand?: number;
    readonly reserved?: number;
  }[];
}>;
export type CatalogueSearchInput = {
  /** Words that the product's name or description holds. */
  readonly text?: string;
  readonly category?: ProductCategory;
  /** The highest price in euros; under, below or up to this. */
  readonly max_price?: number;
  /** Only what can be had at once. */
  readonly in_stock?: boolean;
  /** How many to list at most. Left out, 10. */
  readonly limit?: number;
};
export type CatalogueSearchOutput = Shown<{
  readonly total?: number;
  readonly products?: readonly {
    /** An article number (SKU) like LMP-01. */
    readonly sku?: ProductId;
    readonly name?: string;
    readonly category?: ProductCategory;
    readonly price?: number;
    readonly currency?: Currency;
    readonly available?: number;
  }[];
}>;
export type CatalogueSetPriceInput = {
  /** An article number (SKU) like LMP-01. */
  readonly sku: ProductId;
  /** The price in euros. */
  readonly price: ProductPrice;
  /** Left out, "EUR". */
  readonly currency?: Euro;
};
export type CatalogueSetPriceOutput = Shown<{
  /** An article number (SKU) like LMP-01. */
  readonly sku?: ProductId;
  readonly old_price?: number;
  readonly new_price?: number;
  readonly currency?: Currency;
}>;
export type CatalogueStockInput = {
  /** An article number (SKU) like LMP-01. */
  readonly sku: ProductId;
};
export type CatalogueStockOutput = Shown<{
  /** An article number (SKU) like LMP-01. */
  readonly sku?: ProductId;
  readonly available?: number;
  readonly warehouses?: readonly {
    readonly warehouse?: "BERLIN" | "LYON";
    readonly on_hand?: number;
    readonly reserved?: number;
  }[];
}>;
export type CustomersEraseInput = {
  /** The e-mail address of a customer. */
  readonly email: CustomerId;
};
export type CustomersEraseOutput = Shown<{
  readonly orders?: readonly OrderId[];
}>;
export type OrdersAddNoteInput = {
  /** An order number like A-1001. */
  readonly order_id: OrderId;
  /** The remark or comment itself, best in quotes. */
  readonly note: string;
};
export type OrdersAddNoteOutput = Shown<{
  /** An order number like A-1001. */
  readonly id?: OrderId;
  readonly notes?: readonly {
    readonly text?: string;
    readonly at?: string;
  }[];
}>;
export type OrdersCancelRefundInput = {
  /** A refund number like R-2001. */
  readonly refund_id: RefundId;
};
export type OrdersCancelRefundOutput = Shown<{
  /** A refund number like R-2001. */
  readonly refund_id?: RefundId;
  /** An order number like A-1001. */
  readonly order_id?: OrderId;
  readonly amount?: number;
  readonly currency?: Currency;
  readonly status?: "pending" | "paid" | "cancelled";
}>;
export type OrdersCancelInput = {
  /** An order number like A-1001. */
  readonly order_id: OrderId;
};
export type OrdersCancelOutput = Shown<{
  /** An order number like A-1001. */
  readonly id?: OrderId;
  readonly status?: OrderStatus;
  readonly refunded?: number;
  readonly currency?: Currency;
}>;
export type OrdersChangeEmailInput = {
  /** An order number like A-1001. */
  readonly order_id: OrderId;
  /** Where the customer of the order is written to. */
  readonly email: OrderEmail;
};
export type OrdersChangeEmailOutput = Shown<{
  /** An order number like A-1001. */
  readonly id?: OrderId;
  /** Where the customer of the order is written to. */
  readonly email?: OrderEmail;
}>;
export type OrdersGetInput = {
  /** An order number like A-1001. */
  readonly order_id: OrderId;
};
export type OrdersGetOutput = Shown<{
  /** An order number like A-1001. */
  readonly id?: OrderId;
  readonly status?: OrderStatus;
  readonly customer?: string | null;
  readonly email?: string | null;
  readonly placed_at?: string;
  readonly items?: readonly {
    /** An article number (SKU) like LMP-01. */
    readonly sku?: ProductId;
    readonly name?: string;
    readonly quantity?: number;
    readonly price?: number;
  }[];
  readonly total?: number;
  readonly refunded?: number;
  readonly currency?: Currency;
  readonly notes?: readonly {
    readonly text?: string;
    readonly at?: string;
  }[];
}>;
export type OrdersListRefundsInput = {
  /** An order number like A-1001. */
  readonly order_id: OrderId;
};
export type OrdersListRefundsOutput = Shown<{
  /** An order number like A-1001. */
  readonly order_id?: OrderId;
  readonly refunds?: readonly {
    /** A refund number like R-2001. */
    readonly refund_id?: RefundId;
    readonly amount?: number;
    readonly currency?: Currency;
    readonly reason?: string;
    readonly status?: "pending" | "paid" | "cancelled";
    readonly at?: string;
  }[];
}>;
export type OrdersRefundInput = {
  /** An order number like A-1001. */
  readonly order_id: OrderId;
  /** The sum to give back. Left out, all that is left of the order, up to 200 euros. */
  readonly amount?: number;
  /** Left out, "EUR". */
  readonly currency?: Currency;
  /** Left out, "customer-request". */
  readonly reason?: RefundReason;
};
export type OrdersRefundOutput = Shown<{
  /** A refund number like R-2001. */
  readonly refund_id?: RefundId;
  /** An order number like A-1001. */
  readonly order_id?: OrderId;
  readonly amount?: number;
  readonly currency?: Currency;
  readonly reason?: RefundReason;
  readonly status?: "pending" | "paid" | "cancelled";
  /** What could still be refunded. */
  readonly left?: number;
  readonly email?: string | null;
}>;
export type OrdersSearchInput = {
  readonly status?: OrderStatus;
  /** First name, last name or both. */
  readonly customer?: CustomerName;
  /** The e-mail address of a customer. */
  readonly email?: CustomerId;
  /** The least sum in euros; over or more than this. */
  readonly min_total?: number;
  /** The highest sum in euros; under or less than this. */
  readonly max_total?: number;
  /** The first day; since, after or from this day on. */
  readonly placed_after?: string;
  /** The last day; before, until or up to this day. */
  readonly placed_before?: string;
  /** How many to list at most. Left out, 10. */
  readonly limit?: number;
};
export type OrdersSearchOutput = Shown<{
  readonly count?: number;
  readonly orders?: readonly {
    /** An order number like A-1001. */
    readonly id?: OrderId;
    readonly status?: OrderStatus;
    readonly customer?: string | null;
    readonly email?: string | null;
    readonly placed_at?: string;
    readonly total?: number;
    readonly refunded?: number;
    readonly currency?: Currency;
  }[];
}>;
export type OrdersSetStatusInput = {
  /** An order number like A-1001. */
  readonly order_id: OrderId;
  readonly status: "packed" | "shipped" | "delivered";
};
export type OrdersSetStatusOutput = Shown<{
  /** An order number like A-1001. */
  readonly id?: OrderId;
  readonly status?: OrderStatus;
}>;
export type ShippingBookInput = {
  /** An order number like A-1001. */
  readonly order_id: OrderId;
  /** Who carries the parcel. */
  readonly carrier: "Kestrel" | "Swiftway" | "Tideline";
  /** Left out, "STANDARD". */
  readonly service?: ShipmentService;
  /** Left out, the address on file. */
  readonly address?: ShipmentAddress;
};
export type ShippingBookOutput = Shown<{
  /** A tracking number like SH-700002. */
  readonly tracking_number?: ShipmentId;
  /** An order number like A-1001. */
  readonly order_id?: OrderId;
  readonly carrier?: string;
  readonly service?: ShipmentService;
  readonly status?: ShipmentStatus;
  readonly expected_at?: string;
}>;
export type ShippingCancelInput = {
  /** A tracking number like SH-700002. */
  readonly tracking_number: ShipmentId;
};
export type ShippingCancelOutput = Shown<{
  /** A tracking number like SH-700002. */
  readonly tracking_number?: ShipmentId;
  /** An order number like A-1001. */
  readonly order_id?: OrderId;
  readonly status?: ShipmentStatus;
}>;
export type ShippingCarriersInput = {
  readonly country?: Country;
};
export type ShippingCarriersOutput = Shown<{
  readonly carriers?: readonly {
    readonly name?: string;
    readonly countries?: readonly string[];
    readonly services?: readonly ShipmentService[];
  }[];
}>;
export type ShippingChangeAddressInput = {
  /** A tracking number like SH-700002. */
  readonly tracking_number: ShipmentId;
  /** Street and number, postal code, town. */
  readonly address: ShipmentAddress;
};
export type ShippingChangeAddressOutput = Shown<{
  /** A tracking number like SH-700002. */
  readonly tracking_number?: ShipmentId;
  /** An order number like A-1001. */
  readonly order_id?: OrderId;
  readonly status?: ShipmentStatus;
  /** Street and number, postal code, town. */
  readonly address?: ShipmentAddress;
}>;
export type ShippingParcelInput = {
  /** A tracking number like SH-700002. */
  readonly tracking_number: ShipmentId;
};
export type ShippingParcelOutput = Shown<{
  /** A tracking number like SH-700002. */
  readonly tracking_number?: ShipmentId;
  /** An order number like A-1001. */
  readonly order_id?: OrderId;
  readonly carrier?: string;
  readonly service?: ShipmentService;
  readonly status?: ShipmentStatus;
  /** Street and number, postal code, town. */
  readonly address?: ShipmentAddress;
  readonly expected_at?: string;
  readonly events?: readonly {
    readonly at?: string;
    readonly place?: string;
    readonly what?: string;
  }[];
}>;
export type ShippingQuoteInput = {
  readonly country: Country;
  /** The weight in kilograms, kg or kilo. */
  readonly weight_kg: number;
  /** Left out, every service. */
  readonly service?: ShipmentService;
};
export type ShippingQuoteOutput = Shown<{
  readonly offers?: readonly {
    readonly carrier?: string;
    readonly service?: ShipmentService;
    readonly price?: number;
    readonly currency?: Currency;
    readonly days?: number;
  }[];
}>;
export type ShippingTrackInput = {
  /** An order number like A-1001. */
  readonly order_id: OrderId;
};
export type ShippingTrackOutput = Shown<{
  /** A tracking number like SH-700002. */
  readonly tracking_number?: ShipmentId;
  /** An order number like A-1001. */
  readonly order_id?: OrderId;
  readonly carrier?: string;
  readonly service?: ShipmentService;
  readonly status?: ShipmentStatus;
  /** Street and number, postal code, town. */
  readonly address?: ShipmentAddress;
  readonly expected_at?: string;
  readonly events?: readonly {
    readonly at?: string;
    readonly place?: string;
    readonly what?: string;
  }[];
}>;
/** A client of one gateway. Every call may throw an OstiaryProblem. */
export const createClient = (options: ClientOptions) => {
  const send = sender(options);
  return {
    /** Understands plain words. A question, and what waits for a yes, is an answer. */
    ask: (text: string, more: { readonly session?: string; readonly input?: Readonly<Record<string, unknown>> } = {}, call?: CallOptions) =>
      send('/v1/ask', { text, ...more }, call) as Promise<Answer>,
    /** Says yes or no to what waits for it. */
    confirm: (id: string, confirm: boolean, call?: CallOptions) =>
      send(`/v1/confirmations/${encodeURIComponent(id)}`, { confirm }, call) as Promise<Answer>,
    catalogue: {
      /** Discontinue a product. Take a product off sale for good. This cannot be undone. */
      discontinue: (input: CatalogueDiscontinueInput, call?: CallOptions) =>
        send('/v1/intents/catalogue.discontinue', input, call) as Promise<CatalogueDiscontinueOutput>,
      /** List what is running out. Products of which only a few pieces are left. */
      lowStock: (input: CatalogueLowStockInput = {}, call?: CallOptions) =>
        send('/v1/intents/catalogue.low-stock', input, call) as Promise<CatalogueLowStockOutput>,
      /** Show a product. One product with its price, its description and how many can be had. */
      product: (input: CatalogueProductInput, call?: CallOptions) =>
        send('/v1/intents/catalogue.product', input, call) as Promise<CatalogueProductOutput>,
      /** Book goods that came in. Add pieces of a product to the stock of a warehouse. */
      restock: (input: CatalogueRestockInput, call?: CallOptions) =>
        send('/v1/intents/catalogue.restock', input, call) as Promise<CatalogueRestockOutput>,
      /** Search the catalogue. Products by words, category or price. */
      search: (input: CatalogueSearchInput = {}, call?: CallOptions) =>
        send('/v1/intents/catalogue.search', input, call) as Promise<CatalogueSearchOutput>,
      /** Change a price. Sell a product at another price from now on. Orders already placed keep theirs. */
      setPrice: (input: CatalogueSetPriceInput, call?: CallOptions) =>
        send('/v1/intents/catalogue.set-price', input, call) as Promise<CatalogueSetPriceOutput>,
      /** Show the stock of a product. How many pieces of a product there are, warehouse by warehouse. */
      stock: (input: CatalogueStockInput, call?: CallOptions) =>
        send('/v1/intents/catalogue.stock', input, call) as Promise<CatalogueStockOutput>,
    },
    customers: {
      /** Erase a customer's data. Remove name, e-mail address and notes of a customer from all orders, as the law gives them the right to. This cannot be undone. */
      erase: (input: CustomersEraseInput, call?: CallOptions) =>
        send('/v1/intents/customers.erase', input, call) as Promise<CustomersEraseOutput>,
    },
    orders: {
      /** Add a note to an order. Write down something that colleagues should know about an order. Customers never see it. */
      addNote: (input: OrdersAddNoteInput, call?: CallOptions) =>
        send('/v1/intents/orders.add-note', input, call) as Promise<OrdersAddNoteOutput>,
      /** Take a refund back. Stop a refund that is still pending, so that no money goes out. */
      cancelRefund: (input: OrdersCancelRefundInput, call?: CallOptions) =>
        send('/v1/intents/orders.cancel-refund', input, call) as Promise<OrdersCancelRefundOutput>,
      /** Cancel an order. Call off an order that has not been sent yet. The money goes back at once. This cannot be undone. */
      cancel: (input: OrdersCancelInput, call?: CallOptions) =>
        send('/v1/intents/orders.cancel', input, call) as Promise<OrdersCancelOutput>,
      /** Change the e-mail address of an order. Write to another address about this order from now on. */
      changeEmail: (input: OrdersChangeEmailInput, call?: CallOptions) =>
        send('/v1/intents/orders.change-email', input, call) as Promise<OrdersChangeEmailOutput>,
      /** Show an order. The details of one order, what is in it, what it cost, its status and its notes. */
      get: (input: OrdersGetInput, call?: CallOptions) =>
        send('/v1/intents/orders.get', input, call) as Promise<OrdersGetOutput>,
      /** List the refunds of an order. What has been refunded for an order so far, when and why. */
      listRefunds: (input: OrdersListRefundsInput, call?: CallOptions) =>
        send('/v1/intents/orders.list-refunds', input, call) as Promise<OrdersListRefundsOutput>,
      /** Refund an order. Give a customer their money back for an order, in full or in part. */
      refund: (input: OrdersRefundInput, call?: CallOptions) =>
        send('/v1/intents/orders.refund', input, call) as Promise<OrdersRefundOutput>,
      /** Search orders. A list of orders by status, customer, e-mail address, sum or day. */
      search: (input: OrdersSearchInput = {}, call?: CallOptions) =>
        send('/v1/intents/orders.search', input, call) as Promise<OrdersSearchOutput>,
      /** Move an order on. Mark an order as packed, shipped or delivered. A status moves one step at a time. */
      setStatus: (input: OrdersSetStatusInput, call?: CallOptions) =>
        send('/v1/intents/orders.set-status', input, call) as Promise<OrdersSetStatusOutput>,
    },
    shipping: {
      /** Book a shipment. Have a carrier fetch the parcel of an order. */
      book: (input: ShippingBookInput, call?: CallOptions) =>
        send('/v1/intents/shipping.book', input, call) as Promise<ShippingBookOutput>,
      /** Cancel a shipment. Call off a parcel that has not been handed to its carrier. The order itself stays. This cannot be undone. */
      cancel: (input: ShippingCancelInput, call?: CallOptions) =>
        send('/v1/intents/shipping.cancel', input, call) as Promise<ShippingCancelOutput>,
      /** List the carriers. Who carries parcels for the shop, where to, and how fast. */
      carriers: (input: ShippingCarriersInput = {}, call?: CallOptions) =>
        send('/v1/intents/shipping.carriers', input, call) as Promise<ShippingCarriersOutput>,
      /** Send a parcel elsewhere. Change the address of a parcel that has not been handed to its carrier. */
      changeAddress: (input: ShippingChangeAddressInput, call?: CallOptions) =>
        send('/v1/intents/shipping.change-address', input, call) as Promise<ShippingChangeAddressOutput>,
      /** Look up a parcel. A parcel by its tracking number. */
      parcel: (input: ShippingParcelInput, call?: CallOptions) =>
        send('/v1/intents/shipping.parcel', input, call) as Promise<ShippingParcelOutput>,
      /** Ask what shipping costs. What the carriers charge for a parcel of a given weight to a country, the cheapest first. */
      quote: (input: ShippingQuoteInput, call?: CallOptions) =>
        send('/v1/intents/shipping.quote', input, call) as Promise<ShippingQuoteOutput>,
      /** Track an order. Where the parcel of an order is, and when it should arrive. */
      track: (input: ShippingTrackInput, call?: CallOptions) =>
        send('/v1/intents/shipping.track', input, call) as Promise<ShippingTrackOutput>,
    },
  };
};
export type Client = ReturnType<typeof createClient>;
