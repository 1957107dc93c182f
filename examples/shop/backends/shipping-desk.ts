import { ShopError } from './shop-error.ts';

export type Service = 'STANDARD' | 'EXPRESS';
export type ShipmentStatus = 'BOOKED' | 'IN_TRANSIT' | 'OUT_FOR_DELIVERY' | 'DELIVERED' | 'CANCELLED';

export interface Shipment {
  readonly trackingNumber: string;
  readonly orderId: string;
  readonly carrier: string;
  readonly service: Service;
  status: ShipmentStatus;
  address: string;
  readonly expectedAt: Date;
  readonly events: { readonly at: Date; readonly place: string; readonly what: string }[];
}

interface Carrier {
  readonly name: string;
  readonly countries: readonly string[];
  readonly services: readonly Service[];
  /** Euros: to begin with, and per kilogram. */
  readonly rate: readonly [base: number, perKg: number];
  readonly days: number;
}

const carriers: readonly Carrier[] = [
  {
    name: 'Kestrel',
    countries: ['DE', 'AT', 'NL', 'FR'],
    services: ['STANDARD', 'EXPRESS'],
    rate: [4.9, 0.6],
    days: 3,
  },
  { name: 'Tideline', countries: ['DE', 'FR', 'GB', 'US'], services: ['STANDARD'], rate: [7.5, 1.1], days: 6 },
  {
    name: 'Swiftway',
    countries: ['DE', 'AT', 'NL', 'FR', 'GB', 'US'],
    services: ['EXPRESS'],
    rate: [12, 1.8],
    days: 2,
  },
];

type Row = readonly [
  tracking: string,
  order: string,
  carrier: string,
  Service,
  ShipmentStatus,
  expected: string,
  address: string,
];

const rows: readonly Row[] = [
  ['SH-700001', 'A-1001', 'Kestrel', 'STANDARD', 'DELIVERED', '2026-11-06', 'Ahornweg 3, 10119 Berlin, DE'],
  ['SH-700002', 'A-1003', 'Kestrel', 'STANDARD', 'IN_TRANSIT', '2026-11-24', 'Lindenring 18, 1040 Wien, AT'],
  ['SH-700003', 'A-1004', 'Swiftway', 'EXPRESS', 'OUT_FOR_DELIVERY', '2026-11-23', '9 Mill Lane, Leeds LS1 4AB, GB'],
  ['SH-700004', 'A-1012', 'Tideline', 'STANDARD', 'IN_TRANSIT', '2026-11-26', '12 rue Pasteur, 69007 Lyon, FR'],
  ['SH-700005', 'A-1017', 'Kestrel', 'EXPRESS', 'IN_TRANSIT', '2026-11-24', 'Keizersgracht 20, 1015 Amsterdam, NL'],
  ['SH-700006', 'A-1006', 'Kestrel', 'STANDARD', 'BOOKED', '2026-11-27', 'Marktplatz 5, 04109 Leipzig, DE'],
  ['SH-700007', 'A-1013', 'Swiftway', 'EXPRESS', 'BOOKED', '2026-11-25', 'Hafenstrasse 41, 20459 Hamburg, DE'],
  ['SH-700008', 'A-1020', 'Tideline', 'STANDARD', 'DELIVERED', '2026-11-17', '88 Grand Street, New York 10013, US'],
];

/** Where an order is to go that has no shipment yet. */
const addresses: Readonly<Record<string, string>> = {
  'A-1005': 'Sveavagen 44, 111 34 Stockholm, SE',
  'A-1010': 'Rua das Flores 7, 1200-194 Lisboa, PT',
  'A-1015': 'Goethestrasse 12, 60313 Frankfurt, DE',
};

export type ShippingDesk = ReturnType<typeof shippingDesk>;

/**
 * Shipments in memory, with the rules of the shop.
 * @param now the clock, handed in so that a test can hold it
 */
