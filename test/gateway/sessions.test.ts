import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSessions, maxTokenLength } from '../../gateway/sessions.ts';
import type { Conversation } from '../../intents/resolve/conversation/state.ts';
import { gatewayForTest, type TestGateway } from './start.ts';

const now = new Date('2026-11-23T10:00:00Z');
const later = (ms: number) => new Date(now.getTime() + ms);
const ada = { tenant: 'a', type: 'user', id: 'ada' };
const key = 'k'.repeat(32);
const conversation: Conversation = {
  mentions: [{ entity: 'Order', value: 'A-1001', from: 'session', age: 0 }],
  pending: { kind: 'confirmation', id: 'c-1' },
};

test('what was sealed is opened by whom it was sealed for, in time, in any process with the key', async () => {
  const token = (await createSessions({ key, ttlMs: 1_000 }).seal(conversation, ada, now)) ?? '';
  expect(await createSessions({ key, ttlMs: 5 }).open(token, ada, later(999))).toEqual(conversation);
  await expect(createSessions({ key, ttlMs: 1_000 }).open(token, ada, later(1_000))).rejects.toMatchObject({
    code: 'session.expired',
  });
});

const agentOf = (key: string) => ({
  ...ada,
  delegations: 1,
  token: { details: [], links: [{ id: 'root' }, { id: 'link', key }] },
});

test('what an agent of somebody was told goes on with that agent alone', async () => {
  const sessions = createSessions({ key, ttlMs: 1_000 });
  const token = (await sessions.seal(conversation, agentOf('one'), now)) ?? '';
  expect(await sessions.open(token, agentOf('one'), now)).toEqual(conversation);
  for (const holder of [ada, agentOf('two')])
    await expect(sessions.open(token, holder, now)).rejects.toMatchObject({ code: 'session.unknown' });
});

test.each([
  ['another tenant', { ...ada, tenant: 'b' }],
  ['an agent that acts for them', agentOf('one')],
  ['another type', { ...ada, type: 'agent' }],
  ['another id', { ...ada, id: 'eve' }],
])('%s has no such session, expired or not', async (_name, holder) => {
  const sessions = createSessions({ key, ttlMs: 1_000 });
  const token = (await sessions.seal(conversation, ada, now)) ?? '';
  for (const when of [now, later(5_000)])
    await expect(sessions.open(token, holder, when)).rejects.toMatchObject({ code: 'session.unknown' });
});

