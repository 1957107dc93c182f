import { create, createFileRegistry, fromBinary, type JsonValue, toJson } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Catalogue } from '../../intents/catalogue.ts';
import type { Json } from '../../intents/json.ts';
import { toProto } from '../../intents/project/proto.ts';
import { protoDescriptors } from '../../intents/project/proto-descriptors.ts';
import { fixedProtos } from '../../intents/project/proto-fixed.ts';
import { protoValues } from '../../intents/project/proto-values.ts';
import { type Message, type StockClient, stockClient } from './grpc-client.ts';
import { type ShopGateway, startShopGateway } from './start-shop.ts';

let gateway: ShopGateway;
let client: StockClient;
let catalogue: Catalogue;
beforeAll(async () => {
  gateway = await startShopGateway((setup) => {
    catalogue = setup.catalogue;
    const grpc = { host: '127.0.0.1', port: 0, package: 'shop', concurrency: 100 };
    return { ...setup, config: { ...setup.config, doors: { ...setup.config.doors, grpc } } };
  });
  client = stockClient(gateway.grpc, 'demo-support');
});
afterAll(async () => {
  client?.close();
  await gateway?.stop();
});

/** The bytes of an answer as the contract's JSON. */
const outputOf = (id: string, bytes: Buffer): Json => {
  const model = toProto(catalogue.intents, catalogue.library, 'shop');
  const response = model.rpcs.find(({ intent }) => intent.id === id)?.response;
  const file = [...[...fixedProtos().files].map(({ proto }) => proto), ...protoDescriptors(model)];
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file }));
  const type = registry.getMessage(response?.fullName ?? '');
  if (response === undefined || type === undefined) throw new Error(`${id} has no response`);
  const json: JsonValue = toJson(type, fromBinary(type, bytes), { registry, useProtoFieldName: true });
  return protoValues(response, (schema) => {
    const validate = catalogue.library.validator(schema);
    return (value) => validate(value);
  }).fromProto(json, (error) => expect(error).toBeUndefined());
};

/** Without what a message does not tell from what is not there: null, and empty lists. */
const told = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(told)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .filter(([, inner]) => inner !== null && !(Array.isArray(inner) && inner.length === 0))
            .map(([name, inner]) => [name, told(inner)]),
        )
      : value;

/** Without what differs from one request to the next. */
const alike = ({ request: _r, at: _a, door: _d, road: _t, parent: _p, decision, ...rest }: Message) => {
  const { outcome, reason, obligations, fields, rules } = decision ?? {};
  return { ...rest, decision: { outcome, reason, obligations, fields, rules } };
};

test.each<[string, string, string, Message, Message]>([
  ['REST', 'orders.get', 'orders.OrdersService/Get', { order_id: 'A-1001' }, { order_id: 'A-1001' }],
  [
    'REST',
    'orders.search',
    'orders.OrdersService/Search',
    { status: 'open', limit: 3 },
    { status: 'ORDER_STATUS_OPEN', limit: 3 },
  ],
  ['GraphQL', 'catalogue.product', 'catalogue.CatalogueService/Product', { sku: 'LMP-01' }, { sku: 'LMP-01' }],
  [
    'GraphQL',
    'catalogue.search',
    'catalogue.CatalogueService/Search',
    { max_price: 40.5, in_stock: false },
    { max_price: 40.5, in_stock: false },
  ],
  ['GraphQL', 'catalogue.stock', 'catalogue.CatalogueService/Stock', { sku: 'MUG-01' }, { sku: 'MUG-01' }],
  ['gRPC', 'shipping.track', 'shipping.ShippingService/Track', { order_id: 'A-1003' }, { order_id: 'A-1003' }],
  ['REST', 'orders.get', 'orders.OrdersService/Get', { order_id: 'A-9999' }, { order_id: 'A-9999' }],
])('%s: %s is the same by HTTP and by gRPC, %s', async (_, intent, rpc, input, message) => {
  const [service = '', method = ''] = `shop.${rpc}`.split('/');
  const over = await fetch(`${gateway.url}/v1/intents/${intent}`, {
    method: 'POST',
    headers: { authorization: 'Bearer demo-support', 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  const body = (await over.json()) as Message;
  const answered = await client.call(service, method, message);
  const { major } = catalogue.find(intent) ?? { major: 0 };
  if (over.ok) expect(outputOf(`${intent}@${major}`, answered.bytes ?? Buffer.alloc(0))).toEqual(told(body));
  else expect(answered.more.ErrorInfo?.metadata.code).toBe(body.code);
  const [http, grpc] = await Promise.all([
    gateway.entries(String(over.headers.get('ostiary-request-id'))),
    gateway.entries(answered.request),
  ]);
  expect(grpc.map(alike)).toEqual(http.map(alike));
  expect([...http, ...grpc].map(({ door }) => door)).toEqual(['http', 'grpc']);
});
