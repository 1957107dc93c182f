import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { expect, onTestFinished, test } from 'vitest';
import { stockClient } from '../gateway/grpc-client.ts';
import { connectMcp, tell } from '../gateway/mcp-client.ts';
import { talk } from './raw-http.ts';
import type { Look } from './soak-gateway.ts';
import { soakWorld } from './soak-world.ts';

/** OSTIARY_SOAK_SECONDS=300 is the long mode. */
const seconds = Number(process.env.OSTIARY_SOAK_SECONDS ?? 6);
/** What happens in a short run says nothing about time: others share the machine. */
const long = seconds >= 60;
const looks = long ? 12 : 6;
/** A moment between two requests of one caller: it is growth that is looked for, not speed. */
const pauseMs = 5;

test(
  `${seconds} seconds of everything at every door: memory and the delay of the event loop stay flat`,
  async () => {
    const world = await soakWorld();
    const pool = new Pool(world.url, { connections: 16 });
    onTestFinished(() => pool.destroy());
    const [grpc, mcp] = [stockClient(world.grpc), await connectMcp(world.url)];
    onTestFinished(() => grpc.close());
    let number = 0;
    const post = async (path: string, body: unknown, headers = {}, signal?: AbortSignal) => {
      const answer = await pool.request({
        method: 'POST',
        path,
        headers: { authorization: 'Bearer key-writer', 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
        ...(signal && { signal }),
      });
      await answer.body.dump();
    };
    const graphql = (query: string) => post('/graphql', { query });
    const mix: readonly (() => Promise<unknown>)[] = [
      () => post('/v1/intents/things.get', { id: `T-${number++}` }),
      () => post('/v1/intents/things.add', { text: `thing ${number++}` }, { 'idempotency-key': `k-${number++}` }),
      () => post('/v1/intents/things.add', { text: 'again' }, { 'idempotency-key': `a-${Math.floor(number++ / 3)}` }),
      () => post('/v1/ask', { text: `show thing T-${number++}` }),
      () => post('/v1/explain', { intent: 'things.get', input: { id: `T-${number++}` } }),
      () => graphql(`{ things_get(id: "T-${number++}") { id text } }`),
      () => graphql(`mutation { things_add(text: "thing ${number++}") { id } }`),
      () => grpc.call('acme.things.ThingsService', 'Get', { id: `T-${number++}` }),
      () => grpc.call('acme.things.ThingsService', 'Add', { text: `thing ${number++}` }),
      () => grpc.call('acme.things.ThingsService', 'None', {}).catch(() => {}),
      () => tell(mcp, 'things_get', { id: `T-${number++}` }),
      () => tell(mcp, 'ask', { text: `show thing T-${number++}` }),
      () => post('/v1/intents/things.get', '{"id":'),
      () => post(`/v1/none/${number++}`, {}),
      () => post('/v1/intents/things.get', { id: 'T-1' }, { authorization: `Bearer none-${number++}` }),
      () => post('/v1/intents/things.get', { id: 'T-1' }, {}, AbortSignal.timeout(1)).catch(() => {}),
      () => talk(world.url, 'NO HTTP\r\n\r\n'),
    ];
    let over = false;
    let done = 0;
    const callers = mix.map(async (ask) => {
      for (let failures = 0; !over; await delay(pauseMs))
        try {
          await ask();
          done++;
          failures = 0;
        } catch (error) {
          if (++failures > 20) throw error;
        }
    });
    const failed = Promise.all(callers).then(() => {});
    const seen: Look[] = [];
    // All that is built once is built, and caches are as full as they will be in so short a time.
    await Promise.race([delay(seconds * 200), failed]);
    await world.look();
    for (let count = 0; count < looks; count++) {
      await Promise.race([delay((seconds * 800) / looks), failed]);
      seen.push(await world.look());
    }
    over = true;
    await failed;
    const third = Math.floor(looks / 3);
    const [begin, end] = [seen.slice(0, third), seen.slice(-third)];
    const least = (of: readonly Look[], what: (look: Look) => number) => Math.min(...of.map(what));
    const figures = (what: (look: Look) => number) => [least(begin, what), least(end, what)] as const;
    const megabytes = (bytes: number) => `${(bytes / 1_048_576).toFixed(1)} MB`;
    const [heap, rss, median] = [
      figures((look) => look.heap),
      figures((look) => look.rss),
      figures((look) => look.delay.median),
    ];
    const p99 = figures((look) => look.delay.p99);
    process.stdout.write(
      `${seconds} s, ${done} requests; first third -> last third: heap ${heap.map(megabytes).join(' -> ')}, ` +
        `resident ${rss.map(megabytes).join(' -> ')}, event loop late by ${median.map((ms) => ms.toFixed(2)).join(' -> ')} ms ` +
        `(median), ${p99.map((ms) => ms.toFixed(1)).join(' -> ')} ms (p99)\n`,
    );
    // A kilobyte for each request would be far more than this.
    expect(heap[1] - heap[0]).toBeLessThan(Math.max(4_000_000, done * 100));
    expect(rss[1] - rss[0]).toBeLessThan(Math.max(80_000_000, rss[0] * 0.25));
    expect(seen.at(-1)?.handles.TCPSocketWrap ?? 0).toBeLessThan(100);
    if (long) expect(median[1]).toBeLessThan(median[0] * 2 + 5);
    // Nobody is connected any more: nothing stays open for them.
    await pool.close();
    grpc.close();
    await mcp.close();
    const sockets = async () => (await world.look()).handles.TCPSocketWrap ?? 0;
    // What it keeps of its own to the backend it may keep.
    await expect.poll(sockets, { timeout: 20_000, interval: 500 }).toBeLessThanOrEqual(40);
  },
  seconds * 1_000 + 90_000,
);