test('one changed character, or anything else that was not sealed here, is no session', async () => {
  const sessions = createSessions({ key, ttlMs: 1_000 });
  const token = (await sessions.seal(conversation, ada, now)) ?? '';
  const other = (await createSessions({ key: undefined, ttlMs: 1_000 }).seal(conversation, ada, now)) ?? '';
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}..a.b.c`;
  for (const forged of [other, unsigned, '', 'x', '....', 'x'.repeat(maxTokenLength + 1), `${token}.`, token.slice(1)])
    await expect(sessions.open(forged, ada, now)).rejects.toMatchObject({ code: 'session.unknown' });
  await fc.assert(
    fc.asyncProperty(fc.nat(token.length - 2), fc.constantFrom(...'AZaz09-_.'), async (at, char) => {
      // The last character of base64url has bits that say nothing.
      const part = token.slice(at + 1).search(/[.]|$/);
      if (token[at] === char || part <= 0) return;
      const forged = token.slice(0, at) + char + token.slice(at + 1);
      await expect(sessions.open(forged, ada, now)).rejects.toMatchObject({ code: 'session.unknown' });
    }),
    { numRuns: 60 },
  );
});

test('nothing of it can be read outside, and no two are alike', async () => {
  const sessions = createSessions({ key, ttlMs: 1_000 });
  const [one, two] = [await sessions.seal(conversation, ada, now), await sessions.seal(conversation, ada, now)];
  expect(one).not.toBe(two);
  const readable = (one ?? '')
    .split('.')
    .map((part) => Buffer.from(part, 'base64url').toString('latin1'))
    .join(' ');
  expect(readable).not.toMatch(/A-1001|Order|ada|c-1/);
});

test('what does not fit is left out: what was spoken of first, the question last', async () => {
  const sessions = createSessions({ key, ttlMs: 1_000 });
  const turn = { intent: 'a.b@1', version: '1.0.0', provenance: {}, done: false } as const;
  const resolution = { tier: 'builtin', confidence: 1, margin: 1 };
  const last = { ...turn, resolution, input: { note: 'x'.repeat(10_000) } };
  const cut = (await sessions.seal({ ...conversation, last }, ada, now)) ?? '';
  expect(cut.length).toBeLessThanOrEqual(maxTokenLength);
  expect(await sessions.open(cut, ada, now)).toEqual(conversation);
  const pending = { kind: 'fields', turn: last, fields: ['/to'], options: [] } as const;
  const none = (await sessions.seal({ mentions: [], pending }, ada, now)) ?? '';
  expect(await sessions.open(none, ada, now)).toEqual({ mentions: [] });
});

const ask = (gateway: TestGateway, text: string, session?: unknown, as = 'writer') =>
  gateway.call('POST', '/v1/ask', { text, ...(session === undefined ? {} : { session }) }, { key: as });

test('every answer to an ask has a session, a refusal too; nothing else has', async () => {
  const gateway = await gatewayForTest();
  for (const [text, as] of [
    ['show note N-1', 'writer'],
    ['wipe all notes', 'writer'],
    ['add a note', 'reader'],
    ['what is the weather', 'writer'],
    ['show note N-1', 'nobody'],
  ] as const)
    expect(typeof (await ask(gateway, text, undefined, as)).body.session).toBe('string');
  expect((await ask(gateway, 'show note N-1', undefined, 'stranger')).body.session).toBeUndefined();
  const others = [
    await gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' }),
    await gateway.call('POST', '/v1/explain', { text: 'show note N-1' }),
  ];
  for (const { text } of others) expect(text).not.toContain('session');
});

test.each([
  ['a number', 7, 422, 'request.invalid'],
  ['nothing', '', 422, 'request.invalid'],
  ['too long', 'x'.repeat(maxTokenLength + 1), 422, 'request.invalid'],
  ['forged', 'a.b.c.d.e', 404, 'session.unknown'],
])('a session that is none: %s', async (_name, session, status, code) => {
  const gateway = await gatewayForTest();
  const { status: answered, body } = await ask(gateway, 'wipe all notes', session);
  expect([answered, body.code]).toEqual([status, code]);
  expect(gateway.received).toHaveLength(0);
});

test('somebody else’s session is none, and its yes does nothing', async () => {
  const gateway = await gatewayForTest();
  const { body } = await ask(gateway, 'wipe all notes');
  for (const other of ['other', 'reader', 'nobody'])
    expect((await ask(gateway, 'yes', body.session, other)).body).toMatchObject({
      status: 404,
      code: 'session.unknown',
    });
  expect(gateway.received).toHaveLength(0);
  expect((await ask(gateway, 'yes', body.session)).body).toMatchObject({ outcome: 'completed' });
});

test('a session ends, and its question with it; the answer says so and begins a new one', async () => {
  const gateway = await gatewayForTest({ config: 'session: { ttl: 1ms }' });
  const { body } = await ask(gateway, 'wipe all notes');
  const late = await ask(gateway, 'yes', body.session);
  expect(late.body).toMatchObject({ status: 410, code: 'session.expired', session: expect.any(String) });
  expect(gateway.received).toHaveLength(0);
  expect((await gateway.entries(String(late.body.request))).at(-1)).toMatchObject({ code: 'session.expired' });
});

test('a reload ends no session; a contract that changed is not gone on with', async () => {
  const gateway = await gatewayForTest();
  const asked = (await ask(gateway, 'add the note')).body;
  expect(asked).toMatchObject({ outcome: 'clarify', intent: 'notes.add' });
  await gateway.reload();
  expect((await ask(gateway, 'feed the fish', asked.session)).body).toMatchObject({
    outcome: 'completed',
    input: { text: 'feed the fish' },
  });
  const file = join(gateway.folder, 'intents/notes.yaml');
  const changed = readFileSync(file, 'utf8').replace('notes.add\nversion: 1.0.0', 'notes.add\nversion: 1.0.1');
  writeFileSync(file, changed);
  await gateway.reload();
  expect((await ask(gateway, 'feed the fish', asked.session)).body).toMatchObject({
    outcome: 'clarify',
    reason: 'not-asked',
  });
  expect(gateway.received).toHaveLength(1);
});

test('another process does not know it, unless both are given one key', async () => {
  const config = `session: { key: "${'s'.repeat(40)}" }`;
  const [one, two] = [await gatewayForTest(), await gatewayForTest()];
  const [three, four] = [await gatewayForTest({ config }), await gatewayForTest({ config })];
  const asked = async (gateway: TestGateway) => (await ask(gateway, 'show a note')).body.session;
  expect((await ask(two, 'N-1', await asked(one))).body.code).toBe('session.unknown');
  expect((await ask(four, 'N-1', await asked(three))).body).toMatchObject({ outcome: 'completed' });
});

test('a short key is refused when the folder is read', async () => {
  await expect(gatewayForTest({ config: 'session: { key: short }' })).rejects.toThrow(/at least 32 characters/);
});
