import { describe, expect, test } from 'vitest';
import { ostiary } from '../cli/ostiary.ts';
import { gatewayForTest, type TestGateway } from './start.ts';

const careful = (text: string) =>
  text.replace('subjects:', 'rates: { slow: { requests: 3, per: 1h } }\nsubjects:') +
  `  - { require: newcomers-confirm, effects: [write], when: { /rep/band: { in: [new, restricted] } }, obligations: [{ confirm: { by: self, ttl: 60s } }] }
  - { require: newcomers-are-slow, effects: [read], when: { /rep/band: { in: [new, restricted] } }, obligations: [{ rate: slow }] }
  - { require: the-restricted-prove, effects: [write], when: { /rep/band: { eq: restricted } }, obligations: [{ proof: dpop }] }
`;
const add = (gateway: TestGateway, key = 'writer') =>
  gateway.call('POST', '/v1/intents/notes.add', { text: 'x' }, { key });
const confirmed = async (gateway: TestGateway, key = 'writer') => {
  const { body } = await add(gateway, key);
  expect(body.code).toBe('confirm.required');
  return (await gateway.call('POST', `/v1/confirmations/${body.confirmation.id}`, { confirm: true }, { key })).body;
};
const standing = async (gateway: TestGateway, effect: string, key = 'writer') => {
  const { status, body } = await gateway.call('GET', '/v1/reputation', undefined, { key });
  expect(status).toBe(200);
  return body.standing.find((one: { effect: string }) => one.effect === effect);
};
const changes = (gateway: TestGateway) => gateway.onDisk().filter(({ kind }) => kind === 'reputation');

test('who was seen to do well is asked back no more; every change is recorded with its cause', async () => {
  const gateway = await gatewayForTest({ policy: careful });
  for (let times = 0; times < 5; times++) expect((await confirmed(gateway)).outcome).toBe('completed');
  const { status, headers } = await add(gateway);
  expect(status).toBe(200);
  expect(await standing(gateway, 'write')).toMatchObject({ band: 'standard', good: 6, bad: 0, causes: [] });
  // Another effect, and another caller, are still new.
  expect((await standing(gateway, 'read')).band).toBe('new');
  expect((await add(gateway, 'other')).body.code).toBe('confirm.required');
  await gateway.entries(String(headers['ostiary-request-id']));
  expect(changes(gateway)).toEqual([
    expect.objectContaining({
      who: ['subject', 'default', 'user', 'writer'],
      effect: 'write',
      from: 'new',
      to: 'standard',
      seen: 'success',
      because: expect.any(String),
    }),
  ]);
});

test('a newcomer is slow: the rate of the policy, by its band', async () => {
  const gateway = await gatewayForTest({ policy: careful });
  const read = () => gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' });
  for (let times = 0; times < 3; times++) expect((await read()).status).toBe(200);
  expect((await read()).body.code).toBe('admit.rate');
});

test('whoever tries doors is restricted, needs a better proof, and is told why', async () => {
  const gateway = await gatewayForTest({
    policy: (text) =>
      `${careful(text)}  - { deny: no-lists, who: [writer], can: [write], when: { /in/folder: { present: true, eq: attic } } }\n`,
  });
  for (let times = 0; times < 7; times++)
    expect((await gateway.call('POST', '/v1/intents/notes.add', { text: 'x', folder: 'attic' })).body.code).toBe(
      'policy.denied',
    );
  const { band, bad, causes } = await standing(gateway, 'write');
  expect([band, bad]).toEqual(['restricted', 1.75]);
  expect(causes).toHaveLength(7);
  expect(causes[0]).toMatchObject({ seen: 'denial', why: 'no policy permitted it', request: expect.any(String) });
  expect((await add(gateway)).body.code).toBe('credentials.proof');
  const { body } = await gateway.call('POST', '/v1/explain', { intent: 'notes.add', input: { text: 'x' } });
  expect(body.reputation).toMatchObject({ effect: 'write', band: 'restricted', bad: 1.75 });
  expect(body.decision.obligations.map(({ type }: { type: string }) => type)).toContain('proof');
  const words = ['explain', 'write down "buy milk"', '--url', gateway.url];
  expect((await ostiary(words, { env: { OSTIARY_KEY: 'key-writer' } })).stdout).toMatch(
    / {2}seen as restricted for write\n( {4}\S+ no policy permitted it \(\S+\)\n){3}/,
  );
});

