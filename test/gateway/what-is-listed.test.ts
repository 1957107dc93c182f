import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Shop, startShop } from '../../examples/shop/start.ts';
import { createLogger, type Serving, serve } from '../../gateway/serve.ts';
import { loadSetup } from '../../gateway/setup.ts';
import type { Intent } from '../../intents/contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostiary-listed-'));
let shop: Shop;
let gateway: Serving;
let all: readonly Intent[] = [];
beforeAll(async () => {
  shop = await startShop({ ports: { orders: 0, catalogue: 0, shipping: 0 } });
  const { setup } = await loadSetup('examples/shop', {
    ORDERS_URL: shop.orders,
    CATALOGUE_URL: shop.catalogue,
    SHIPPING_ADDRESS: shop.shipping,
  });
  if (setup === undefined) throw new Error('the shop does not load');
  all = setup.catalogue.intents;
  const config = { ...setup.config, store: { url: pathToFileURL(folder).href } };
  gateway = await serve({ ...setup, config }, { port: 0 }, createLogger('silent'));
});
afterAll(async () => {
  await gateway?.close();
  await shop?.close();
  rmSync(folder, { recursive: true });
});

const call = async (key: string, method: 'GET' | 'POST', path: string, body?: object) => {
  const response = await request(`${gateway.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into at any depth, and every look is an assertion
  return { status: response.statusCode, body: (await response.body.json()) as any };
};
const listed = async (key: string): Promise<string[]> =>
  (await call(key, 'GET', '/v1/intents')).body.intents.map(({ intent }: { intent: string }) => intent);
/** No contract knows this member: a caller who may know of the intent is told so, and nothing is ever called. */
const probe = { 'no such member': 1 };

describe.each(['demo-support', 'demo-shopper-bot', 'demo-auditor'])('for %s', (key) => {
  test('every place that lists says the same', async () => {
    const names = await listed(key);
    expect(names.length).toBeGreaterThan(0);
    const { paths } = (await call(key, 'GET', '/openapi.json')).body;
    expect(Object.keys(paths).sort()).toEqual(names.map((name) => `/v1/intents/${name}`).sort());
    for (const { name } of all)
      expect([name, (await call(key, 'GET', `/v1/intents/${name}`)).status]).toEqual([
        name,
        names.includes(name) ? 200 : 404,
      ]);
  });

  test('what is listed can be called, and what answers to a call is listed or refused by name', async () => {
    const names = await listed(key);
    for (const { name, major } of all)
      for (const [path, body] of [
        [`/v1/intents/${name}`, probe],
        [`/v1/intents/${name}@${major}`, probe],
        ['/v1/explain', { intent: name, input: probe }],
      ] as const) {
        const answer = await call(key, 'POST', path, body);
        if (names.includes(name)) expect([path, answer.body.code]).toEqual([path, 'input.invalid']);
        else
          expect([path, answer.body.code]).toEqual([path, expect.stringMatching(/^(intent\.unknown|input\.invalid)$/)]);
      }
  });

  test('what is hidden is in no answer at all', async () => {
    const hidden: string[] = [];
    for (const { name } of all)
      if ((await call(key, 'POST', `/v1/intents/${name}`, probe)).body.code === 'intent.unknown') hidden.push(name);
    const shown = [
      await call(key, 'GET', '/v1/intents'),
      await call(key, 'GET', '/openapi.json'),
      await call(key, 'POST', '/v1/ask', { text: 'what is the weather in Paris' }),
    ];
    for (const intent of all)
      for (const { text } of intent.examples.slice(0, 2))
        if (hidden.includes(intent.name)) shown.push(await call(key, 'POST', '/v1/explain', { text }));
    const told = JSON.stringify(shown.map(({ body }) => body));
    expect(hidden.filter((name) => told.includes(`"${name}"`))).toEqual([]);
  });
});
