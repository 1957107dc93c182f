import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { type Client, credentials, loadPackageDefinition, type ServiceError, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startShipping } from '../../examples/shop/backends/shipping.ts';

type Unary = (request: unknown, reply: (error: ServiceError | null, answer: Record<string, unknown>) => void) => void;
// biome-ignore lint/suspicious/noExplicitAny: clients made at run time have no types
const clientOf = (definition: ReturnType<typeof loadSync>, pick: (loaded: any) => new (...args: any[]) => Client) =>
  new (pick(loadPackageDefinition(definition)))(server.address, credentials.createInsecure());

const proto = fileURLToPath(new URL('../../examples/shop/backends/shipping.proto', import.meta.url));
let server: Awaited<ReturnType<typeof startShipping>>;
let client: Client & Record<string, unknown>;
beforeEach(async () => {
  server = await startShipping({ port: 0, now: () => new Date('2026-11-23T10:00:00Z') });
  const definition = loadSync(proto, { keepCase: true, enums: String, defaults: true, longs: Number });
  client = clientOf(definition, (loaded) => loaded.shop.shipping.v1.Shipments) as typeof client;
});
afterEach(async () => {
  client.close();
  await server.close();
});

const call = (method: string, request: unknown = {}) =>
  new Promise<Record<string, unknown>>((resolve, reject) => {
    (client[method] as Unary).call(client, request, (error, answer) => (error ? reject(error) : resolve(answer)));
  });

test('an order is tracked, and so is its parcel', async () => {
  const shipment = await call('Track', { order_id: 'A-1003' });
  expect(shipment).toMatchObject({
    tracking_number: 'SH-700002',
    carrier: 'Kestrel',
    status: 'IN_TRANSIT',
    expected_at: { seconds: Date.parse('2026-11-24T18:00:00Z') / 1000 },
    events: [{ what: 'Booked' }, { what: 'Handed to the carrier', place: 'Berlin' }],
  });
  expect(await call('GetParcel', { tracking_number: 'SH-700002' })).toEqual(shipment);
});

test('quotes come cheapest first, for one service or for all', async () => {
  const offers = async (request: unknown) => (await call('Quote', request)).offers;
  expect(await offers({ country: 'DE', weight_kg: 5 })).toEqual([
    { carrier: 'Kestrel', service: 'STANDARD', price: 7.9, currency: 'EUR', days: 3 },
    { carrier: 'Tideline', service: 'STANDARD', price: 13, currency: 'EUR', days: 6 },
    { carrier: 'Kestrel', service: 'EXPRESS', price: 15.8, currency: 'EUR', days: 1 },
    { carrier: 'Swiftway', service: 'EXPRESS', price: 21, currency: 'EUR', days: 2 },
  ]);
  expect(await offers({ country: 'US', weight_kg: 5, service: 'EXPRESS' })).toMatchObject([{ carrier: 'Swiftway' }]);
  expect(await offers({ country: 'BR', weight_kg: 5 })).toEqual([]);
});

test('a booked parcel can be sent elsewhere and cancelled, and its order can then be booked again', async () => {
  const booked = await call('Book', { order_id: 'A-1005', carrier: 'kestrel', service: 'EXPRESS' });
  expect(booked).toMatchObject({
    tracking_number: 'SH-700009',
    status: 'BOOKED',
    address: 'Sveavagen 44, 111 34 Stockholm, SE',
    expected_at: { seconds: Date.parse('2026-11-24T10:00:00Z') / 1000 },
  });
  const { tracking_number } = booked;
  await expect(call('Book', { order_id: 'A-1005', carrier: 'Kestrel' })).rejects.toMatchObject({
    code: status.FAILED_PRECONDITION,
  });
  await call('ChangeAddress', { tracking_number, address: 'Storgatan 1, 211 42 Malmo' });
  expect(await call('Track', { order_id: 'A-1005' })).toMatchObject({ address: 'Storgatan 1, 211 42 Malmo' });
  expect(await call('Cancel', { tracking_number })).toMatchObject({ status: 'CANCELLED' });
  await expect(call('Track', { order_id: 'A-1005' })).rejects.toMatchObject({ code: status.NOT_FOUND });
  expect(await call('Book', { order_id: 'A-1005', carrier: 'Swiftway', service: 'EXPRESS' })).toMatchObject({
    tracking_number: 'SH-700010',
  });
});

test('carriers are listed, all or those of a country', async () => {
  expect((await call('ListCarriers')).carriers).toHaveLength(3);
  expect((await call('ListCarriers', { country: 'AT' })).carriers).toMatchObject([
    { name: 'Kestrel' },
    { name: 'Swiftway' },
  ]);
});

test.each([
  { name: 'an order without a shipment', method: 'Track', request: { order_id: 'A-1010' }, code: status.NOT_FOUND },
  { name: 'an unknown parcel', method: 'GetParcel', request: { tracking_number: 'SH-1' }, code: status.NOT_FOUND },
  { name: 'a weightless parcel', method: 'Quote', request: { country: 'DE' }, code: status.INVALID_ARGUMENT },
  {
    name: 'an unknown carrier',
    method: 'Book',
    request: { order_id: 'A-1010', carrier: 'Nobody' },
    code: status.NOT_FOUND,
  },
  {
    name: 'a service that the carrier lacks',
    method: 'Book',
    request: { order_id: 'A-1010', carrier: 'Tideline', service: 'EXPRESS' },
    code: status.INVALID_ARGUMENT,
  },
  {
    name: 'an order without an address',
    method: 'Book',
    request: { order_id: 'A-1002', carrier: 'Kestrel' },
    code: status.INVALID_ARGUMENT,
  },
  {
    name: 'a new address on the road',
    method: 'ChangeAddress',
    request: { tracking_number: 'SH-700002', address: 'Gasse 1, Wien' },
    code: status.FAILED_PRECONDITION,
  },
  {
    name: 'cancelling on the road',
    method: 'Cancel',
    request: { tracking_number: 'SH-700002' },
    code: status.FAILED_PRECONDITION,
  },
])('refused: $name', ({ method, request, code }) => expect(call(method, request)).rejects.toMatchObject({ code }));

test.each(['v1', 'v1alpha'])('the service describes itself by reflection %s', async (version) => {
  const file = createRequire(import.meta.url).resolve(
    `@grpc/reflection/build/proto/grpc/reflection/${version}/reflection.proto`,
  );
  const reflection = clientOf(loadSync(file), (loaded) => loaded.grpc.reflection[version].ServerReflection);
  const stream = (reflection as unknown as { ServerReflectionInfo(): NodeJS.ReadWriteStream }).ServerReflectionInfo();
  const answer = new Promise<Record<string, unknown>>((resolve, reject) => {
    stream.once('data', resolve).once('error', reject);
  });
  (stream.write as (question: unknown) => void)({ listServices: '' });
  expect(await answer).toMatchObject({
    listServicesResponse: { service: expect.arrayContaining([{ name: 'shop.shipping.v1.Shipments' }]) },
  });
  stream.end();
  reflection.close();
});