describe('what counts, and what does not', () => {
  test.each<[string, (gateway: TestGateway) => Promise<unknown>, string, number]>([
    ['a wrong value', (g) => g.call('POST', '/v1/intents/notes.add', { text: 7 }), 'write', 0.05],
    ['a name that nothing has', (g) => g.call('POST', '/v1/intents/notes.fly', {}), 'read', 0.05],
    [
      'a purpose that is not carried',
      (g) => g.call('POST', '/v1/intents/notes.add', { text: 'x' }, { headers: { 'ostiary-purpose': 'fun' } }),
      'read',
      0,
    ],
    ['an explanation', (g) => g.call('POST', '/v1/explain', { intent: 'notes.fly' }), 'read', 0],
    ['words that mean nothing', (g) => g.call('POST', '/v1/ask', { text: 'fly me to the moon' }), 'read', 0],
    ['no credential', (g) => g.call('POST', '/v1/intents/notes.fly', {}, { key: null }), 'read', 0],
  ])('%s', async (_name, act, effect, bad) => {
    const gateway = await gatewayForTest();
    await act(gateway);
    expect((await standing(gateway, effect)).bad ?? 0).toBeCloseTo(bad, 2);
  });

  test('a backend that fails is nobody else’s fault', async () => {
    const gateway = await gatewayForTest();
    gateway.answers.with = (_request, response) => response.writeHead(500).end();
    await add(gateway);
    expect(await standing(gateway, 'write')).toEqual({ effect: 'write', band: 'new', causes: [] });
  });

  test('to think better of it says nothing; that another person says no does', async () => {
    const gateway = await gatewayForTest({
      policy: (text) => text.replace('confirm: { by: self, ttl: 5m }', 'confirm: { by: other-human, ttl: 5m }'),
    });
    for (const [key, bad] of [
      ['writer', 0],
      ['other', 3],
    ] as const) {
      const { body } = await gateway.call('POST', '/v1/intents/notes.wipe', {});
      const no = await gateway.call('POST', `/v1/confirmations/${body.confirmation.id}`, { confirm: false }, { key });
      expect(no.body.outcome).toBe('declined');
      expect((await standing(gateway, 'destructive')).bad ?? 0).toBe(bad);
    }
    expect((await standing(gateway, 'destructive', 'other')).bad).toBeUndefined();
  });
});

test('a canary restricts whoever calls it, in everything, whether it is there for them or not', async () => {
  const gateway = await gatewayForTest({ config: 'reputation: { canaries: [notes.hidden@1] }' });
  expect((await gateway.call('POST', '/v1/intents/notes.hidden', {})).body.code).toBe('intent.unknown');
  for (const effect of ['read', 'write', 'destructive'])
    expect(await standing(gateway, effect)).toMatchObject({
      band: 'restricted',
      restricted_until: expect.any(String),
      causes: [{ seen: 'strike' }],
    });
  expect((await standing(gateway, 'read', 'other')).band).toBe('new');
});

test('turned off, nothing is scored, and a rule that asks for a band counts against everybody', async () => {
  const gateway = await gatewayForTest({ policy: careful, config: 'reputation: { enabled: false }' });
  for (let times = 0; times < 6; times++) expect((await add(gateway)).body.code).toBe('credentials.proof');
  const { body } = await gateway.call('GET', '/v1/reputation');
  expect(body).toMatchObject({ enabled: false });
  expect(body.standing.map(({ band }: { band: string }) => band)).toEqual(['unknown', 'unknown', 'unknown']);
  expect(changes(gateway)).toEqual([]);
});

test('scores outlive a reload', async () => {
  const gateway = await gatewayForTest({ policy: careful });
  for (let times = 0; times < 5; times++) await confirmed(gateway);
  await gateway.reload();
  expect((await standing(gateway, 'write')).band).toBe('standard');
  expect((await add(gateway)).status).toBe(200);
});
