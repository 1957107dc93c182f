import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { type Bulkhead, bulkhead } from '../../../gateway/admission/bulkhead.ts';
import type { Rank } from '../../../gateway/admission/rank.ts';
import { gatewayForTest } from '../start.ts';

const enter = (one: Bulkhead, rank: Rank): boolean => one.enter(() => rank);
const fill = (one: Bulkhead, rank: Rank): number => {
  let count = 0;
  while (enter(one, rank)) count++;
  return count;
};

test.each([
  [1, { stranger: 1, read: 1, write: 1 }],
  [2, { stranger: 2, read: 2, write: 2 }],
  [8, { stranger: 6, read: 7, write: 8 }],
  [100, { stranger: 80, read: 90, write: 100 }],
])('of %d places each rank may fill its share', (most, expected) => {
  for (const [rank, count] of Object.entries(expected)) expect(fill(bulkhead(most), rank as Rank)).toBe(count);
  const one = bulkhead(most);
  fill(one, 'stranger');
  fill(one, 'read');
  fill(one, 'write');
  expect(one.active).toBe(most);
  one.leave();
  expect(enter(one, 'write')).toBe(true);
});

test('nobody is asked for a rank while there is room for all', () => {
  const one = bulkhead(100);
  const asked: number[] = [];
  for (let call = 0; call < 81; call++)
    one.enter(() => {
      asked.push(call);
      return 'read';
    });
  expect(asked).toEqual([80]);
});

/** Rounds of 50 calls with 90 under way, a round every 300 ms. */
const under = (ratios: readonly number[], most = 100, underWay = 90): Bulkhead => {
  const one = bulkhead(most);
  for (let call = 0; call < underWay; call++) enter(one, 'write');
  let nowMs = 0;
  for (const ratio of ratios) {
    nowMs += 300;
    for (let call = 0; call < 50; call++) one.took(10 * ratio, 10, nowMs);
  }
  return one;
};
const times = (ratio: number, count: number) => Array.from({ length: count }, () => ratio);

test.each([
  ['as quick as usual', times(1, 20), 100],
  ['half as slow again, which is nothing', times(1.5, 20), 100],
  ['twice as slow, for a while', times(2, 3), 42],
  ['ten times as slow, for a second', times(10, 3), 12],
  ['slow for long', times(10, 50), 8],
  ['slow, and then as usual', [...times(10, 50), ...times(1, 40)], 100],
])('a backend that is %s', (_name, ratios, limit) => {
  expect(under(ratios).limit).toBe(limit);
});

test.each([
  ['of which little is asked', times(10, 20), 100, 20, 100],
  ['that has few places anyway', times(10, 20), 3, 3, 3],
])('a backend %s keeps its limit', (_name, ratios, most, underWay, limit) => {
  expect(under(ratios, most, underWay).limit).toBe(limit);
});

test('a handful of calls says nothing', () => {
  const one = bulkhead(100);
  fill(one, 'write');
  for (let call = 0; call < 9; call++) one.took(1_000, 1, call * 1_000);
  expect(one.limit).toBe(100);
});

test('whatever calls take, the limit stays where it may be, and those who go first have room last', () => {
  const ms = fc.double({ min: 0, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), fc.array(fc.tuple(ms, ms), { maxLength: 200 }), (most, calls) => {
      const one = bulkhead(most);
      fill(one, 'write');
      for (const [index, [took, usual]] of calls.entries()) one.took(took, usual, 100 * index);
      expect(one.limit).toBeLessThanOrEqual(most);
      expect(one.limit).toBeGreaterThanOrEqual(Math.min(most, 8));
      while (one.active > 0) one.leave();
      const [strangers, reads, writes] = (['stranger', 'read', 'write'] as const).map((rank) => {
        const room = fill(one, rank);
        while (one.active > 0) one.leave();
        return room;
      });
      expect(strangers).toBeLessThanOrEqual(reads as number);
      expect(reads).toBeLessThanOrEqual(writes as number);
      expect(writes).toBe(one.limit);
    }),
  );
});

