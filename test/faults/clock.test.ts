import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openAuditKey } from '../../adapters/keys/audit-key.ts';
import { memoryRates } from '../../adapters/stores/memory-rates.ts';
import { sqliteStore } from '../../adapters/stores/sqlite.ts';
import { signNewest } from '../../gateway/audit-keeping.ts';
import { doubtSweeper } from '../../gateway/doubt/sweep.ts';
import type { Gate } from '../../gateway/gate.ts';
import { createVerifier } from '../../policies/audit/verifier.ts';
import type { OpenWrite, StoredEntry } from '../../policies/ports.ts';
import { gatewayForTest, type TestGateway } from '../gateway/start.ts';
import { shiftedClock } from '../support/shifted-clock.ts';

const hour = 3_600_000;
const newFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-clock-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
};
const add = (gateway: TestGateway, key?: string) =>
  gateway.call(
    'POST',
    '/v1/intents/notes.add',
    { text: 'hello' },
    { headers: key === undefined ? {} : { 'idempotency-key': key } },
  );
const ask = (gateway: TestGateway, text: string, session?: string) =>
  gateway.call('POST', '/v1/ask', { text, ...(session !== undefined && { session }) });

describe.each([
  ['forward', 2 * hour],
  ['back', -2 * hour],
])('a clock that jumps two hours %s', (direction, ms) => {
  test('ends no call that is under way, and no wait for a backend', async () => {
    const clock = shiftedClock();
    const gateway = await gatewayForTest();
    gateway.answers.with = (_request, response) => {
      clock.by(ms);
      response.setHeader('content-type', 'application/json').end('{"id":"N-1"}');
    };
    const { status, headers } = await add(gateway);
    expect(status).toBe(200);
    expect((await gateway.entries(String(headers['ostiary-request-id']))).map(({ kind }) => kind)).toEqual([
      'ahead',
      'outcome',
    ]);
    gateway.answers.with = () => clock.by(ms);
    expect((await add(gateway)).body.code).toBe('upstream.unknown');
  });

  test('leaves the records in their order, and the chain whole', async () => {
    const clock = shiftedClock();
    const gateway = await gatewayForTest();
    const asked = [await add(gateway)];
    clock.by(ms);
    asked.push(await add(gateway), await add(gateway));
    clock.by(-ms);
    asked.push(await add(gateway));
    for (const { headers } of asked) await gateway.entries(String(headers['ostiary-request-id']));
    await gateway.close();
    const store = await sqliteStore(join(gateway.folder, 'data'));
    onTestFinished(() => store.close());
    const entries = await store.audit.read(0, 100);
    const verifier = createVerifier(new Set([openAuditKey(join(gateway.folder, 'data/audit-key.pem')).id]));
    expect(verifier.take(entries) ?? verifier.end()).toMatchObject({ entries: entries.length, signed: 1 });
    const order = entries.map(({ body }) => JSON.parse(body) as Record<string, string>);
    const requests = asked.map(({ headers }) => headers['ostiary-request-id']);
    expect(order.flatMap(({ kind, request }) => (kind === 'ahead' ? [request] : []))).toEqual(requests);
    const times = order.flatMap(({ kind, at }) => (kind === 'ahead' ? [Date.parse(at ?? '')] : []));
    expect(Math.sign((times[1] ?? 0) - (times[0] ?? 0))).toBe(Math.sign(ms));
  });

  test('a key still gives the answer there was, and nothing is done twice', async () => {
    const clock = shiftedClock();
    const gateway = await gatewayForTest();
    const first = await add(gateway, 'k1');
    clock.by(ms);
    const again = await add(gateway, 'k1');
    expect([again.status, again.text, again.headers['idempotency-replayed']]).toEqual([200, first.text, 'true']);
    expect(gateway.received).toHaveLength(1);
  });

  test(`a confirmation that waits ${direction === 'forward' ? 'is over, and a new one is not' : 'can be answered, once'}`, async () => {
    const clock = shiftedClock();
    const gateway = await gatewayForTest();
    const held = (await ask(gateway, 'wipe all notes')).body.confirmation.id as string;
    const yes = (id: string) => gateway.call('POST', `/v1/confirmations/${id}`, { confirm: true });
    clock.by(ms);
    if (direction === 'forward') {
      expect((await yes(held)).body.code).toBe('confirm.expired');
      expect(gateway.received).toEqual([]);
      const anew = (await ask(gateway, 'wipe all notes')).body.confirmation.id as string;
      expect((await yes(anew)).body.outcome).toBe('completed');
    } else {
      expect((await yes(held)).body.outcome).toBe('completed');
      expect((await yes(held)).status).toBeGreaterThanOrEqual(400);
    }
    expect(gateway.received).toHaveLength(1);
  });

  test(`a session ${direction === 'forward' ? 'is over, and a new one begins' : 'goes on'}`, async () => {
    const clock = shiftedClock();
    const gateway = await gatewayForTest();
    const { session } = (await ask(gateway, 'show note N-1')).body;
    clock.by(ms);
    const next = await ask(gateway, 'show note N-1', session);
    if (direction === 'back') expect(next.body.outcome).toBe('completed');
    else {
      expect(next.body.code).toBe('session.expired');
      expect((await ask(gateway, 'show note N-1')).body.outcome).toBe('completed');
    }
  });

  test('a token is taken only within its time, by the clock as it is now', async () => {
    const clock = shiftedClock();
    const folder = newFolder();
    const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'EdDSA' };
    writeFileSync(join(folder, 'jwks.json'), JSON.stringify({ keys: [jwk] }));
    const gateway = await gatewayForTest({
      issuers: `{ issuer: "https://issuer.test", audience: notes, jwks: "file:${folder}/jwks.json" }`,
    });
    const claims = { sub: 'eve', iss: 'https://issuer.test', aud: 'notes', roles: ['writer'], purposes: ['work'] };
    const tokenNow = (jti: string) =>
      new SignJWT({ ...claims, jti })
        .setProtectedHeader({ alg: 'EdDSA', kid: 'k' })
        .setNotBefore(new Date())
        .setExpirationTime(new Date(Date.now() + 300_000))
        .sign(privateKey);
    const call = async (token: string) =>
      (
        await gateway.call(
          'POST',
          '/v1/intents/notes.get',
          { note_id: 'N-1' },
          { key: null, headers: { authorization: `Bearer ${token}` } },
        )
      ).status;
    const before = await tokenNow('a');
    expect(await call(before)).toBe(200);
    clock.by(ms);
    expect(await call(before)).toBe(direction === 'forward' ? 401 : 200);
    const [after, unseen] = [await tokenNow('b'), await tokenNow('c')];
    expect(await call(after)).toBe(200);
    clock.by(-ms);
    // Of the two that were made meanwhile, nobody has seen one: it begins in the future, or is over.
    expect([await call(before), await call(unseen)]).toEqual([200, 401]);
  });
});

