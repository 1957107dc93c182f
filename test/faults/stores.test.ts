import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from 'redis';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { add, type Replica, replicaWorld } from '../replicas/world.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';

let postgres: PostgresServer;
let redis: RedisServer;
beforeAll(async () => {
  [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
});
afterAll(() => Promise.all([postgres.remove(), redis.remove()]));

const ready = async (replica: Replica) => (await replica.call('GET', '/readyz')).status;
const read = (replica: Replica) => replica.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' });

test('PostgreSQL stopped and started under load: writes are refused, nothing is done twice, and it goes on by itself', {
  timeout: 240_000,
}, async () => {
  const world = await replicaWorld(`store: { url: "${await postgres.database()}" }`, 1_000_000);
  onTestFinished(() => world.remove());
  const replicas = await Promise.all([world.start(), world.start()]);
  const [one] = replicas;
  const token = await world.token();
  expect((await token.use(one)).status).toBe(200);

  /** How each write was answered at last, by its text. */
  const heard = new Map<string, number>();
  let begun = 0;
  let over = false;
  let refused = 0;
  const caller = async (replica: Replica) => {
    while (!over) {
      const text = `note-${begun++}`;
      for (;;) {
        const answer = await replica.call(
          'POST',
          '/v1/intents/notes.add',
          { text, times: 1 },
          { 'idempotency-key': text },
        );
        heard.set(text, answer.status);
        // Done, or in doubt for whoever looks it up; anything else is sent again.
        if (answer.status === 200 || answer.status === 504) break;
        expect([503, 409, 403]).toContain(answer.status);
        if (answer.body.code === 'store.unavailable') refused++;
        await delay(100);
      }
    }
  };
  const callers = Array.from({ length: 10 }, (_, at) => caller(replicas[at % 2] as Replica));
  const done = () => [...heard.values()].filter((status) => status === 200).length;
  await expect.poll(done, { timeout: 20_000 }).toBeGreaterThan(20);

  await postgres.kill();
  await expect.poll(() => Promise.all(replicas.map(ready)), { timeout: 20_000 }).toEqual([503, 503]);
  expect((await one.call('GET', '/readyz')).body.checks.store).toContain('cannot be reached');
  expect((await one.call('GET', '/livez')).status).toBe(200);
  await expect.poll(() => refused, { timeout: 20_000 }).toBeGreaterThan(5);
  // Nobody can say whether it is revoked.
  expect((await token.use(one)).status).not.toBe(200);
  const before = world.effects();
  expect((await add(one, 1)).status).not.toBe(200);
  expect(world.effects()).toBe(before);

  await postgres.start();
  await expect.poll(() => Promise.all(replicas.map(ready)), { timeout: 30_000 }).toEqual([200, 200]);
  const soFar = done();
  await expect.poll(done, { timeout: 30_000 }).toBeGreaterThan(soFar + 20);
  expect((await token.use(one)).status).toBe(200);
  over = true;
  await Promise.all(callers);

  const times = Map.groupBy(
    world.received.map(({ body }) => (JSON.parse(body) as { text: string }).text).filter((text) => text !== 'x'),
    (text) => text,
  );
  expect([...times.values()].filter((of) => of.length > 1)).toEqual([]);
  for (const [text, status] of heard) if (status === 200) expect([text, times.get(text)?.length]).toEqual([text, 1]);
});

test('Redis gone and back: each replica counts for itself meanwhile, and all of them stay ready', {
  timeout: 180_000,
}, async () => {
  const world = await replicaWorld(`store: { url: "${await postgres.database()}" }\nhot: { url: "${redis.url}" }`);
  onTestFinished(() => world.remove());
  const replicas = await Promise.all([world.start(), world.start()]);
  /** How many of 20 reads were let in, sent to both in turn. */
  const letIn = async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => read(replicas[at % 2] as Replica)));
    for (const { status, headers } of answers)
      if (status !== 200) expect([status, Number(headers['retry-after']) > 0]).toEqual([429, true]);
    return answers.filter(({ status }) => status === 200).length;
  };
  expect(await letIn()).toBe(5);
  expect(await letIn()).toBe(0);
  await redis.kill();
  // Five for each, and no more than that however the first of them met a connection that was breaking.
  expect(await letIn()).toBe(10);
  expect(await Promise.all(replicas.map(ready))).toEqual([200, 200]);
  expect((await add(replicas[0], 1)).status).toBe(200);
  await redis.start();
  const client = createClient({ url: redis.url });
  await client.connect();
  await expect.poll(async () => (await client.clientList()).length, { timeout: 20_000 }).toBe(3);
  client.destroy();
  // It came back empty.
  expect(await letIn()).toBe(5);
  expect(await letIn()).toBe(0);
});

test('a store that is not there at the start is told, with its place and without its password', {
  timeout: 90_000,
}, async () => {
  const world = await replicaWorld('store: { url: "postgres://me:secret@127.0.0.1:1/none" }');
  onTestFinished(() => world.remove());
  await expect(world.start()).rejects.toThrow('ended with 1');
});
