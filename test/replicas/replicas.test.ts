import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';

let postgres: PostgresServer;
let redis: RedisServer;
beforeAll(async () => {
  [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
});
afterAll(() => Promise.all([postgres.remove(), redis.remove()]));

/** Three replicas with one PostgreSQL, one Redis and one backend, which the first of them brings along. */
let replicas: TestGateway[];
let url: string;
const first = () => replicas[0] as TestGateway;
const replica = (at: number) => replicas[at % replicas.length] as TestGateway;

const policy = (text: string) =>
  text.replace(
    'subjects:',
    'aggregates: { notes-1d: { can: [write], sum: /in/times, window: 1d } }\nrates: { slow: { requests: 5, per: 1h } }\nsubjects:',
  ) +
  '  - { deny: enough, can: [write], when: { /agg/notes-1d: { gt: 50 } }, reason: Fifty notes a day are enough. }\n' +
  '  - { require: slowly, can: [list], obligations: [{ rate: slow }] }\n';

const begin = async (withTotals: boolean) => {
  url = await postgres.database();
  const options = {
    ...(withTotals && { policy }),
    config: `store: { url: "${url}" }\nhot: { url: "${redis.url}" }`,
    limits: 'body: 64KB, depth: 16, text: 500, deadline: 20s',
  };
  const one = await startGateway(options);
  const backend = `${one.backend}/base`;
  replicas = [one, await startGateway({ ...options, backend }), await startGateway({ ...options, backend })];
};
afterEach(async () => {
  await Promise.all(replicas.map((one) => one.stop()));
  await postgres.drop(url);
});

/** A full backend, or a key whose answer is under way, is no answer: each is sent until it has one. */
const untilAnswered = async (send: () => ReturnType<TestGateway['call']>): ReturnType<TestGateway['call']> => {
  for (;;) {
    const answer = await send();
    if (answer.status !== 503 && answer.status !== 409) return answer;
    await delay(20);
  }
};

test('500 calls at once with one key are one effect, and all have its answer', async () => {
  await begin(true);
  const answers = await Promise.all(
    Array.from({ length: 500 }, (_, at) =>
      untilAnswered(() =>
        replica(at).call(
          'POST',
          '/v1/intents/notes.add',
          { text: 'once', times: 1 },
          { headers: { 'idempotency-key': 'k' } },
        ),
      ),
    ),
  );
  expect(first().received.filter(({ method }) => method === 'POST')).toHaveLength(1);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
});

test('a limit of a day is never exceeded by 200 at once, and none of it is lost', async () => {
  await begin(true);
  const add = (at: number) => () => replica(at).call('POST', '/v1/intents/notes.add', { text: 'x', times: 1 });
  const effects = () => first().received.filter(({ method }) => method === 'POST').length;
  const answers = await Promise.all(Array.from({ length: 200 }, (_, at) => untilAnswered(add(at))));
  expect(effects()).toBeLessThanOrEqual(50);
  // What timed out may have been done, and counts.
  const counted = answers.filter(({ status }) => status !== 403).length;
  let sum = counted;
  for (; (await untilAnswered(add(sum))).status !== 403; sum++);
  expect(sum).toBe(50);
  expect(effects()).toBeLessThanOrEqual(50);
});

test('a rate is one for all of them', async () => {
  await begin(true);
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, at) =>
      replica(at)
        .call('POST', '/v1/intents/notes.list', {})
        .then(({ status }) => status),
    ),
  );
  expect(answers.filter((status) => status === 429)).toHaveLength(25);
});

test('a yes given to one of them is asked for by another and used once', async () => {
  await begin(true);
  const { status, body } = await first().call('POST', '/v1/intents/notes.wipe', { why: 'tidy' });
  expect(status).toBe(428);
  const id = body.confirmation?.id ?? body.id;
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, at) => replica(at).call('POST', `/v1/confirmations/${id}`, { confirm: true })),
  );
  expect(answers.filter(({ status: code }) => code === 200)).toHaveLength(1);
  expect(first().received.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
});

test('without its store a replica refuses writes, says so, and is ready again by itself', async () => {
  // A total that cannot be told would be refused before: a write alone is what is asked here.
  await begin(false);
  const add = () => first().call('POST', '/v1/intents/notes.add', { text: 'x', times: 1 });
  const ready = async () => (await first().call('GET', '/readyz', undefined, { key: null })).status;
  expect([(await add()).status, await ready()]).toEqual([200, 200]);
  await postgres.kill();
  const refused = await add();
  expect([refused.status, refused.body.code]).toEqual([503, 'store.unavailable']);
  expect(await ready()).toBe(503);
  expect((await first().call('GET', '/livez', undefined, { key: null })).status).toBe(200);
  expect(first().received).toHaveLength(1);
  await postgres.start();
  await expect.poll(ready, { timeout: 20_000 }).toBe(200);
  expect((await add()).status).toBe(200);
  expect(first().received).toHaveLength(2);
});
