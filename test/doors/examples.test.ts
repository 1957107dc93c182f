import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { overHttp, recordExamples } from '../../gateway/cli/record-examples.ts';
import { loadSetup, type Setup } from '../../gateway/setup.ts';
import type { JsonSchema } from '../../intents/json.ts';
import { toOpenapi } from '../../intents/project/openapi.ts';
import { startWorld, type World } from './world.ts';

const file = 'examples/shop/ran.json';
let world: World;
let shop: Setup;
beforeAll(async () => {
  world = await startWorld();
  const { setup } = await loadSetup('examples/shop', {});
  if (setup === undefined) throw new Error('the shop does not load');
  shop = setup;
});
afterAll(() => world?.stop());

test('the examples that are shown are what the shop answers (UPDATE_GOLDEN=1 runs them anew)', async () => {
  const { ran, without } = await recordExamples(shop.catalogue, overHttp(world.url, 'demo-support'), true);
  const text = `${JSON.stringify({ api: 'ostiary-examples/1', ran }, null, 2)}\n`;
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, text);
  expect(existsSync(file) && readFileSync(file, 'utf8')).toBe(text);
  // No key of the demo may be used for that.
  expect(without.map(({ intent, why }) => [intent, why.split(':')[0]])).toEqual([
    ['customers.erase@1', 'policy.denied'],
  ]);
  expect(text).not.toMatch(/@example\.(org|com|net)(?!")|"email": "(?!jo@)/);
});

test('what ran fits the contracts, as the document shows it', () => {
  const { paths } = toOpenapi(shop.catalogue.intents, shop.catalogue.library, shop.ran) as {
    // biome-ignore lint/suspicious/noExplicitAny: a document is looked into at any depth
    paths: Record<string, any>;
  };
  let shown = 0;
  for (const intent of shop.catalogue.intents) {
    const { post } = paths[`/v1/intents/${intent.name}`];
    const { examples: sent } = post.requestBody.content['application/json'];
    const { examples: got } = post.responses[200].content['application/json'];
    expect(Object.keys(got ?? {})).toEqual(Object.keys(sent ?? {}));
    for (const key of Object.keys(sent ?? {})) {
      shown++;
      const fits = (schema: JsonSchema, value: unknown) => shop.catalogue.library.validator(schema)(value);
      expect([intent.id, fits(intent.input, sent[key].value)]).toEqual([intent.id, true]);
      expect([intent.id, fits(intent.output ?? {}, got[key].value)]).toEqual([intent.id, true]);
    }
  }
  expect(shown).toBe(shop.catalogue.intents.length - 1);
});

test('an example of another contract is not shown', () => {
  const [first, ...others] = shop.ran ?? [];
  if (first === undefined) throw new Error('there are no examples');
  const stale = [{ ...first, contract: '0000000000000000' }, ...others];
  const text = JSON.stringify(toOpenapi(shop.catalogue.intents, shop.catalogue.library, stale));
  expect(text.split('"ran-1"')).toHaveLength(2 * others.length + 1);
});

const document = async (key: string) => {
  const response = await fetch(`${world.url}/openapi.json`, { headers: { authorization: `Bearer ${key}` } });
  // biome-ignore lint/suspicious/noExplicitAny: a document is looked into at any depth
  return (await response.json()) as Record<string, any>;
};

test('at the door each caller sees of an example what they would see of the answer', async () => {
  const of = (found: Record<string, unknown>, name: string) =>
    // biome-ignore lint/suspicious/noExplicitAny: likewise
    (found.paths as any)[`/v1/intents/${name}`]?.post.responses[200].content['application/json'].examples?.['ran-1']
      .value;
  const [support, bot] = [await document('demo-support'), await document('demo-shopper-bot')];
  expect(of(support, 'orders.get')).toMatchObject({ id: 'A-1001', notes: expect.anything() });
  expect(of(bot, 'orders.get')).toMatchObject({ id: 'A-1001' });
  expect(of(bot, 'orders.get').notes).toBeUndefined();
  expect(of(support, 'orders.get').email).toBeUndefined();
});