const answer = (response: ServerResponse) => response.setHeader('content-type', 'application/json').end('{"id":"N-1"}');
const roomy = 'body: 64KB, depth: 16, text: 500, deadline: 20s, delay: 1h';

test('of a backend with little room left, strangers are refused first, then reads, and writes last', async () => {
  const gateway = await gatewayForTest({ concurrency: 10, timeout: '20s', limits: roomy });
  const read = (key = 'writer') => gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' }, { key });
  const write = () => gateway.call('POST', '/v1/intents/notes.add', { text: 'hi' });
  gateway.answers.with = (_request, response) => void answer(response);
  // From now on it is known.
  for (const call of [read, write]) expect((await call()).status).toBe(200);
  const held: ServerResponse[] = [];
  gateway.answers.with = (_request, response) => void held.push(response);
  const underWay: ReturnType<typeof read>[] = [];
  const hold = async (call: ReturnType<typeof read>) => {
    underWay.push(call);
    await expect.poll(() => held.length, { timeout: 15_000 }).toBe(underWay.length);
  };
  const isRefused = async (call: ReturnType<typeof read>) => {
    const { status, body, headers } = await call;
    expect([status, body.code, headers['retry-after']]).toEqual([503, 'admit.busy', '1']);
  };
  for (let call = 0; call < 8; call++) await hold(read());
  await isRefused(read('reader'));
  await hold(read());
  await isRefused(read());
  await hold(write());
  await isRefused(write());
  for (const response of held) answer(response);
  for (const { status } of await Promise.all(underWay)) expect(status).toBe(200);
}, 60_000);

test('a backend that slows is sent fewer calls, and one beside it is called as before', async () => {
  let afterMs = 0;
  const slow = createServer((_request, response) => void setTimeout(() => answer(response), afterMs));
  await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-bulkhead-'));
  onTestFinished(() => {
    slow.closeAllConnections();
    slow.close();
    rmSync(folder, { recursive: true });
  });
  mkdirSync(join(folder, 'intents'));
  writeFileSync(
    join(folder, 'intents/clock.yaml'),
    'intent: clock.show\nversion: 1.0.0\ntitle: Show the clock\neffect: read\nexamples: [what time is it]\ninput: { type: object }\ncall: { backend: clock, rest: "GET /" }\n',
  );
  const gateway = await gatewayForTest({
    folder,
    backends: `clock: { kind: rest, url: "http://127.0.0.1:${(slow.address() as AddressInfo).port}", concurrency: 40 }`,
    policy: (text) =>
      text.replace('notes.get@1]', 'notes.get@1, clock.show@1]').replace('fields: [/id, /text, /email]', ''),
    concurrency: 40,
    timeout: '10s',
    limits: roomy,
    config: 'telemetry: { metrics: { prometheus: { port: 0 } } }',
  });
  gateway.answers.with = (_request, response) => void answer(response);
  const show = () => gateway.call('POST', '/v1/intents/clock.show', {});
  const read = () => gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' });
  const limitOf = async (backend: string) => {
    const text = await (await fetch(gateway.prometheus)).text();
    return Number(new RegExp(`^ostiary_backend_limit\\{[^}]*backend="${backend}"[^}]*\\} (\\d+)`, 'm').exec(text)?.[1]);
  };
  for (let call = 0; call < 20; call++) expect((await show()).status).toBe(200);
  expect(await limitOf('clock')).toBe(40);

  afterMs = 300;
  let refused = 0;
  const callers = Array.from({ length: 40 }, async () => {
    while (afterMs > 0) {
      const { body } = await show();
      if (body.code !== 'admit.busy') continue;
      refused++;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
  try {
    await expect.poll(() => limitOf('clock'), { timeout: 30_000 }).toBeLessThan(30);
    expect(await limitOf('notes')).toBe(40);
    const others = await Promise.all(Array.from({ length: 30 }, read));
    expect(others.map(({ status }) => status)).toEqual(others.map(() => 200));
    await expect.poll(() => refused, { timeout: 30_000 }).toBeGreaterThan(0);
  } finally {
    afterMs = 0;
    await Promise.all(callers);
  }
}, 90_000);
