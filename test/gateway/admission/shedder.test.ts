import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Rank } from '../../../gateway/admission/rank.ts';
import { type Shedder, shedder } from '../../../gateway/admission/shedder.ts';
import { gatewayForTest } from '../start.ts';

const aim = 100;
/** One that was told these delays, with so many under way all the while, and so busy. */
const under = (delays: readonly number[], active = 0, busy = 1): Shedder => {
  const one = shedder(aim);
  for (let count = 0; count < active; count++) one.enter();
  one.load(0, busy);
  for (const delay of delays) one.load(delay, busy);
  return one;
};
const times = (delay: number, count: number) => Array.from({ length: count }, () => delay);
/** How many of 1,000 find room, one after the other, where all of them stay. */
const letIn = (one: Shedder, rank: Rank): number => {
  let count = 0;
  for (; count < 1_000 && one.hasRoom(rank); count++) one.enter();
  return count;
};

test.each([
  ['a process on time', times(20, 50), 200, Number.POSITIVE_INFINITY],
  ['as late as it may be', times(100, 50), 200, Number.POSITIVE_INFINITY],
  ['one long pause', [20, 5_000, 20], 200, Number.POSITIVE_INFINITY],
  ['two pauses, with rest between them', [5_000, 20, 5_000, 20], 200, Number.POSITIVE_INFINITY],
  ['a little too late', times(125, 2), 200, 160],
  ['far too late', times(400, 2), 200, 100],
  ['far too late for longer', times(400, 3), 200, 50],
  ['late for good', times(400, 100), 200, 8],
  ['late with next to nothing to do', times(400, 2), 3, 8],
  ['late, and then in time', [...times(400, 3), 20, 20], 200, 64],
  ['late, and then in time with next to nothing to do', [...times(400, 8), 20, 20], 3, 8],
  ['late for good, and then in time for long', [...times(400, 100), ...times(0, 9)], 200, Number.POSITIVE_INFINITY],
])('%s', (_name, delays, active, expected) => {
  expect(Math.floor(under(delays, active).limit)).toBe(expected);
});

test('one that is late, and has rest all the same, turns nobody away', () => {
  expect(under(times(400, 100), 200, 0.9).limit).toBe(Number.POSITIVE_INFINITY);
});

test('of the room that is left, strangers leave the last fifth to others, and what reads the last tenth to writes', () => {
  const late = () => {
    const one = under(times(400, 2), 200);
    for (let count = 0; count < 200; count++) one.leave();
    return one;
  };
  expect(['stranger', 'read', 'write'].map((rank) => letIn(late(), rank as Rank))).toEqual([80, 90, 100]);
});

test('whoever was turned away keeps it from being over', () => {
  const one = under(times(400, 3), 200);
  for (let look = 0; look < 50; look++) {
    one.turnedAway();
    one.load(0, 1);
  }
  // No further than is used.
  expect(one.limit).toBe(400);
  for (let look = 0; look < 9; look++) one.load(0, 1);
  expect(one.limit).toBe(Number.POSITIVE_INFINITY);
});

test('whatever the load, nobody goes before those who are to go first, some are let in, and time heals', () => {
  const delay = fc.double({ min: 0, max: 10_000, noNaN: true });
  fc.assert(
    fc.property(fc.array(delay, { maxLength: 100 }), fc.nat(300), (delays, active) => {
      const free = (later: readonly number[] = []) => {
        const one = under([...delays, ...later], active);
        while (one.active > 0) one.leave();
        return one;
      };
      const [strangers, reads, writes] = (['stranger', 'read', 'write'] as const).map((rank) => letIn(free(), rank));
      expect(strangers).toBeGreaterThan(0);
      expect(strangers).toBeLessThanOrEqual(reads as number);
      expect(reads).toBeLessThanOrEqual(writes as number);
      expect(letIn(free(times(0, 10)), 'stranger')).toBe(1_000);
    }),
  );
});

describe('a gateway that is late', () => {
  const late = () =>
    gatewayForTest({
      limits: 'body: 64KB, depth: 16, text: 500, deadline: 10s, delay: 20ms',
      concurrency: 100,
      timeout: '5s',
    }).then((gateway) => {
      /** Keeps the one event loop of both busy. */
      const block = setInterval(() => {
        const until = performance.now() + 50;
        while (performance.now() < until);
      }, 10);
      return { gateway, stop: () => clearInterval(block) };
    });

  test('turns away, says when to come back, writes it down, and answers again when it has time', async () => {
    const { gateway, stop } = await late();
    /** More at once than there is always room for. */
    const reads = () =>
      Promise.all(times(0, 30).map(() => gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' })));
    let refused: Awaited<ReturnType<typeof gateway.call>> | undefined;
    try {
      await expect
        .poll(
          async () => {
            const found = await reads();
            refused = found.find(({ status }) => status !== 200);
            expect(found.some(({ status }) => status === 200)).toBe(true);
            return refused?.body.code;
          },
          { timeout: 30_000 },
        )
        .toBe('admit.busy');
      expect([refused?.status, refused?.headers['retry-after']]).toEqual([503, '1']);
      expect((await gateway.call('GET', '/livez')).status).toBe(200);
      expect((await gateway.call('GET', '/readyz')).status).toBe(200);
    } finally {
      stop();
    }
    const id = String(refused?.headers['ostiary-request-id']);
    expect(await gateway.entries(id)).toMatchObject([{ kind: 'outcome', code: 'admit.busy' }]);
    await expect
      .poll(async () => (await reads()).every(({ status }) => status === 200), { timeout: 30_000 })
      .toBe(true);
  }, 90_000);
});
