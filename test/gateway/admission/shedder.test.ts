import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Rank, type Shedder, shedder } from '../../../gateway/admission/shedder.ts';
import { gatewayForTest } from '../start.ts';

const aim = 100;
const under = (delays: readonly number[]): Shedder => {
  const one = shedder(aim);
  for (const delay of delays) one.load(delay);
  return one;
};
const times = (delay: number, count: number) => Array.from({ length: count }, () => delay);
const letIn = (one: Shedder, rank: Rank, count = 100): number =>
  Array.from({ length: count }, () => one.admits(rank)).filter(Boolean).length;

test.each([
  ['a process on time', times(20, 50), { stranger: 100, read: 100, write: 100 }],
  ['as late as it may be', times(100, 50), { stranger: 100, read: 100, write: 100 }],
  ['one long pause', [5_000], { stranger: 75, read: 100, write: 100 }],
  ['late for a second', times(200, 4), { stranger: 0, read: 100, write: 100 }],
  ['late for a second and a half', times(200, 6), { stranger: 0, read: 50, write: 100 }],
  ['late for longer', times(200, 9), { stranger: 0, read: 0, write: 75 }],
  ['late for good', times(200, 100), { stranger: 0, read: 0, write: 0 }],
  ['late, and then on time again', [...times(200, 100), ...times(0, 12)], { stranger: 100, read: 100, write: 100 }],
])('%s', (_name, delays, expected) => {
  for (const [rank, count] of Object.entries(expected)) expect(letIn(under(delays), rank as Rank)).toBe(count);
});

test('whatever the load, nobody goes before those who are to go first, and time heals', () => {
  const delay = fc.double({ min: 0, max: 10_000, noNaN: true });
  fc.assert(
    fc.property(fc.array(delay, { maxLength: 100 }), (delays) => {
      const [strangers, reads, writes] = (['stranger', 'read', 'write'] as const).map((rank) =>
        letIn(under(delays), rank),
      );
      expect(strangers).toBeLessThanOrEqual(reads as number);
      expect(reads).toBeLessThanOrEqual(writes as number);
      expect(letIn(under([...delays, ...times(0, 12)]), 'stranger')).toBe(100);
    }),
  );
});

describe('a gateway that is late', () => {
  const late = () =>
    gatewayForTest({ limits: 'body: 64KB, depth: 16, text: 500, deadline: 10s, delay: 20ms' }).then((gateway) => {
      const note = { note_id: 'N-1' };
      /** Keeps the one event loop of both busy. */
      const block = setInterval(() => {
        const until = performance.now() + 50;
        while (performance.now() < until);
      }, 10);
      return { gateway, note, stop: () => clearInterval(block) };
    });

  test('turns away, says when to come back, writes it down, and answers again when it has time', async () => {
    const { gateway, note, stop } = await late();
    const read = () => gateway.call('POST', '/v1/intents/notes.get', note);
    let refused: Awaited<ReturnType<typeof read>> | undefined;
    try {
      await expect
        .poll(
          async () => {
            refused = await read();
            return refused.body.code;
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
    await expect.poll(async () => (await read()).status, { timeout: 30_000 }).toBe(200);
  }, 90_000);
});
