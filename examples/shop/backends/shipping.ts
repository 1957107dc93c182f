import { fileURLToPath } from 'node:url';
import {
  type handleUnaryCall,
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServiceClientConstructor,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { type Service, type Shipment, type ShippingDesk, shippingDesk } from './shipping-desk.ts';
import { ShopError } from './shop-error.ts';

const codes = {
  'not-found': status.NOT_FOUND,
  conflict: status.FAILED_PRECONDITION,
  invalid: status.INVALID_ARGUMENT,
} as const;

/**
 * Starts the shipping of the shop: gRPC service `shop.shipping.v1.Shipments` with server reflection (v1 and v1alpha),
 * kept in memory while it runs. Failures are NOT_FOUND, FAILED_PRECONDITION or INVALID_ARGUMENT.
 * @param options `port` 0 takes a free one; `now` is the clock of what is recorded
 * @returns `address` as host:port
 */
export const startShipping = async (options: {
  readonly port: number;
  readonly host?: '127.0.0.1';
  readonly now?: () => Date;
}): Promise<{ address: string; close(): Promise<void> }> => {
  const proto = fileURLToPath(new URL('shipping.proto', import.meta.url));
  const definition = loadSync(proto, { keepCase: true, enums: String, defaults: true });
  const { service } = shipmentsOf(loadPackageDefinition(definition));
  const server = new Server();
  server.addService(service, methodsOf(shippingDesk(options.now ?? (() => new Date()))));
  new ReflectionService(definition).addToServer(server);
  const host = options.host ?? '127.0.0.1';
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${host}:${options.port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    address: `${host}:${port}`,
    // Clients keep their connection open, so a polite shutdown would wait for them.
    close: async () => server.forceShutdown(),
  };
};

const shipmentsOf = (loaded: unknown): ServiceClientConstructor =>
  (loaded as { shop: { shipping: { v1: { Shipments: ServiceClientConstructor } } } }).shop.shipping.v1.Shipments;

type Wire = Readonly<Record<string, unknown>>;
interface QuoteRequest {
  readonly country: string;
  readonly weight_kg: number;
  readonly service: Service | 'SERVICE_UNSPECIFIED';
}
interface BookRequest {
  readonly order_id: string;
  readonly carrier: string;
  readonly service: Service | 'SERVICE_UNSPECIFIED';
  readonly address: string;
}

const methodsOf = (desk: ShippingDesk) => ({
  Track: method(({ order_id }: { order_id: string }) => toWire(desk.track(order_id))),
  GetParcel: method(({ tracking_number }: { tracking_number: string }) => toWire(desk.parcel(tracking_number))),
  Quote: method(({ country, weight_kg, service }: QuoteRequest) => ({
    offers: desk.quote({
      country,
      weightKg: weight_kg,
      service: service === 'SERVICE_UNSPECIFIED' ? undefined : service,
    }),
  })),
  Book: method(({ order_id, carrier, service, address }: BookRequest) =>
    toWire(
      desk.book({
        orderId: order_id,
        carrier,
        service: service === 'SERVICE_UNSPECIFIED' ? 'STANDARD' : service,
        address,
      }),
    ),
  ),
  ChangeAddress: method(({ tracking_number, address }: { tracking_number: string; address: string }) =>
    toWire(desk.changeAddress(tracking_number, address)),
  ),
  Cancel: method(({ tracking_number }: { tracking_number: string }) => toWire(desk.cancel(tracking_number))),
  ListCarriers: method(({ country }: { country: string }) => ({ carriers: desk.carriers(country) })),
});

const method =
  <Request>(work: (request: Request) => Wire): handleUnaryCall<Request, Wire> =>
  ({ request }, reply) => {
    try {
      reply(null, work(request));
    } catch (error) {
      if (error instanceof ShopError) reply({ code: codes[error.refusal], details: error.message });
      else reply({ code: status.INTERNAL, details: 'The shipping desk failed.' });
    }
  };

const toWire = (shipment: Shipment): Wire => ({
  tracking_number: shipment.trackingNumber,
  order_id: shipment.orderId,
  carrier: shipment.carrier,
  service: shipment.service,
  status: shipment.status,
  address: shipment.address,
  expected_at: timestamp(shipment.expectedAt),
  events: shipment.events.map(({ at, ...event }) => ({ ...event, at: timestamp(at) })),
});

const timestamp = (date: Date) => ({
  seconds: Math.floor(date.getTime() / 1000),
  nanos: (date.getTime() % 1000) * 1_000_000,
});
