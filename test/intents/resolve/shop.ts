import type { Effect, Intent } from '../../../intents/contract.ts';
import { parseExample } from '../../../intents/example.ts';
import type { Input, JsonSchema } from '../../../intents/json.ts';
import { builtinTier } from '../../../intents/resolve/builtin.ts';
import { catalogueTexts } from '../../../intents/resolve/catalogue-texts.ts';
import { learn } from '../../../intents/resolve/learn/learn.ts';
import { maskFor } from '../../../intents/resolve/mask.ts';
import { rankerOf } from '../../../intents/resolve/ranker.ts';
import { createResolver, defaultLines, type Resolver } from '../../../intents/resolve/resolve.ts';
import type { LocalClassifier } from '../../../intents/resolve/types.ts';

type Written = string | { ask: string; input: Input };

/** Builds an intent as the loader would, without files. */
export const intentOf = (
  name: string,
  effect: Effect,
  examples: readonly Written[],
  properties: Readonly<Record<string, JsonSchema>> = {},
  required: readonly string[] = [],
  more: Partial<Intent> = {},
): Intent => ({
  name,
  version: '1.0.0',
  major: 1,
  id: `${name}@${more.major ?? 1}`,
  title: name.replace('.', ': '),
  description: '',
  effect,
  purposes: [],
  entity: undefined,
  examples: examples.map((written) =>
    typeof written === 'string' ? parseExample(written) : parseExample(written.ask, written.input),
  ),
  input: { type: 'object', properties, required, additionalProperties: false },
  output: undefined,
  call: { kind: 'rest', backend: 'shop', method: 'GET', path: '/' },
  undo: undefined,
  sinks: [],
  outputMode: 'report',
  source: { file: 'test', line: 1, column: 1 },
  ...more,
});

const shared: Readonly<Record<string, JsonSchema>> = {
  'ontology:Order.id': { type: 'string', pattern: '^A-\\d{4}$' },
  'ontology:Product.sku': { type: 'string', pattern: '^SKU-[0-9]{2,5}$' },
  'ontology:Currency': {
    enum: ['EUR', 'USD'],
    'x-synonyms': { EUR: ['euro', 'euros'], USD: ['dollar', 'dollars'] },
  },
};

export const resolveRef = (schema: JsonSchema): JsonSchema => {
  const { $ref: ref, ...beside } = schema;
  return ref === undefined ? schema : { ...shared[ref], ...beside };
};

const order: JsonSchema = { $ref: 'ontology:Order.id' };
const sku: JsonSchema = { $ref: 'ontology:Product.sku' };

/** A small shop: close neighbours on purpose (cancel, refund, status), reads, writes and destructive ones. */
export const shop: readonly Intent[] = [
  intentOf(
    'orders.refund',
    'write',
    [
      'refund order [order_id: A-1001]',
      'give [amount: 20] [currency: euros] back on [order_id: A-1001]',
      {
        ask: 'the customer wants her money back for A-1001',
        input: { order_id: 'A-1001', reason: 'customer-request' },
      },
    ],
    {
      order_id: order,
      amount: { type: 'number', exclusiveMinimum: 0, description: 'Left out, the whole sum.' },
      currency: { $ref: 'ontology:Currency' },
      reason: { enum: ['customer-request', 'damaged', 'fraud'], default: 'customer-request' },
    },
    ['order_id'],
    { title: 'Refund an order', description: 'Give a customer their money back for an order, in full or in part.' },
  ),
  intentOf(
    'orders.get',
    'read',
    [
      'show order [order_id: A-1001]',
      'what is the status of [order_id: A-1001]',
      'where is my order [order_id: A-1001]',
    ],
    { order_id: order },
    ['order_id'],
    { title: 'Show an order', description: 'Everything known of one order, its state first.' },
  ),
  intentOf(
    'orders.list',
    'read',
    ['list open orders', 'show all orders since [since: 2026-11-01]', 'which orders are [status: shipped]'],
    {
      status: { enum: ['open', 'shipped', 'cancelled', 'delivered'] },
      since: { type: 'string', format: 'date' },
      limit: { type: 'integer', minimum: 1, maximum: 100 },
    },
    [],
    { title: 'List orders', description: 'Orders by state and date.' },
  ),
  intentOf(
    'orders.cancel',
    'destructive',
    ['cancel order [order_id: A-1001]', 'call off [order_id: A-1001]', 'stop the order [order_id: A-1001] please'],
    { order_id: order, notify: { type: 'boolean' } },
    ['order_id'],
    { title: 'Cancel an order', description: 'Cancels an order that has not been shipped. This cannot be taken back.' },
  ),
  intentOf(
    'catalogue.search',
    'read',
    ['search for [query: blue mugs]', 'find products called [query: desk lamp]', 'do you have [query: garden chairs]'],
    { query: { type: 'string' }, max_price: { type: 'number', description: 'Highest price, under or below.' } },
    ['query'],
    { title: 'Search the catalogue', description: 'Finds products by words.' },
  ),
  intentOf(
    'catalogue.set-price',
    'write',
    ['set the price of [sku: SKU-100] to [price: 12.50]', 'change price of [sku: SKU-100] to [price: 9] euros'],
    { sku, price: { type: 'number' }, currency: { $ref: 'ontology:Currency' } },
    ['sku', 'price'],
    { title: 'Set a price' },
  ),
  intentOf(
    'shipments.track',
    'read',
    [
      'track the parcel of [order_id: A-1001]',
      'where is the parcel for [order_id: A-1001]',
      'has [order_id: A-1001] shipped yet',
    ],
    { order_id: order },
    ['order_id'],
    { title: 'Track a parcel', description: 'Where the parcel of an order is now.' },
  ),
  intentOf(
    'shipments.reschedule',
    'write',
    ['deliver [order_id: A-1001] on [day: 2026-12-01]', 'move the delivery of [order_id: A-1001] to [day: friday]'],
    { order_id: order, day: { type: 'string', format: 'date' } },
    ['order_id', 'day'],
    { title: 'Move a delivery' },
  ),
  intentOf(
    'customers.note',
    'write',
    ['add a note to order [order_id: A-1001] saying [note: call before delivery]'],
    { order_id: order, note: { type: 'string' } },
    ['order_id', 'note'],
    { title: 'Add a note' },
  ),
];

export const intentNamed = (name: string): Intent => {
  const found = shop.find((intent) => intent.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};

/** A Monday. */
export const now = new Date('2026-11-23T09:30:00Z');

/** The built-in tier of a catalogue. */
export const builtinFor = (intents: readonly Intent[]): LocalClassifier => {
  const words = catalogueTexts(intents, resolveRef);
  const learned = learn(words.texts);
  return builtinTier(words, rankerOf(intents, words, learned, resolveRef), learned);
};

/** The cascade with nothing but what the package carries. */
export const resolverFor = (intents: readonly Intent[]): Resolver =>
  createResolver({
    intents,
    classifiers: [builtinFor(intents)],
    mask: maskFor(intents, resolveRef),
    resolveRef,
    lines: defaultLines,
    topCandidates: 5,
  });
