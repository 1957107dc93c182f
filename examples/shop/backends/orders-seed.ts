export type Status = 'open' | 'packed' | 'shipped' | 'delivered' | 'cancelled';
export type Reason = 'customer-request' | 'damaged' | 'lost' | 'wrong-item' | 'fraud' | 'order-cancelled';

export interface Item {
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  /** Per piece, in cents. */
  readonly price: number;
}
export interface Order {
  readonly id: string;
  status: Status;
  /** null once the customer's data has been erased. */
  customer: string | null;
  email: string | null;
  readonly items: readonly Item[];
  readonly placedAt: string;
  readonly notes: { readonly text: string; readonly at: string }[];
}
export interface Refund {
  readonly id: string;
  readonly orderId: string;
  /** In cents. */
  readonly amount: number;
  readonly reason: Reason;
  readonly at: string;
  /** Pending until the next bank run, and only so long may it be taken back. */
  status: 'pending' | 'paid' | 'cancelled';
}

const customers = {
  ada: ['Ada Lindqvist', 'ada@example.org'],
  ines: ['Ines Duarte', 'ines.duarte@example.org'],
  jo: ['Jo Meier', 'jo.meier@example.org'],
  lea: ['Lea Moreau', 'lea@example.org'],
  mira: ['Mira Novak', 'mira.novak@example.org'],
  noor: ['Noor Haddad', 'noor@example.org'],
  paul: ['Paul Okafor', 'paul.okafor@example.org'],
  sam: ['Sam Whitfield', 'sam@example.org'],
  tom: ['Tom Jansen', 'tom.jansen@example.org'],
  yuki: ['Yuki Tanaka', 'yuki@example.org'],
} as const;

/** Name and price in cents at the time of the order: the catalogue may say something else today. */
const products = {
  'BAG-01': ['Canvas bag Dock', 4_400],
  'BLK-01': ['Linen blanket Fen', 6_900],
  'CHR-01': ['Oak chair Fjord', 18_900],
  'CUS-01': ['Cushion Dune', 2_450],
  'DSK-01': ['Standing desk Lift', 44_900],
  'LMP-01': ['Desk lamp Arc', 3_990],
  'LMP-02': ['Floor lamp Reed', 12_900],
  'MUG-01': ['Stoneware mug Bay', 1_250],
  'MUG-02': ['Enamel mug Camp', 990],
  'NTB-01': ['Dotted notebook', 850],
  'PEN-01': ['Fountain pen Kite', 5_400],
  'RUG-01': ['Wool rug Moss', 24_900],
  'SHF-01': ['Wall shelf Linn', 5_900],
  'TEA-01': ['Teapot Hana', 3_400],
  'VAS-01': ['Glass vase Iris', 3_200],
} as const;

type Sku = keyof typeof products;
type Row = readonly [
  id: string,
  customer: keyof typeof customers,
  Status,
  placedAt: string,
  ...(readonly [Sku, number])[],
];

const rows: readonly Row[] = [
  ['A-1001', 'jo', 'delivered', '2026-11-02T09:14:00Z', ['LMP-01', 2]],
  ['A-1002', 'jo', 'delivered', '2026-11-03T17:40:00Z', ['MUG-01', 4]],
  ['A-1003', 'mira', 'shipped', '2026-11-17T11:05:00Z', ['RUG-01', 1]],
  ['A-1004', 'sam', 'shipped', '2026-11-18T08:22:00Z', ['DSK-01', 2]],
  ['A-1005', 'ada', 'open', '2026-11-22T19:31:00Z', ['TEA-01', 1], ['MUG-02', 2]],
  ['A-1006', 'noor', 'packed', '2026-11-20T13:02:00Z', ['CHR-01', 2]],
  ['A-1007', 'lea', 'delivered', '2026-10-12T10:45:00Z', ['BLK-01', 1]],
  ['A-1008', 'tom', 'cancelled', '2026-10-30T15:20:00Z', ['PEN-01', 1]],
  ['A-1009', 'mira', 'delivered', '2026-10-05T07:58:00Z', ['SHF-01', 3]],
  ['A-1010', 'ines', 'open', '2026-11-23T08:10:00Z', ['NTB-01', 6]],
  ['A-1011', 'sam', 'delivered', '2026-09-28T12:33:00Z', ['LMP-02', 1]],
  ['A-1012', 'yuki', 'shipped', '2026-11-19T16:47:00Z', ['CUS-01', 4]],
  ['A-1013', 'yuki', 'packed', '2026-11-21T09:09:00Z', ['VAS-01', 1], ['NTB-01', 2]],
  ['A-1014', 'ada', 'delivered', '2026-11-05T18:26:00Z', ['BAG-01', 1]],
  ['A-1015', 'paul', 'open', '2026-11-22T21:15:00Z', ['DSK-01', 1], ['CHR-01', 4]],
  ['A-1016', 'lea', 'delivered', '2026-11-09T14:00:00Z', ['TEA-01', 1], ['MUG-01', 2]],
  ['A-1017', 'tom', 'shipped', '2026-11-20T10:11:00Z', ['PEN-01', 1], ['NTB-01', 3]],
  ['A-1018', 'noor', 'delivered', '2026-08-14T06:50:00Z', ['RUG-01', 2], ['CUS-01', 2]],
  ['A-1019', 'ines', 'cancelled', '2026-11-01T20:02:00Z', ['SHF-01', 1]],
  ['A-1020', 'paul', 'delivered', '2026-11-11T11:11:00Z', ['LMP-02', 1], ['VAS-01', 1]],
];

/** @returns fresh orders A-1001 to A-1020, for one server to change as it likes */
export const seedOrders = (): Order[] =>
  rows.map(([id, who, status, placedAt, ...items]) => {
    const [customer, email] = customers[who];
    return {
      id,
      status,
      customer,
      email,
      placedAt,
      items: items.map(([sku, quantity]) => {
        const [name, price] = products[sku];
        return { sku, name, quantity, price };
      }),
      notes: [],
    };
  });

/** @returns fresh refunds R-2001 to R-2004: one still pending, one paid, and one for each cancelled order */
export const seedRefunds = (): Refund[] => [
  { id: 'R-2001', orderId: 'A-1020', amount: 2_000, reason: 'damaged', at: '2026-11-22T16:00:00Z', status: 'pending' },
  { id: 'R-2002', orderId: 'A-1009', amount: 5_900, reason: 'wrong-item', at: '2026-10-14T09:30:00Z', status: 'paid' },
  {
    id: 'R-2003',
    orderId: 'A-1008',
    amount: 5_400,
    reason: 'order-cancelled',
    at: '2026-10-31T08:00:00Z',
    status: 'paid',
  },
  {
    id: 'R-2004',
    orderId: 'A-1019',
    amount: 5_900,
    reason: 'order-cancelled',
    at: '2026-11-02T08:00:00Z',
    status: 'paid',
  },
];
