import { startCatalogue } from './backends/catalogue.ts';
import { startOrders } from './backends/orders.ts';
import { startShipping } from './backends/shipping.ts';

export interface Shop {
  /** `http://127.0.0.1:4101` */
  readonly orders: string;
  /** `http://127.0.0.1:4102/graphql` */
  readonly catalogue: string;
  /** `127.0.0.1:4103` */
  readonly shipping: string;
  close(): Promise<void>;
}

/**
 * Starts the three backends of the shop on 127.0.0.1, all or none.
 * @param options `ports` default to those that `ostiary.yaml` expects; 0 takes a free one. `now` is the shop's clock
 */
export const startShop = async (
  options: {
    readonly ports?: { readonly orders: number; readonly catalogue: number; readonly shipping: number };
    readonly now?: () => Date;
  } = {},
): Promise<Shop> => {
  const ports = options.ports ?? { orders: 4101, catalogue: 4102, shipping: 4103 };
  const clock = options.now === undefined ? {} : { now: options.now };
  const running: { close(): Promise<void> }[] = [];
  const close = async () => {
    await Promise.all(running.map((server) => server.close()));
  };
  const kept = <Server extends { close(): Promise<void> }>(server: Server): Server => {
    running.push(server);
    return server;
  };
  try {
    const orders = kept(await startOrders({ port: ports.orders, ...clock }));
    const catalogue = kept(await startCatalogue({ port: ports.catalogue }));
    const shipping = kept(await startShipping({ port: ports.shipping, ...clock }));
    return { orders: orders.url, catalogue: catalogue.url, shipping: shipping.address, close };
  } catch (error) {
    await close();
    throw error;
  }
};

if (import.meta.main) {
  const shop = await startShop();
  process.stdout.write(`orders    ${shop.orders}\ncatalogue ${shop.catalogue}\nshipping  ${shop.shipping}\n`);
  const stop = () => void shop.close();
  process.once('SIGINT', stop).once('SIGTERM', stop);
}
