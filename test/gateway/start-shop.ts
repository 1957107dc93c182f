import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { startShop } from '../../examples/shop/start.ts';
import { createLogger, serve } from '../../gateway/serve.ts';
import { loadSetup, type Setup } from '../../gateway/setup.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into at any depth, and every look is an assertion
export type Answer = Record<string, any>;

/** Says one thing after another in one conversation, each with the session that the answer before it gave. */
export type Say = (text: string, more?: object) => Promise<Answer>;

/** The example shop with its backends, all on free ports. */
export const startShopGateway = async (changed: (setup: Setup) => Setup = (setup) => setup) => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-shop-'));
  const shop = await startShop({ ports: { orders: 0, catalogue: 0, shipping: 0 } });
  const { setup, findings } = await loadSetup('examples/shop', {
    ORDERS_URL: shop.orders,
    CATALOGUE_URL: shop.catalogue,
    SHIPPING_ADDRESS: shop.shipping,
    SHOP_STORE: `file:${folder}`,
  });
  if (setup === undefined) throw new Error(JSON.stringify(findings, null, 2));
  const { config, ...rest } = changed(setup);
  // On a busy machine the event loop is late, and that is not what is tested with the shop.
  const patient = { ...rest, config: { ...config, limits: { ...config.limits, delay: 3_600_000 } } };
  const serving = await serve(patient, { port: 0 }, createLogger('silent'));
  const call = async (path: string, body: object, key = 'demo-support') => {
    const response = await fetch(serving.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Answer };
  };
  return {
    url: serving.url,
    grpc: serving.grpc ?? '',
    call,
    async get(path: string, key = 'demo-support') {
      const response = await fetch(serving.url + path, { headers: { authorization: `Bearer ${key}` } });
      return (await response.json()) as Answer;
    },
    /** Begins a conversation of its own. */
    conversation(key = 'demo-support'): Say {
      let session: string | undefined;
      return async (text, more = {}) => {
        const { body } = await call('/v1/ask', { text, ...(session === undefined ? {} : { session }), ...more }, key);
        session = body.session ?? session;
        return body;
      };
    },
    /** The entries whose request or parent it is, as soon as its outcome is there. */
    async entries(request: string): Promise<Answer[]> {
      for (let tries = 0; tries < 1_000; tries++) {
        const reader = new DatabaseSync(join(folder, 'ostiary.db'), { readOnly: true });
        const rows = reader.prepare('SELECT body FROM audit ORDER BY sequence').all() as { body: string }[];
        reader.close();
        const all = rows.map(({ body }) => JSON.parse(body) as Answer);
        if (all.some((entry) => entry.request === request && entry.kind === 'outcome'))
          return all.filter((entry) => entry.request === request || entry.parent === request);
        await delay(20);
      }
      throw new Error(`no outcome of ${request} was recorded`);
    },
    async stop() {
      await serving.close();
      await shop.close();
      rmSync(folder, { recursive: true });
    },
  };
};
export type ShopGateway = Awaited<ReturnType<typeof startShopGateway>>;