export const shippingDesk = (now: () => Date) => {
  const shipments = new Map(rows.map((row) => [row[0], toShipment(row)]));

  const find = (trackingNumber: string): Shipment => {
    const shipment = shipments.get(trackingNumber);
    if (shipment === undefined) throw new ShopError('not-found', `There is no parcel ${trackingNumber}.`);
    return shipment;
  };
  const ofOrder = (orderId: string) =>
    [...shipments.values()].findLast((shipment) => shipment.orderId === orderId && shipment.status !== 'CANCELLED');
  const findBooked = (trackingNumber: string): Shipment => {
    const shipment = find(trackingNumber);
    if (shipment.status !== 'BOOKED')
      throw new ShopError('conflict', `Parcel ${trackingNumber} is ${inWords(shipment.status)}, no longer with us.`);
    return shipment;
  };

  return {
    parcel: find,

    track(orderId: string) {
      const shipment = ofOrder(orderId);
      if (shipment === undefined) throw new ShopError('not-found', `Nothing has been sent for order ${orderId}.`);
      return shipment;
    },

    quote({ country, weightKg, service }: { country: string; weightKg: number; service: Service | undefined }) {
      if (!(weightKg > 0 && weightKg <= 100)) throw new ShopError('invalid', 'A parcel weighs up to 100 kg.');
      return carriers
        .filter(({ countries }) => countries.includes(country))
        .flatMap((carrier) => carrier.services.map((offered) => offerOf(carrier, offered, weightKg)))
        .filter((offer) => service === undefined || offer.service === service)
        .sort((a, b) => a.price - b.price);
    },

    book(asked: { orderId: string; carrier: string; service: Service; address: string }) {
      const carrier = carriers.find(({ name }) => name.toLowerCase() === asked.carrier.toLowerCase());
      if (carrier === undefined) throw new ShopError('not-found', `There is no carrier ${asked.carrier}.`);
      if (!carrier.services.includes(asked.service))
        throw new ShopError('invalid', `${carrier.name} does not offer ${inWords(asked.service)}.`);
      if (asked.orderId === '') throw new ShopError('invalid', 'A shipment is booked for an order.');
      const open = ofOrder(asked.orderId);
      if (open !== undefined)
        throw new ShopError('conflict', `Order ${asked.orderId} travels as ${open.trackingNumber} already.`);
      const address = asked.address || addresses[asked.orderId];
      if (address === undefined)
        throw new ShopError('invalid', `No address is on file for order ${asked.orderId}: give one.`);
      const days = daysOf(carrier, asked.service);
      const shipment: Shipment = {
        trackingNumber: `SH-${700001 + shipments.size}`,
        orderId: asked.orderId,
        carrier: carrier.name,
        service: asked.service,
        status: 'BOOKED',
        address,
        expectedAt: new Date(now().getTime() + days * 86_400_000),
        events: [{ at: now(), place: 'Berlin', what: 'Booked' }],
      };
      shipments.set(shipment.trackingNumber, shipment);
      return shipment;
    },

    changeAddress(trackingNumber: string, address: string) {
      const shipment = findBooked(trackingNumber);
      if (address.trim().length < 5) throw new ShopError('invalid', 'An address has a street, a number and a town.');
      shipment.address = address;
      shipment.events.push({ at: now(), place: 'Berlin', what: 'Address changed' });
      return shipment;
    },

    cancel(trackingNumber: string) {
      const shipment = findBooked(trackingNumber);
      shipment.status = 'CANCELLED';
      shipment.events.push({ at: now(), place: 'Berlin', what: 'Cancelled' });
      return shipment;
    },

    carriers: (country: string) => carriers.filter(({ countries }) => country === '' || countries.includes(country)),
  };
};

const inWords = (name: string) => name.toLowerCase().replaceAll('_', ' ');
const daysOf = (carrier: Carrier, service: Service) =>
  service === 'EXPRESS' && carrier.services.length > 1 ? 1 : carrier.days;

const offerOf = (carrier: Carrier, service: Service, weightKg: number) => {
  const [base, perKg] = carrier.rate;
  const surcharge = service === 'EXPRESS' && carrier.services.length > 1 ? 2 : 1;
  const price = Math.round((base + perKg * weightKg) * surcharge * 100) / 100;
  return { carrier: carrier.name, service, price, currency: 'EUR', days: daysOf(carrier, service) };
};

const toShipment = ([trackingNumber, orderId, carrier, service, status, expected, address]: Row): Shipment => {
  const expectedAt = new Date(`${expected}T18:00:00Z`);
  const before = (days: number) => new Date(expectedAt.getTime() - days * 86_400_000);
  const events = [{ at: before(4), place: 'Berlin', what: 'Booked' }];
  if (status !== 'BOOKED') events.push({ at: before(3), place: 'Berlin', what: 'Handed to the carrier' });
  if (status === 'OUT_FOR_DELIVERY') events.push({ at: before(0.4), place: 'Leeds', what: 'Out for delivery' });
  if (status === 'DELIVERED') events.push({ at: before(0.2), place: address, what: 'Delivered' });
  return { trackingNumber, orderId, carrier, service, status, address, expectedAt, events };
};
