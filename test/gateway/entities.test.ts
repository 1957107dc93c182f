import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Setup } from '../../gateway/setup.ts';
import type { Principal } from '../../policies/types.ts';
import { type ShopGateway, startShopGateway } from './start-shop.ts';

let shop: ShopGateway;
beforeAll(async () => {
  shop = await startShopGateway();
});
afterAll(() => shop.stop());

const ask = async (gateway: ShopGateway, text: string, more = {}) =>
  (await gateway.call('/v1/ask', { text, ...more })).body;

describe('one hit', () => {
  test('becomes the identifier, from a backend; the look-up is a request of its own on record', async () => {
    const found = await ask(shop, 'what is the price of the teapot');
    expect(found).toMatchObject({
      outcome: 'completed',
      intent: 'catalogue.product',
      input: { sku: 'TEA-01' },
      provenance: { '/sku': 'backend' },
      output: { name: 'Teapot Hana' },
    });
    const entries = await shop.entries(found.request);
    expect(entries).toHaveLength(2);
    expect(entries[0]).toMatchObject({
      parent: found.request,
      intent: expect.stringContaining('catalogue.search@'),
      input: { text: 'teapot' },
      principal: { id: 'dana' },
      purpose: { name: 'support' },
      outcome: 'completed',
      decision: { outcome: 'permit' },
    });
    expect(entries[0]?.request).not.toBe(found.request);
    expect(entries[1]).toMatchObject({ request: found.request, intent: expect.stringContaining('catalogue.product@') });
  });

  test('a policy that wants a yes to what a backend said gets it', async () => {
    expect(await ask(shop, 'restock LMP-02 with 2 pieces')).toMatchObject({ outcome: 'completed' });
    expect(await ask(shop, 'restock the floor lamp with 2 pieces')).toMatchObject({
      outcome: 'confirm',
      input: { sku: 'LMP-02', quantity: 2 },
      provenance: { '/sku': 'backend', '/quantity': 'user' },
    });
  });

  test('among several, the one that is called just so', async () => {
    const say = shop.conversation();
    await say('show a product');
    expect(await say('Dotted notebook')).toMatchObject({ outcome: 'completed', input: { sku: 'NTB-01' } });
  });
});

describe('several hits', () => {
  test('are a question with what to choose from; a choice stays what a backend said', async () => {
    const say = shop.conversation();
    expect(await say('show product mug')).toMatchObject({
      outcome: 'clarify',
      intent: 'catalogue.product',
      fields: [{ pointer: '/sku' }],
      options: [
        { value: 'MUG-01', title: 'Stoneware mug Bay' },
        { value: 'MUG-02', title: 'Enamel mug Camp' },
      ],
    });
    expect(await say('the second one')).toMatchObject({
      outcome: 'completed',
      input: { sku: 'MUG-02' },
      provenance: { '/sku': 'backend' },
    });
  });

  test.each([
    ['its title', 'stoneware', 'MUG-01'],
    ['its number', 'mug-01', 'MUG-01'],
    ['another number', 'TEA-01', 'TEA-01'],
    ['other words', 'the teapot', 'TEA-01'],
  ])('are answered by %s', async (_name, text, sku) => {
    const say = shop.conversation();
    await say('show product mug');
    expect(await say(text)).toMatchObject({ outcome: 'completed', input: { sku } });
  });
});

test('no hit is a question for the identifier', async () => {
  const say = shop.conversation();
  await say('show a product');
  expect(await say('a spaceship')).toMatchObject({
    outcome: 'clarify',
    message: 'Nothing is found as "spaceship". Show a product: which article number?',
    fields: [{ pointer: '/sku' }],
  });
  expect(await say('LMP-01')).toMatchObject({ outcome: 'completed', provenance: { '/sku': 'user' } });
});

test('what only might have been such a thing is out of scope where there is none', async () => {
  for (const text of ['tell me about the weather', 'what does a divorce cost'])
    expect(await ask(shop, text)).toMatchObject({ outcome: 'out_of_scope' });
});

test('a denial looks nothing up to be changed', async () => {
  const asked = await ask(shop, 'do not discontinue the glass vase');
  expect(['clarify', 'out_of_scope']).toContain(asked.outcome);
  expect(asked.input).toBeUndefined();
});

test('an identifier in the words is not looked up, nor is anything typed or explained', async () => {
  const direct = await ask(shop, 'show product LMP-01');
  expect(await shop.entries(direct.request)).toHaveLength(1);
  const typed = await shop.call('/v1/intents/catalogue.product', { name: 'teapot' });
  expect(typed.body.code).toBe('input.invalid');
  const explained = (await shop.call('/v1/explain', { text: 'what is the price of the teapot' })).body;
  expect(explained).toMatchObject({ outcome: 'clarify', fields: [{ pointer: '/sku' }] });
  expect(await shop.entries(explained.request)).toHaveLength(1);
});

const withBundle =
  (bundle: (setup: Setup) => Partial<Setup['bundle']>) =>
  (setup: Setup): Setup => ({ ...setup, bundle: { ...setup.bundle, ...bundle(setup) } });
const isSearch = (name: string) => name === 'catalogue.search';

test('whoever may not search is asked for the identifier, as if nothing were declared', async () => {
  const denied = await startShopGateway(
    withBundle(({ bundle }) => ({
      decide: (asked) =>
        isSearch(asked.intent.name) ? { ...bundle.decide(asked), outcome: 'deny' } : bundle.decide(asked),
    })),
  );
  const say = denied.conversation();
  await say('show a product');
  const asked = await say('the teapot');
  expect(asked).toMatchObject({ outcome: 'clarify', message: 'Show a product: which article number?' });
  expect(asked.options).toBeUndefined();
  expect((await denied.entries(asked.request)).map(({ outcome }) => outcome)).toEqual(['denied', 'clarify']);
  expect((await ask(denied, 'what is the price of the teapot')).outcome).not.toBe('completed');
  await denied.stop();
});

test('a search that is hidden from the caller is not even asked for', async () => {
  const hidden = await startShopGateway(
    withBundle(({ bundle }) => ({
      visibility: (principal: Principal, intent) =>
        isSearch(intent.name) ? 'hidden' : bundle.visibility(principal, intent),
    })),
  );
  const say = hidden.conversation();
  await say('show a product');
  const asked = await say('the teapot');
  expect(asked).toMatchObject({ outcome: 'clarify', message: 'Show a product: which article number?' });
  expect(await hidden.entries(asked.request)).toHaveLength(1);
  await hidden.stop();
});

test('a backend that is down leaves a question for the identifier', async () => {
  const broken = await startShopGateway((setup) => ({
    ...setup,
    config: {
      ...setup.config,
      backends: {
        ...setup.config.backends,
        catalogue: { ...(setup.config.backends.catalogue as object), url: 'http://127.0.0.1:9/graphql' } as never,
      },
    },
  }));
  expect(await ask(broken, 'what is the price of the teapot')).toMatchObject({
    outcome: 'clarify',
    fields: [{ pointer: '/sku' }],
  });
  await broken.stop();
});
