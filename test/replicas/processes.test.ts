import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { type Answer, add, type Replica, replicaWorld } from './world.ts';

let postgres: PostgresServer;
let redis: RedisServer;
beforeAll(async () => {
  [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
});
afterAll(() => Promise.all([postgres.remove(), redis.remove()]));

/** A key whose answer is under way, or a full backend, is no answer: each is sent until it has one. */
const untilAnswered = async (send: () => Promise<Answer>): Promise<Answer> => {
  for (;;) {
    const answer = await send();
    if (answer.status !== 503 && answer.status !== 409) return answer;
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    await delay(50);
  }
};

describe.each([2, 3])('%i processes on one PostgreSQL and one Redis', { timeout: 300_000 }, (count) => {
  test('hold together: one effect a key, one limit, one rate, and a token that is revoked is so for all', async () => {
    const url = await postgres.database();
    const world = await replicaWorld(`store: { url: "${url}" }\nhot: { url: "${redis.url}/${count}" }`);
    onTestFinished(() => world.remove());
    const replicas = await Promise.all(Array.from({ length: count }, () => world.start()));
    const replica = (at: number) => replicas[at % count] as Replica;

    const once = await Promise.all(
      Array.from({ length: 500 }, (_, at) =>
        untilAnswered(() => add(replica(at), 1, { 'idempotency-key': 'the-only-one' })),
      ),
    );
    expect(world.effects()).toBe(1);
    expect(new Set(once.map(({ status }) => status))).toEqual(new Set([200]));
    const fresh = once.filter(({ headers }) => headers['idempotency-replayed'] === undefined);
    expect(fresh).toHaveLength(1);

    const limited = await Promise.all(Array.from({ length: 200 }, (_, at) => untilAnswered(() => add(replica(at), 1))));
    expect(world.effects()).toBe(50);
    expect(limited.filter(({ status }) => status === 200)).toHaveLength(49);
    expect(limited.filter(({ status }) => status === 403)).toHaveLength(151);

    const reads = await Promise.all(
      Array.from({ length: 30 }, (_, at) => replica(at).call('POST', '/v1/intents/notes.get', { note_id: 'N-1' })),
    );
    expect(reads.filter(({ status }) => status === 429)).toHaveLength(25);

    // Known to all of them, and let in by all: the limit is used up, so 403 is what a good token gets.
    const token = await world.token();
    const told = () => Promise.all(replicas.map(async (one) => (await token.use(one)).status));
    expect(new Set(await told())).toEqual(new Set([403]));
    expect((await token.revoke(replica(0))).status).toBe(200);
    // From the moment that it is acknowledged, which is within a second of it.
    expect(new Set(await told())).toEqual(new Set([401]));
    expect(world.effects()).toBe(50);
  });
});