test('a rate whose clock goes back keeps nobody waiting for longer than its window', async () => {
  const rate = { name: 'slow', requests: 4, perMs: 1_000, of: 'caller' as const };
  const rates = memoryRates();
  const taken = async (now: number) => {
    const waits: number[] = [];
    for (let count = 0; count < 6; count++) waits.push((await rates.take('k', rate, now)).waitMs);
    return waits;
  };
  expect(await taken(hour)).toEqual([0, 0, 0, 0, 250, 250]);
  expect(await taken(0)).toEqual([250, 250, 250, 250, 250, 250]);
  expect(await taken(250)).toEqual([0, 250, 250, 250, 250, 250]);
  expect(await taken(2 * hour)).toEqual([0, 0, 0, 0, 250, 250]);
});

test('checkpoints are signed, though the clock went back', async () => {
  const folder = newFolder();
  const store = await sqliteStore(folder);
  onTestFinished(() => store.close());
  let now = 10 * hour;
  const signing = signNewest(openAuditKey(join(folder, 'key.pem')), () => now);
  const kinds = async () =>
    (await store.audit.read(0, 100)).map(({ body }: StoredEntry) => (JSON.parse(body) as { kind: string }).kind);
  const entry = () => store.audit.append(JSON.stringify({ kind: 'outcome', at: new Date(now).toISOString() }));
  await entry();
  await signing(store.audit, false);
  now = hour;
  await entry();
  await signing(store.audit, false);
  expect(await kinds()).toEqual(['outcome', 'outcome', 'checkpoint']);
});

describe('a write that is under way when the clock jumps', () => {
  const deadline = 2_000;
  /** A store with one open write, and a look after it that finds nothing out. */
  const world = (untilMs: number) => {
    let [now, steady, takes] = [0, 0, 0];
    const body = JSON.stringify({ way: 'check', intent: { name: 'gone', major: 1, version: '1.0.0' } });
    const write: OpenWrite = { request: 'r', body, untilMs };
    const gate = {
      config: { limits: { deadline }, idempotency: { keep: hour } },
      compiled: new Map(),
      log() {},
      store: {
        writes: {
          open: async () => [write],
          take: async () => {
            takes++;
            return true;
          },
        },
      },
    } as unknown as Gate;
    const sweep = doubtSweeper(
      () => now,
      () => steady,
    );
    return {
      /** How often it was taken on in the sweep after that. */
      async taken(passed: number, jump = 0) {
        const before = takes;
        steady += passed;
        now += passed + jump;
        await sweep(gate);
        // Taken, and given back.
        return (takes - before) / 2;
      },
    };
  };

  test('forward: it is left to its end', async () => {
    const { taken } = world(7_000);
    expect(await taken(1_000)).toBe(0);
    expect(await taken(1_000, hour)).toBe(0);
    expect(await taken(5_000)).toBe(0);
    expect(await taken(2_000)).toBe(1);
  });

  test('back: what cannot be found out is tried again after as long as ever', async () => {
    const { taken } = world(-10 * hour);
    expect(await taken(1_000)).toBe(1);
    expect(await taken(1_000, -hour)).toBe(0);
    expect(await taken(28_000)).toBe(0);
    expect(await taken(2_000)).toBe(1);
  });
});
