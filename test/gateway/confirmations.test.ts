import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { shiftedClock } from '../support/shifted-clock.ts';
import { gatewayForTest, type TestGateway } from './start.ts';

const ask = async (gateway: TestGateway) => {
  const { body } = await gateway.call('POST', '/v1/ask', { text: 'wipe all notes' });
  expect(body).toMatchObject({ outcome: 'confirm', intent: 'notes.wipe' });
  return String(body.confirmation.id);
};
const answer = (gateway: TestGateway, id: string, confirm = true, key = 'writer') =>
  gateway.call('POST', `/v1/confirmations/${id}`, { confirm }, { key });

test('a yes does it once; nothing happens before it, and nothing after', async () => {
  const gateway = await gatewayForTest();
  const id = await ask(gateway);
  expect(gateway.received).toHaveLength(0);
  expect((await answer(gateway, id)).body).toMatchObject({ outcome: 'completed', intent: 'notes.wipe' });
  expect((await answer(gateway, id)).body).toMatchObject({ status: 404, code: 'confirm.unknown' });
  expect(gateway.received.map(({ method }) => method)).toEqual(['DELETE']);
});

test('a no does nothing, and uses it up', async () => {
  const gateway = await gatewayForTest();
  const id = await ask(gateway);
  expect((await answer(gateway, id, false)).body).toMatchObject({ outcome: 'declined' });
  expect((await answer(gateway, id)).body).toMatchObject({ code: 'confirm.unknown' });
  expect(gateway.received).toHaveLength(0);
});

test('nobody else can say it, not even with the same roles', async () => {
  const gateway = await gatewayForTest();
  const id = await ask(gateway);
  for (const key of ['other', 'reader', 'nobody'])
    expect((await answer(gateway, id, true, key)).body).toMatchObject({ code: 'confirm.unknown' });
  expect((await answer(gateway, id)).body).toMatchObject({ outcome: 'completed' });
});

test('a yes for another purpose is none', async () => {
  const gateway = await gatewayForTest({
    policy: (text) => text.replace('purposes: [work]', 'purposes: [work, work/night]'),
  });
  const id = await ask(gateway);
  const yes = (purpose: string) =>
    gateway.call('POST', `/v1/confirmations/${id}`, { confirm: true }, { headers: { 'ostiary-purpose': purpose } });
  expect((await yes('work/night')).body).toMatchObject({ code: 'confirm.void' });
  expect(gateway.received).toHaveLength(0);
  expect((await yes('work')).body).toMatchObject({ outcome: 'completed' });
});

test('twenty at once have one effect', async () => {
  const gateway = await gatewayForTest();
  const id = await ask(gateway);
  const answers = await Promise.all(Array.from({ length: 20 }, () => answer(gateway, id)));
  expect(answers.filter(({ body }) => body.outcome === 'completed')).toHaveLength(1);
  expect(gateway.received).toHaveLength(1);
});

test('too late is too late', async () => {
  const clock = shiftedClock();
  const gateway = await gatewayForTest();
  const id = await ask(gateway);
  clock.by(300_001);
  expect((await answer(gateway, id)).body).toMatchObject({ status: 410, code: 'confirm.expired' });
  expect(gateway.received).toHaveLength(0);
});

test('it survives a restart, and a changed policy makes it void', async () => {
  const first = await gatewayForTest();
  const [kept, void_] = [await ask(first), await ask(first)];
  const again = await gatewayForTest({ folder: first.folder });
  expect((await answer(again, kept)).body).toMatchObject({ outcome: 'completed' });
  const changed = await gatewayForTest({
    folder: first.folder,
    policy: (text) => `${text}\n# changed\n`,
  });
  expect((await answer(changed, void_)).body).toMatchObject({ status: 409, code: 'confirm.void' });
  expect(changed.received).toHaveLength(0);
});

