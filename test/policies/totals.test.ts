import { describe, expect, test } from 'vitest';
import { memoryRates } from '../../adapters/stores/memory-rates.ts';
import type { Addition } from '../../policies/types.ts';
import { memoryTotals } from '../support/memory-totals.ts';

const hour = 3_600_000;
const addition = (amount: number, atMost: number | undefined, key = 'k'): Addition => ({
  name: 'n',
  key,
  windowMs: hour,
  amount,
  atMost,
});
const reading = (key = 'k') => ({ name: 'n', key, windowMs: hour });

describe('totals', () => {
  test('count what is reserved at once, and what is given back no more', async () => {
    const store = memoryTotals();
    expect(await store.totals([reading()], 0)).toEqual([0]);
    expect(await store.reserve('a', [addition(60, 100)], 0)).toBe(true);
    expect(await store.reserve('b', [addition(41, 100)], 0)).toBe(false);
    expect(await store.reserve('b', [addition(40, 100)], 0)).toBe(true);
    expect(await store.totals([reading(), reading('other')], 0)).toEqual([100, 0]);
    await store.settle('a', false);
    await store.settle('b', true);
    await store.settle('nobody', false);
    expect(await store.totals([reading()], 0)).toEqual([40]);
    // What is final is not given back.
    await store.settle('b', false);
    expect(await store.totals([reading()], 0)).toEqual([40]);
  });

  test('forget what left its window, to the millisecond', async () => {
    const store = memoryTotals();
    await store.reserve('a', [addition(1, 2)], 0);
    await store.reserve('b', [addition(1, 2)], 1000);
    expect(await store.totals([reading()], hour - 1)).toEqual([2]);
    expect(await store.totals([reading()], hour)).toEqual([1]);
    expect(await store.totals([reading()], hour + 1000)).toEqual([0]);
  });

  test('add several or none', async () => {
    const store = memoryTotals();
    await store.reserve('a', [addition(5, 10, 'full')], 0);
    expect(await store.reserve('b', [addition(1, 10, 'free'), addition(6, 10, 'full')], 0)).toBe(false);
    expect(await store.totals([reading('free'), reading('full')], 0)).toEqual([0, 5]);
  });
});

describe('rates', () => {
  const slow = { name: 'slow', requests: 3, perMs: 60_000, of: 'caller' as const };
  test('take as many at once as they name, and then one for each share of the time', async () => {
    const store = memoryRates();
    const take = async (at: number) => (await store.take('k', slow, at)).waitMs;
    expect([await take(0), await take(0), await take(0)]).toEqual([0, 0, 0]);
    expect(await take(0)).toBe(20_000);
    expect(await take(19_000)).toBe(1_000);
    expect(await take(20_000)).toBe(0);
    expect(await take(20_001)).toBe(19_999);
    expect([await take(1e6), await take(1e6), await take(1e6)]).toEqual([0, 0, 0]);
    expect(await take(1e6)).toBe(20_000);
  });

  test("are each caller's own", async () => {
    const store = memoryRates();
    for (const key of ['a', 'b'])
      expect(await store.take(key, { ...slow, requests: 1 }, 0)).toEqual({ waitMs: 0, fullMs: 60_000 });
    expect((await store.take('a', { ...slow, requests: 1 }, 0)).waitMs).toBeGreaterThan(0);
  });
});
