import { setTimeout as wait } from 'node:timers/promises';
import { createClient } from 'redis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { type RedisRates, redisRates } from '../../../adapters/stores/redis-rates.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';

let server: RedisServer;
let said: string[];
let replicas: RedisRates[];
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.remove());
beforeEach(async () => {
  said = [];
  const say = (_level: string, message: string) => said.push(message);
  replicas = await Promise.all([1, 2, 3].map(() => redisRates(server.url, say)));
});
afterEach(() => Promise.all(replicas.map((replica) => replica.close())));

const hour = { name: 'slow', requests: 10, perMs: 3_600_000, of: 'caller' as const };
const taken = async (key: string, count: number) => {
  const waits = await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const { waitMs } = await (replicas[n % replicas.length] as RedisRates).take(key, hour, 0);
      return waitMs;
    }),
  );
  return { places: waits.filter((wait) => wait === 0).length, waits };
};

test('replicas share one rate: as many as it names at once, then each told how long to wait', async () => {
  const { places, waits } = await taken('a', 60);
  expect(places).toBe(10);
  for (const told of waits.filter((wait) => wait > 0)) {
    expect(told).toBeGreaterThan(350_000);
    expect(told).toBeLessThanOrEqual(360_000);
  }
  expect((await taken('b', 5)).places).toBe(5);
});

test('a place is free again after its share of the time', async () => {
  const quick = { name: 'quick', requests: 1, perMs: 50, of: 'caller' as const };
  const [one] = replicas as [RedisRates];
  expect((await one.take('q', quick, 0)).waitMs).toBe(0);
  const told = (await one.take('q', quick, 0)).waitMs;
  expect(told).toBeGreaterThan(0);
  await wait(told + 5);
  expect((await one.take('q', quick, 0)).waitMs).toBe(0);
});

test('a clock of Redis that went back keeps nobody waiting for longer than the window', async () => {
  const quick = { name: 'quick', requests: 1, perMs: 50, of: 'caller' as const };
  const [one] = replicas as [RedisRates];
  const client = await createClient({ url: server.url }).connect();
  onTestFinished(() => client.destroy());
  // As it would lie there if the clock had been an hour ahead.
  await client.set('ostiary:rate:back', `${Date.now() + 3_600_000}`);
  const told = (await one.take('back', quick, 0)).waitMs;
  expect(told).toBeGreaterThan(0);
  expect(told).toBeLessThanOrEqual(50);
  await wait(told + 5);
  expect((await one.take('back', quick, 0)).waitMs).toBe(0);
});

test('while Redis is gone each counts for itself; when it is back they share again', async () => {
  await server.kill();
  while (said.length < 3) await wait(20);
  expect((await taken('c', 90)).places).toBe(30);
  await server.start();
  while (said.length < 6) await wait(20);
  expect((await taken('d', 90)).places).toBe(10);
  expect(new Set(said)).toEqual(
    new Set(['Redis is gone; rates are counted here alone', 'Redis is back; rates are shared again']),
  );
});

test('an address where nothing answers is told at once, without its password', async () => {
  const tried = redisRates('redis://me:secret@127.0.0.1:1', () => {});
  await expect(tried).rejects.toThrow(/^Redis at 127\.0\.0\.1:1: /);
  await expect(tried).rejects.not.toThrow('secret');
});
