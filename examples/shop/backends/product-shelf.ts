import { ShopError } from './shop-error.ts';

export type Category = 'furniture' | 'kitchen' | 'lighting' | 'office' | 'textiles';
export type Warehouse = 'BERLIN' | 'LYON';

interface Product {
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly category: Category;
  /** In cents. */
  price: number;
  discontinued: boolean;
  readonly stock: Record<Warehouse, { onHand: number; reserved: number }>;
}

type Row = readonly [
  sku: string,
  name: string,
  Category,
  cents: number,
  berlin: number,
  lyon: number,
  description: string,
];

const rows: readonly Row[] = [
  ['BAG-01', 'Canvas bag Dock', 'office', 4_400, 18, 6, 'Waxed canvas, takes a 14 inch laptop.'],
  ['BLK-01', 'Linen blanket Fen', 'textiles', 6_900, 9, 0, 'Washed linen, 130 by 180 cm.'],
  ['CHR-01', 'Oak chair Fjord', 'furniture', 18_900, 12, 8, 'Solid oak, stackable.'],
  ['CUS-01', 'Cushion Dune', 'textiles', 2_450, 40, 22, 'Cotton cover, feather filling, 45 by 45 cm.'],
  ['DSK-01', 'Standing desk Lift', 'furniture', 44_900, 3, 1, 'Electric, 65 to 125 cm, oak top.'],
  ['LMP-01', 'Desk lamp Arc', 'lighting', 3_990, 64, 30, 'LED, dimmable, steel arm.'],
  ['LMP-02', 'Floor lamp Reed', 'lighting', 12_900, 7, 2, 'Paper shade on a bamboo stand.'],
  ['MUG-01', 'Stoneware mug Bay', 'kitchen', 1_250, 120, 85, 'Holds 300 ml, safe in the dishwasher.'],
  ['MUG-02', 'Enamel mug Camp', 'kitchen', 990, 0, 0, 'Enamelled steel for outdoors.'],
  ['NTB-01', 'Dotted notebook', 'office', 850, 210, 140, 'A5, 160 pages, lies flat.'],
  ['PEN-01', 'Fountain pen Kite', 'office', 5_400, 15, 4, 'Brass, medium nib.'],
  ['RUG-01', 'Wool rug Moss', 'textiles', 24_900, 2, 2, 'Hand-tufted wool, 140 by 200 cm.'],
  ['SHF-01', 'Wall shelf Linn', 'furniture', 5_900, 26, 11, 'Powder-coated steel, 80 cm.'],
  ['TEA-01', 'Teapot Hana', 'kitchen', 3_400, 14, 9, 'Cast iron with a strainer, 0.8 litres.'],
  ['VAS-01', 'Glass vase Iris', 'kitchen', 3_200, 11, 0, 'Mouth-blown, 24 cm.'],
];

export type ProductShelf = ReturnType<typeof productShelf>;

/** Products and their stock in memory, with the rules of the shop. Prices go in and out in euros and are kept in cents. */
export const productShelf = () => {
  const products = new Map(rows.map((row) => [row[0], toProduct(row)]));

  const find = (sku: string): Product => {
    const product = products.get(sku);
    if (product === undefined) throw new ShopError('not-found', `There is no product ${sku}.`);
    return product;
  };
  const findOnSale = (sku: string): Product => {
    const product = find(sku);
    if (product.discontinued) throw new ShopError('conflict', `Product ${sku} is discontinued.`);
    return product;
  };
  const page = (found: readonly Product[], limit: number) => ({
    total: found.length,
    products: found.slice(0, limit).map(view),
  });

  return {
    product: (sku: string) => view(find(sku)),
    stock: (sku: string) => stockView(find(sku)),

    search(wanted: { text?: string; category?: Category; maxPrice?: number; inStock?: boolean; limit: number }) {
      const words = (wanted.text ?? '').toLowerCase().split(/\s+/).filter(Boolean);
      const found = [...products.values()].filter((product) => {
        const written = `${product.name} ${product.description} ${product.category}`.toLowerCase();
        return (
          !product.discontinued &&
          // A plural asks for the same things: "lamps" finds "lamp".
          words.every((word) => written.includes(word.length > 3 ? word.replace(/s$/, '') : word)) &&
          (wanted.category === undefined || product.category === wanted.category) &&
          (wanted.maxPrice === undefined || product.price <= wanted.maxPrice * 100) &&
          (wanted.inStock === undefined || availableOf(product) > 0 === wanted.inStock)
        );
      });
      return page(found, wanted.limit);
    },

    lowStock: (below: number) =>
      page(
        [...products.values()].filter((product) => !product.discontinued && availableOf(product) < below),
        50,
      ),

    setPrice(sku: string, price: number) {
      const product = findOnSale(sku);
      const cents = Math.round(price * 100);
      if (cents < 1 || Math.abs(cents - price * 100) > 1e-6)
        throw new ShopError('invalid', `${price} is not a price in euros and whole cents.`);
      const old = product.price;
      product.price = cents;
      return { sku, oldPrice: old / 100, newPrice: cents / 100, currency: 'EUR' };
    },

    restock(sku: string, quantity: number, warehouse: Warehouse) {
      const product = findOnSale(sku);
      if (quantity < 1 || quantity > 10_000)
        throw new ShopError('invalid', 'Between 1 and 10000 pieces can be booked at once.');
      product.stock[warehouse].onHand += quantity;
      return stockView(product);
    },

    discontinue(sku: string) {
      const product = findOnSale(sku);
      product.discontinued = true;
      return view(product);
    },
  };
};

const toProduct = ([sku, name, category, price, berlin, lyon, description]: Row): Product => ({
  sku,
  name,
  description,
  category,
  price,
  discontinued: false,
  stock: {
    BERLIN: { onHand: berlin, reserved: Math.min(berlin, 1) },
    LYON: { onHand: lyon, reserved: 0 },
  },
});

const availableOf = ({ stock }: Product): number =>
  Object.values(stock).reduce((sum, { onHand, reserved }) => sum + onHand - reserved, 0);

const view = (product: Product) => ({
  sku: product.sku,
  name: product.name,
  description: product.description,
  category: product.category,
  price: product.price / 100,
  currency: 'EUR',
  available: product.discontinued ? 0 : availableOf(product),
  discontinued: product.discontinued,
});

const stockView = (product: Product) => ({
  sku: product.sku,
  available: product.discontinued ? 0 : availableOf(product),
  warehouses: Object.entries(product.stock).map(([warehouse, stock]) => ({ warehouse, ...stock })),
});
