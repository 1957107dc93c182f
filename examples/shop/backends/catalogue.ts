import { readFileSync } from 'node:fs';
import fastify from 'fastify';
import { buildSchema, GraphQLError } from 'graphql';
import { createHandler } from 'graphql-http/lib/use/fastify';
import { type Category, type ProductShelf, productShelf, type Warehouse } from './product-shelf.ts';
import { ShopError } from './shop-error.ts';

const codes = { 'not-found': 'NOT_FOUND', conflict: 'CONFLICT', invalid: 'BAD_USER_INPUT' } as const;

/**
 * Starts the catalogue of the shop: GraphQL at `/graphql`, kept in memory while it runs.
 * Failures carry `extensions.code`: NOT_FOUND, CONFLICT or BAD_USER_INPUT.
 * @param options `port` 0 takes a free one
 * @returns `url` of the endpoint itself
 */
export const startCatalogue = async (options: {
  readonly port: number;
  readonly host?: '127.0.0.1';
}): Promise<{ url: string; close(): Promise<void> }> => {
  const schema = buildSchema(readFileSync(new URL('catalogue.graphql', import.meta.url), 'utf8'));
  const app = fastify({ forceCloseConnections: true });
  app.all('/graphql', createHandler({ schema, rootValue: rootOf(productShelf()) }));
  const url = await app.listen({ port: options.port, host: options.host ?? '127.0.0.1' });
  return { url: `${url}/graphql`, close: () => app.close() };
};

type Optional<T> = { readonly [Name in keyof T]?: T[Name] | null };
type SearchArguments = Optional<{
  text: string;
  category: Category;
  maxPrice: number;
  inStock: boolean;
  limit: number;
}>;

const rootOf = (shelf: ProductShelf) => ({
  product: ({ sku }: { sku: string }) => answer(() => shelf.product(sku)),
  stock: ({ sku }: { sku: string }) => answer(() => shelf.stock(sku)),
  search: ({ text, category, maxPrice, inStock, limit }: SearchArguments) =>
    answer(() =>
      shelf.search({
        ...(text == null ? {} : { text }),
        ...(category == null ? {} : { category }),
        ...(maxPrice == null ? {} : { maxPrice }),
        ...(inStock == null ? {} : { inStock }),
        limit: limit ?? 10,
      }),
    ),
  lowStock: ({ below }: { below: number }) => answer(() => shelf.lowStock(below)),
  setPrice: ({ sku, price }: { sku: string; price: number }) => answer(() => shelf.setPrice(sku, price)),
  restock: ({ sku, quantity, warehouse }: { sku: string; quantity: number; warehouse: Warehouse }) =>
    answer(() => shelf.restock(sku, quantity, warehouse)),
  discontinue: ({ sku }: { sku: string }) => answer(() => shelf.discontinue(sku)),
});

const answer = <T>(work: () => T): T => {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ShopError)) throw error;
    throw new GraphQLError(error.message, { extensions: { code: codes[error.refusal] } });
  }
};
