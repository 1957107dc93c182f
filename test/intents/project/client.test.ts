import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { loadSetup } from '../../../gateway/setup.ts';
import { loadCatalogue } from '../../../intents/load.ts';
import { toClient } from '../../../intents/project/client.ts';
import { readSources } from '../../../intents/source.ts';
import { type ShopGateway, startShopGateway } from '../../gateway/start-shop.ts';
import type * as Shop from './golden/shop-client.ts';

const golden = join(import.meta.dirname, 'golden/shop-client.ts');
const { setup } = await loadSetup('examples/shop', {});
if (setup === undefined) throw new Error('The shop does not load: see shop-set-up.test.ts.');
const { catalogue } = setup;

test('the client of the shop is as it was reviewed (UPDATE_GOLDEN=1 rewrites it)', () => {
  const text = toClient(catalogue.intents, catalogue.library);
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(golden, text);
  expect(text).toBe(readFileSync(golden, 'utf8'));
  expect(toClient([...catalogue.intents], catalogue.library)).toBe(text);
});

/** What the compiler says of a client and of code that uses it, one line each. */
const compiled = (client: string, use: string): string[] => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-client-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'client.ts'), client);
  writeFileSync(join(folder, 'use.ts'), use);
  const options =
    '--noEmit --strict --exactOptionalPropertyTypes --noUncheckedIndexedAccess --erasableSyntaxOnly --allowImportingTsExtensions --target es2022 --module nodenext --lib es2022,dom --types';
  try {
    execFileSync('node_modules/.bin/tsc', [...options.split(' '), '', '--ignoreConfig', join(folder, 'use.ts')], {
      encoding: 'utf8',
    });
    return [];
  } catch (error) {
    return (error as { stdout: string }).stdout.trim().split('\n');
  }
};

test('its types hold callers to the contracts', () => {
  const use = `import { createClient, type OrdersRefundInput } from './client.ts';
const shop = createClient({ url: 'http://127.0.0.1:1', key: async () => 'k' });
export const input: OrdersRefundInput = { order_id: 'A-1001', reason: 'damaged' };
export const id: Promise<string | undefined> = shop.orders.refund(input, { purpose: 'support' }).then(({ refund_id }) => refund_id);
void shop.orders.search();
// @ts-expect-error an order is required
void shop.orders.refund({});
// @ts-expect-error no such reason
void shop.orders.refund({ order_id: 'A-1001', reason: 'boredom' });
// @ts-expect-error no such member
void shop.orders.get({ order_id: 'A-1001', colour: 'red' });
// @ts-expect-error no such intent
void shop.orders.frobnicate({});
// @ts-expect-error a policy may hide it
export const sure: Promise<string> = shop.orders.get({ order_id: 'A-1001' }).then(({ status }) => status);
`;
  expect(compiled(readFileSync(golden, 'utf8'), use)).toEqual([]);
});

test('names that clash, recursion and hostile words compile', () => {
  const contract = (intent: string, more: object = {}) =>
    JSON.stringify({
      intent,
      version: '1.0.0',
      title: 'A */ end',
      description: 'of `it` <b>',
      effect: 'read',
      input: { type: 'object', properties: { 'a-b': { $ref: 'schema:tree' }, __x: { const: '"' } } },
      call: { backend: 'b', rest: 'GET /' },
      ...more,
    });
  const text = [
    JSON.stringify({
      schemas: {
        tree: {
          type: 'object',
          properties: {
            below: { type: 'array', items: { $ref: 'schema:tree' } },
            either: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: ['null', 'integer'] } }] },
          },
        },
        'a.b-input': { type: 'string' },
        Answer: { type: 'number' },
      },
    }),
    contract('a.b'),
    contract('a.b', {
      version: '2.0.0',
      output: { $ref: 'schema:Answer' },
      input: { type: 'object', properties: { x: { $ref: 'schema:a.b-input' } } },
    }),
    contract('a.b.c'),
    contract('a.b-v1'),
    contract('ask.confirm'),
    contract('a.b-c', { deprecated: { since: '2026-11-01' } }),
  ].join('\n---\n');
  const { catalogue: odd, findings } = loadCatalogue(readSources('odd.yaml', text).sources);
  expect(findings).toEqual([]);
  const use = `import { createClient } from './client.ts';
const { a, ask_ } = createClient({ url: '' });
export const all = [a.b({ x: 'x' }), a.bV1({ 'a-b': { below: [{ either: [1, null] }] } }), a.bV1_({}), a.b.c({}), a.bC({}), ask_.confirm({})];
`;
  expect(compiled(toClient(odd.intents, odd.library), use)).toEqual([]);
});

describe('in front of a running gateway', () => {
  let gateway: ShopGateway;
  let client: Shop.Client;
  let OstiaryProblem: typeof Shop.OstiaryProblem;
  beforeAll(async () => {
    gateway = await startShopGateway();
    const made = (await import(pathToFileURL(golden).href)) as typeof Shop;
    client = made.createClient({ url: `${gateway.url}/`, key: 'demo-support' });
    OstiaryProblem = made.OstiaryProblem;
  });
  afterAll(() => gateway.stop());

  test('a typed call, and only what is wanted of it', async () => {
    expect(await client.orders.get({ order_id: 'A-1001' })).toMatchObject({ id: 'A-1001' });
    expect(await client.orders.get({ order_id: 'A-1001' }, { fields: ['status'] })).toEqual({
      status: expect.any(String),
    });
  });

  test('a problem is thrown, with its code and its places', async () => {
    const failure = await client.orders.get({ order_id: 'nonsense' }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OstiaryProblem);
    expect(failure).toMatchObject({
      code: 'input.invalid',
      problem: { status: 422, errors: [{ pointer: '/order_id' }] },
    });
  });

  test('a request in words, and one that goes on with it', async () => {
    expect(await client.ask('show order A-1001')).toMatchObject({ outcome: 'completed', output: { id: 'A-1001' } });
    const asked = await client.ask('show me an order');
    expect(asked.outcome).toBe('clarify');
    const { session = '' } = asked;
    expect(await client.ask('A-1001', { session })).toMatchObject({ outcome: 'completed' });
  });

  test('what waits for a yes is a problem of a typed call, and is done once it is there', async () => {
    const call = { idempotencyKey: 'client-1' };
    const waits = (await client.orders
      .cancel({ order_id: 'A-1006' }, call)
      .catch((error: unknown) => error)) as Shop.OstiaryProblem;
    expect(waits).toMatchObject({ code: 'confirm.required', problem: { status: 428 } });
    const done = await client.confirm(waits.problem.confirmation?.id ?? '', true);
    expect(done).toMatchObject({ outcome: 'completed', intent: 'orders.cancel' });
  });
});