test('to a program it is a refusal that says how', async () => {
  const gateway = await gatewayForTest();
  const { status, body } = await gateway.call('POST', '/v1/intents/notes.wipe', {});
  expect(status).toBe(428);
  expect(body).toMatchObject({
    code: 'confirm.required',
    confirmation: { text: 'Wipe all notes (this cannot be taken back):', values: [] },
  });
  expect((await answer(gateway, body.confirmation.id)).body).toMatchObject({ outcome: 'completed' });
});

test('without its record nothing is written: the store fails, is told, and recovers by itself', async () => {
  const gateway = await gatewayForTest();
  const database = new DatabaseSync(gateway.database);
  database.exec(`CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'disk full'); END`);
  expect((await gateway.call('POST', '/v1/intents/notes.add', { text: 'x' })).body).toMatchObject({
    status: 503,
    code: 'store.unavailable',
  });
  expect(gateway.received).toHaveLength(0);
  expect((await gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' })).status).toBe(200);
  expect((await gateway.call('GET', '/readyz')).status).toBe(503);
  database.exec('DROP TRIGGER full');
  database.close();
  expect((await gateway.call('POST', '/v1/intents/notes.add', { text: 'x' })).status).toBe(200);
  expect((await gateway.call('GET', '/readyz')).status).toBe(200);
});

test('what is confirmed is what was shown, whatever comes with the yes', async () => {
  const gateway = await gatewayForTest();
  const why = 'spring \u202e\u0007cleaning';
  const { body } = await gateway.call('POST', '/v1/ask', { text: 'wipe all notes', input: { why } });
  expect(body.confirmation.values).toEqual([{ pointer: '/why', title: 'why', value: why, from: 'input' }]);
  expect(body.message).toBe(
    'Wipe all notes (this cannot be taken back):\n  why: spring \uFFFD\uFFFDcleaning (given in the call)',
  );
  const path = `/v1/confirmations/${body.confirmation.id}`;
  const changed = await gateway.call('POST', path, { confirm: true, input: { why: 'other' } });
  expect(changed.body).toMatchObject({ code: 'request.invalid', errors: [{ pointer: '/input' }] });
  expect((await gateway.call('POST', path, { confirm: true })).body).toMatchObject({ outcome: 'completed' });
  expect(gateway.received.map(({ method, url }) => [method, url])).toEqual([
    ['DELETE', `/base/notes?why=${encodeURIComponent(why)}`],
  ]);
});

test('a yes under a purpose that the credential does not carry is none', async () => {
  const gateway = await gatewayForTest();
  const id = await ask(gateway);
  const headers = { 'ostiary-purpose': 'leisure' };
  const { status, body } = await gateway.call('POST', `/v1/confirmations/${id}`, { confirm: true }, { headers });
  expect([status, body.code]).toEqual([403, 'purpose.not_allowed']);
  expect(gateway.received).toHaveLength(0);
  expect((await answer(gateway, id)).body).toMatchObject({ outcome: 'completed' });
});

test('a yes to what the caller may no longer do is refused', async () => {
  const first = await gatewayForTest();
  const id = await ask(first);
  const later = await gatewayForTest({
    folder: first.folder,
    policy: (text) => `${text}  - { deny: no-wiping, can: [wipe], reason: Wiping is over. }\n`,
  });
  const { body } = await answer(later, id);
  expect(['policy.denied', 'confirm.void']).toContain(body.code);
  expect(later.received).toHaveLength(0);
});

test('both the question and its answer are on record, and the answer names what it answers', async () => {
  const gateway = await gatewayForTest();
  const { body: held } = await gateway.call('POST', '/v1/ask', { text: 'wipe all notes' });
  const { body: done } = await answer(gateway, held.confirmation.id);
  expect(await gateway.entries(held.request)).toEqual([
    expect.objectContaining({ outcome: 'confirm', confirmation: held.confirmation.id, intent: 'notes.wipe@1.0.0' }),
  ]);
  expect(await gateway.entries(done.request)).toEqual([
    expect.objectContaining({ kind: 'ahead', intent: 'notes.wipe@1.0.0' }),
    expect.objectContaining({ kind: 'outcome', outcome: 'completed', answers: held.confirmation.id }),
  ]);
});
