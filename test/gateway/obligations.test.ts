import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { gatewayForTest, type TestGateway } from './start.ts';

/** The usual policy with more sections and rules. */
const withMore = (sections: string, rules: string) => (text: string) =>
  text.replace('subjects:', `${sections}\nsubjects:`) + rules;
const add = (gateway: TestGateway, times: number, key = 'writer') =>
  gateway.call('POST', '/v1/intents/notes.add', { text: 'x', times }, { key });

const total = withMore(
  'aggregates: { notes-1h: { can: [write], sum: /in/times, window: 1h } }',
  '  - { deny: enough, can: [write], when: { /agg/notes-1h: { gt: 100 } }, reason: A hundred notes an hour are enough. }\n',
);

test('200 at once stay within a limit, and what fails is given back', async () => {
  const gateway = await gatewayForTest({
    policy: total,
    limits: 'body: 64KB, depth: 16, text: 500, deadline: 20s',
  });
  gateway.answers.with = (_request, response, body) => {
    const { times } = JSON.parse(body) as { times: number };
    // Every third refuses: nothing was done, so nothing counts.
    setTimeout(() => response.writeHead(times === 3 ? 409 : 200, { 'content-type': 'application/json' }).end('{}'), 1);
  };
  // A full backend is no answer: each is sent until it has one.
  const send = async (times: number): Promise<{ status: number; times: number }> => {
    const { status } = await add(gateway, times);
    if (status !== 503) return { status, times };
    await delay(5);
    return send(times);
  };
  const answers = await Promise.all(Array.from({ length: 200 }, (_, at) => send((at % 5) + 1)));
  const done = answers.filter(({ status }) => status === 200).reduce((sum, { times }) => sum + times, 0);
  expect(done).toBeLessThanOrEqual(100);
  // The rest of the hundred is still there: no reservation was left behind by what did not happen.
  await delay(50);
  let sum = done;
  for (let tries = 0; tries < 200; tries++) {
    const { status, body } = await add(gateway, 1);
    if (status !== 200) {
      expect(body).toMatchObject({ code: 'policy.denied', detail: 'A hundred notes an hour are enough.' });
      break;
    }
    sum++;
  }
  expect(sum).toBe(100);
  // Each caller has a total of their own.
  expect((await add(gateway, 1, 'other')).status).toBe(200);
});

test('a caller who asks too often waits, and is told for how long', async () => {
  const gateway = await gatewayForTest({
    policy: withMore(
      'rates: { slow: { requests: 2, per: 60s } }',
      '  - { require: slowly, effects: [write], obligations: [{ rate: slow }] }\n',
    ),
  });
  expect([(await add(gateway, 1)).status, (await add(gateway, 1)).status]).toEqual([200, 200]);
  const third = await add(gateway, 1);
  expect(third).toMatchObject({
    status: 429,
    body: { code: 'admit.rate', rate: { name: 'slow', requests: 2, per_s: 60, left: 0 } },
    headers: { 'retry-after': '30', 'ratelimit-policy': '"slow";q=2;w=60', ratelimit: '"slow";r=0;t=30' },
  });
  expect(await add(gateway, 1, 'other')).toMatchObject({
    status: 200,
    headers: { 'ratelimit-policy': '"slow";q=2;w=60', ratelimit: '"slow";r=1;t=30' },
  });
  const free = await gateway.call('POST', '/v1/intents/notes.list', {});
  expect([free.status, free.headers.ratelimit]).toEqual([200, undefined]);
  expect(gateway.received.filter(({ method }) => method === 'POST')).toHaveLength(3);
});

test('a rate of the tenant is shared by all its callers', async () => {
  const gateway = await gatewayForTest({
    policy: withMore(
      'rates: { slow: { requests: 2, per: 60s, of: tenant } }',
      '  - { require: slowly, effects: [write], obligations: [{ rate: slow }] }\n',
    ),
  });
  expect([(await add(gateway, 1)).status, (await add(gateway, 1, 'other')).status]).toEqual([200, 200]);
  expect((await add(gateway, 1, 'other')).body).toMatchObject({
    code: 'admit.rate',
    detail: expect.stringMatching(/^All of your tenant together may ask this 2 times in 60 seconds/),
  });
});

test('a login that is too weak, and a proof that is not there, are asked for; nothing is done', async () => {
  const gateway = await gatewayForTest({
    policy: (text) =>
      `${text}  - { require: strong, effects: [write], obligations: [{ stepUp: { acr: loa-3, maxAge: 10m } }] }
  - { require: signed, effects: [destructive], obligations: [{ proof: signed-plan }] }
`,
  });
  expect(await add(gateway, 1)).toMatchObject({
    status: 401,
    body: { code: 'credentials.step_up', acr_values: 'loa-3', max_age: 600 },
    headers: {
      'www-authenticate': 'Bearer error="insufficient_user_authentication", acr_values="loa-3", max_age="600"',
    },
  });
  const wipe = await gateway.call('POST', '/v1/intents/notes.wipe', {});
  expect(wipe).toMatchObject({ status: 401, body: { code: 'credentials.proof', proof: 'signed-plan' } });
  expect(gateway.received).toEqual([]);
  const entries = gateway.onDisk().filter(({ kind }) => kind === 'outcome');
  expect(entries.map(({ outcome, code }) => [outcome, code])).toEqual([
    ['denied', 'credentials.step_up'],
    ['denied', 'credentials.proof'],
  ]);
});

test('a policy on trial decides, is recorded and changes nothing', async () => {
  const trial = `api: intent-policy/1
purposes: [work]
subjects: { guest: { match: { /token/team: { eq: guests } } } }
capabilities: { write: { intents: [notes.add@1] } }
rules:
  - { allow: anybody, can: [write], for: [work] }
  - { deny: guests, who: [guest], can: [write] }
`;
  const first = await gatewayForTest();
  writeFileSync(`${first.folder}/next.policy.yaml`, trial);
  const gateway = await gatewayForTest({ folder: first.folder, config: 'shadow: [./next.policy.yaml]' });
  const answer = await add(gateway, 1);
  expect(answer.status).toBe(200);
  const [entry] = (await gateway.entries(String(answer.headers['ostiary-request-id']))).filter(
    ({ kind }) => kind === 'outcome',
  );
  expect(entry?.decision).toMatchObject({
    outcome: 'permit',
    at: { 'writers-write': expect.stringMatching(/notes\.policy\.yaml:\d+:5$/) },
    footprint: { purposes: ['work'], read: { '/token/roles': ['writer'], '/token/team': null } },
    shadow: { outcome: 'deny', rules: { allow: ['anybody'], deny: ['guests'], require: [] } },
  });
});
