import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { startShop } from '../../examples/shop/start.ts';
import { createLogger, serve } from '../../gateway/serve.ts';
import { loadSetup } from '../../gateway/setup.ts';
import { catalogueOf } from '../../intents/catalogue.ts';
import type { Answer } from '../gateway/start-shop.ts';
import { deskIntents, deskPolicy, startDesk } from './desk.ts';

/** The clock of the shop's services: the same in every world. */
const now = new Date('2026-11-23T10:00:00.000Z');

/** A gateway of its own, with backends of its own: what is done in one world is not done in another. */
export const startWorld = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-doors-'));
  const running: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const close of running.reverse()) await close();
    rmSync(folder, { recursive: true });
  };
  try {
    const shop = await startShop({ ports: { orders: 0, catalogue: 0, shipping: 0 }, now: () => now });
    running.push(shop.close);
    const desk = await startDesk();
    running.push(desk.close);
    for (const path of ['intents', 'policies', 'ontology.yaml', 'ran.json'])
      cpSync(join('examples/shop', path), join(folder, path), { recursive: true });
    mkdirSync(join(folder, 'intents'), { recursive: true });
    writeFileSync(join(folder, 'intents/desk.yaml'), deskIntents);
    writeFileSync(join(folder, 'policies/desk.policy.yaml'), deskPolicy);
    const text = readFileSync('examples/shop/ostiary.yaml', 'utf8').replace(
      'backends:\n',
      `doors: { grpc: { port: 0, package: shop } }\nbackends:\n  desk: { kind: mcp, url: "${desk.url}", timeout: 20s }\n`,
    );
    writeFileSync(join(folder, 'ostiary.yaml'), text);
    const { setup, findings } = await loadSetup(folder, {
      ORDERS_URL: shop.orders,
      CATALOGUE_URL: shop.catalogue,
      SHIPPING_ADDRESS: shop.shipping,
    });
    if (setup === undefined) throw new Error(JSON.stringify(findings, null, 2));
    // Calls are typed: there are no words to be understood.
    const { intents, entities, library } = setup.catalogue;
    const catalogue = catalogueOf(
      intents.map((intent) => ({ ...intent, examples: [] })),
      entities,
      library,
    );
    // On a busy machine the event loop is late, and that is not what is tested here.
    const config = { ...setup.config, limits: { ...setup.config.limits, delay: 600_000 } };
    const serving = await serve({ ...setup, config, catalogue }, { port: 0 }, createLogger('silent'));
    running.push(serving.close);
    const reader = new DatabaseSync(join(folder, 'data/ostiary.db'), { readOnly: true });
    running.push(async () => reader.close());
    const rows = reader.prepare('SELECT sequence, body FROM audit WHERE sequence > ? ORDER BY sequence');
    let read = 0;
    return {
      url: serving.url,
      grpc: serving.grpc ?? '',
      /** With the examples that are written beside the contracts. */
      catalogue: setup.catalogue,
      deskCalls: desk.calls,
      /** All entries that came since they were last asked for, without the name of the folder, as soon as each of these requests has its outcome. */
      async entries(requests: readonly string[]): Promise<Answer[]> {
        for (let tries = 0; tries < 3_000; tries++) {
          const found = rows.all(read) as { sequence: number; body: string }[];
          const entries = found.map(({ body }) => JSON.parse(body.replaceAll(folder, '')) as Answer);
          const ended = (id: string) => entries.some(({ kind, request }) => kind === 'outcome' && request === id);
          if (requests.every(ended)) {
            read = found.at(-1)?.sequence ?? read;
            // When a checkpoint is made is for the clock to say.
            return entries.filter(({ kind }) => kind !== 'checkpoint');
          }
          await delay(10);
        }
        throw new Error(`no outcome of one of ${requests.join(', ')} was recorded`);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};
export type World = Awaited<ReturnType<typeof startWorld>>;
