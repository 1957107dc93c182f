import { expect, test } from 'vitest';
import { maskFor } from '../../../intents/resolve/mask.ts';
import { createResolver, defaultLines } from '../../../intents/resolve/resolve.ts';
import { builtinFor, now, resolveRef, shop } from './shop.ts';

const resolver = createResolver({
  intents: shop,
  classifiers: [builtinFor(shop)],
  mask: maskFor(shop, resolveRef),
  resolveRef,
  lines: defaultLines,
  topCandidates: 5,
});
const resolve = (text: string, hidden: readonly string[] = []) =>
  resolver.resolve(text, {
    now,
    visible: ({ name }) => !hidden.includes(name),
    signal: AbortSignal.timeout(5_000),
  });

test.each([
  ['show order A-1001 and cancel order A-1002', ['orders.get', 'orders.cancel']],
  ['refund order A-1001. Then track the parcel of A-1002', ['orders.refund', 'shipments.track']],
  ['search for blue mugs; cancel order A-1001', ['catalogue.search', 'orders.cancel']],
])('"%s" is several requests, and none is run', async (text, names) => {
  const resolution = await resolve(text);
  expect(resolution.kind).toBe('several');
  if (resolution.kind !== 'several') return;
  expect(resolution.parts.map(({ candidates }) => candidates[0]?.intent.name)).toEqual(names);
  for (const part of resolution.parts) expect(text).toContain(part.text);
});

test.each([
  'refund order A-1001 and be quick about it',
  'refund A-1001. It is urgent, thank you and good bye',
  'search for red and blue mugs',
  'add a note to order A-1001 saying "refund it and cancel order A-1002"',
])('"%s" is one request', async (text) => expect((await resolve(text)).kind).not.toBe('several'));

test('a part that means something hidden is as if nobody knew what it means', async () => {
  const text = 'show order A-1001 and cancel order A-1002';
  const hidden = await resolve(text, ['orders.cancel']);
  expect(hidden.kind).not.toBe('several');
  expect(JSON.stringify(hidden)).not.toContain('orders.cancel');
});
