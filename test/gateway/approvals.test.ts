import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { ostiary } from '../cli/ostiary.ts';
import { gatewayForTest, type TestGateway } from './start.ts';

const fourEyes = (text: string) =>
  text.replace('confirm: { by: self, ttl: 5m }', 'confirm: { by: other-human, ttl: 5m }');
const start = (more: (text: string) => string = (text) => text) =>
  gatewayForTest({ policy: (text) => more(fourEyes(text)) });

const ask = async (gateway: TestGateway, why = 'spring') => {
  const { status, body } = await gateway.call('POST', '/v1/intents/notes.wipe', { why });
  expect([status, body.code]).toEqual([428, 'confirm.required']);
  expect(body).toMatchObject({
    confirmation: { by: 'other-human' },
    detail: expect.stringContaining('another person'),
  });
  return String(body.confirmation.id);
};
const answer = (gateway: TestGateway, id: string, key: string, confirm = true) =>
  gateway.call('POST', `/v1/confirmations/${id}`, { confirm }, { key });
const list = async (gateway: TestGateway, key: string) =>
  (await gateway.call('GET', '/v1/confirmations', undefined, { key })).body.confirmations as Record<string, unknown>[];

test('another person says yes, then whoever asked goes on, once', async () => {
  const gateway = await start();
  const id = await ask(gateway);
  // Not by oneself, however often one says it.
  expect((await answer(gateway, id, 'writer')).body).toMatchObject({ code: 'confirm.required' });
  expect(await list(gateway, 'other')).toMatchObject([
    {
      id,
      intent: 'notes.wipe',
      asked_by: { type: 'user', id: 'writer' },
      mine: false,
      approved: false,
      by: 'other-human',
    },
  ]);
  expect((await answer(gateway, id, 'other')).body).toMatchObject({ outcome: 'approved' });
  expect(gateway.received).toEqual([]);
  expect(await list(gateway, 'other')).toEqual([]);
  expect(await list(gateway, 'writer')).toMatchObject([{ id, mine: true, approved: true }]);
  expect((await answer(gateway, id, 'writer')).body).toMatchObject({ outcome: 'completed' });
  expect(gateway.received.map(({ method }) => method)).toEqual(['DELETE']);
  for (const key of ['writer', 'other'])
    expect((await answer(gateway, id, key)).body).toMatchObject({ code: 'confirm.unknown' });
  expect(await list(gateway, 'writer')).toEqual([]);
  const outcomes = gateway.onDisk().filter(({ kind, answers }) => kind === 'outcome' && answers === id);
  // What changed nothing may follow later.
  expect(outcomes.slice(0, 3).map(({ outcome, principal }) => [(principal as { id: string }).id, outcome])).toEqual([
    ['writer', 'failed'],
    ['other', 'approved'],
    ['writer', 'completed'],
  ]);
});

test('nobody approves who may not do it themselves, or is not a person', async () => {
  const gateway = await start();
  const id = await ask(gateway);
  for (const key of ['reader', 'nobody']) {
    expect((await answer(gateway, id, key)).body).toMatchObject({ code: 'confirm.unknown' });
    expect(await list(gateway, key)).toEqual([]);
  }
  expect((await answer(gateway, id, 'writer')).body).toMatchObject({ code: 'confirm.required' });
  expect(gateway.received).toEqual([]);
});

test.each(['writer', 'Writer', 'WRITER', 'ｗriter', 'writer '])(
  'who is called "%s" at another issuer may be the same person, and approves nothing',
  async (sub) => {
    const gateway = await withIssuer();
    const id = await ask(gateway);
    const own = await gateway.as({ sub, roles: ['writer'], purposes: ['work'] });
    expect((await gateway.call('POST', `/v1/confirmations/${id}`, { confirm: true }, own)).body.code).toMatch(
      /^confirm\.(unknown|required)$/,
    );
    const another = await gateway.as({ sub: 'writers-boss', roles: ['writer'], purposes: ['work'] });
    expect((await gateway.call('POST', `/v1/confirmations/${id}`, { confirm: true }, another)).body).toMatchObject({
      outcome: 'approved',
    });
  },
);

/** With an issuer of JWTs beside the keys. */
const withIssuer = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-jwks-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'EdDSA' };
  writeFileSync(join(folder, 'jwks.json'), JSON.stringify({ keys: [jwk] }));
  const gateway = await gatewayForTest({
    policy: fourEyes,
    issuers: `{ issuer: "https://issuer.test", audience: notes, jwks: "file:${folder}/jwks.json" }`,
  });
  const as = async (claims: object) => {
    const token = await new SignJWT({ iss: 'https://issuer.test', aud: 'notes', ...claims })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'k' })
      .setExpirationTime('5m')
      .sign(privateKey);
    return { key: null, headers: { authorization: `Bearer ${token}` } };
  };
  return { ...gateway, as };
};

test('a no of the other person ends it', async () => {
  const gateway = await start();
  const id = await ask(gateway);
  expect((await answer(gateway, id, 'other', false)).body).toMatchObject({ outcome: 'declined' });
  expect((await answer(gateway, id, 'writer')).body).toMatchObject({ code: 'confirm.unknown' });
  expect(gateway.received).toEqual([]);
});

test('an approval is for what was shown: under other policies it is void, and it approves no other request', async () => {
  const gateway = await start();
  const [approved, other] = [await ask(gateway, 'one'), await ask(gateway, 'two')];
  await answer(gateway, approved, 'other');
  expect((await answer(gateway, other, 'writer')).body).toMatchObject({ code: 'confirm.required' });
  const again = await gatewayForTest({ folder: gateway.folder, policy: (text) => `${fourEyes(text)}# changed\n` });
  expect((await answer(again, approved, 'writer')).body).toMatchObject({ code: 'confirm.void' });
  expect(again.received).toEqual([]);
});

test('twenty yeses at once are one approval and one effect', async () => {
  const gateway = await start();
  const id = await ask(gateway);
  const yes = await Promise.all(Array.from({ length: 20 }, () => answer(gateway, id, 'other')));
  expect(yes.filter(({ body }) => body.outcome === 'approved')).toHaveLength(1);
  const done = await Promise.all(Array.from({ length: 20 }, () => answer(gateway, id, 'writer')));
  expect(done.filter(({ body }) => body.outcome === 'completed')).toHaveLength(1);
  expect(gateway.received).toHaveLength(1);
});

test('the command line lists, approves and rejects', async () => {
  const gateway = await start();
  const id = await ask(gateway);
  const approvals = (key: string, ...args: string[]) =>
    ostiary(['approvals', ...args, '--url', gateway.url], { env: { OSTIARY_KEY: `key-${key}` } });
  expect(await approvals('other', 'list')).toEqual({
    code: 0,
    stdout: expect.stringMatching(
      new RegExp(
        `^${id} notes\\.wipe@1\\.0\\.0 for work waits for another person\nasked by user writer, until .*\n {2}Wipe all notes \\(this cannot be taken back\\):\n {4}why: spring \\(given in the call\\)\n$`,
      ),
    ),
    stderr: '',
  });
  expect((await approvals('other', 'approve', id)).stdout).toBe('approved Approved. Whoever asked for it can go on.\n');
  expect((await approvals('writer', 'list')).stdout).toContain('yours, approved');
  expect((await approvals('writer', 'reject', id)).stdout).toBe('declined Nothing was done.\n');
  expect((await approvals('writer', 'list')).stdout).toBe('Nothing waits.\n');
  const wrong = await approvals('writer', 'approve', id);
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('There is no such confirmation')]);
  expect((await approvals('stranger', 'list')).code).toBe(4);
});
