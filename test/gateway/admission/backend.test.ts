import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Answerer, gatewayForTest } from '../start.ts';

const note = { note_id: 'N-1' };
const fine: Answerer = (_request, response) =>
  void response.setHeader('content-type', 'application/json').end('{"id":"N-1"}');
const status =
  (code: number, headers: Record<string, string> = {}): Answerer =>
  (_request, response) =>
    void response.writeHead(code, headers).end();
/** One answer after the other, the last for all that come after. */
const inTurn = (...answers: readonly Answerer[]): Answerer => {
  let next = 0;
  return (...call) => answers[Math.min(next++, answers.length - 1)]?.(...call);
};

test('a read that fails once is answered, and a write that may have been done is sent once', async () => {
  const gateway = await gatewayForTest({ guard: 'breaker: false' });
  gateway.answers.with = inTurn((request) => request.socket.destroy(), status(502), fine);
  expect((await gateway.call('POST', '/v1/intents/notes.get', note)).body).toEqual({ id: 'N-1' });
  expect(gateway.received).toHaveLength(3);
  gateway.received.length = 0;
  gateway.answers.with = inTurn(status(502), fine);
  expect((await gateway.call('POST', '/v1/intents/notes.add', { text: 'hi' })).status).toBe(504);
  expect(gateway.received).toHaveLength(1);
});

test('a write that was turned away is sent again with the same key, when the backend wants it', async () => {
  const gateway = await gatewayForTest({ guard: 'breaker: false' });
  gateway.answers.with = inTurn(status(503, { 'retry-after': '1' }), fine);
  const before = performance.now();
  expect((await gateway.call('POST', '/v1/intents/notes.add', { text: 'hi' })).status).toBe(200);
  expect(performance.now() - before).toBeGreaterThan(900);
  const keys = gateway.received.map(({ headers }) => headers['idempotency-key']);
  expect(keys).toEqual([keys[0], keys[0]]);
  gateway.answers.with = status(503, { 'retry-after': '90' });
  const busy = await gateway.call('POST', '/v1/intents/notes.get', note);
  expect([busy.status, busy.headers['retry-after'], busy.body.code]).toEqual([503, '90', 'upstream.busy']);
});

test('a backend that goes on failing is left alone, tried, and called again; /readyz says so', async () => {
  const gateway = await gatewayForTest({
    guard: 'retries: 0, breaker: { calls: 4, rest: 1s, probes: 1 }',
  });
  const read = () => gateway.call('POST', '/v1/intents/notes.get', note);
  const state = async () => (await gateway.call('GET', '/readyz')).body;
  gateway.answers.with = status(500);
  for (let call = 0; call < 4; call++) expect((await read()).status).toBe(502);
  const left = await read();
  expect([left.status, left.body.code, left.headers['retry-after']]).toEqual([503, 'upstream.busy', '1']);
  expect(gateway.received).toHaveLength(4);
  expect(await state()).toEqual({ status: 'ok', checks: { store: 'ok' }, backends: { notes: 'open' } });
  gateway.answers.with = fine;
  await expect.poll(async () => (await read()).status, { timeout: 15_000 }).toBe(200);
  expect(gateway.received).toHaveLength(5);
  expect(await state()).toEqual({ status: 'ok', checks: { store: 'ok' } });
});

test('a backend that hangs keeps nobody from another, and itself takes no more than its share', async () => {
  const other = createServer((_request, response) =>
    response.setHeader('content-type', 'application/json').end('{"ok":true}'),
  );
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-isolation-'));
  onTestFinished(() => {
    other.close();
    rmSync(folder, { recursive: true });
  });
  mkdirSync(join(folder, 'intents'));
  writeFileSync(
    join(folder, 'intents/clock.yaml'),
    'intent: clock.show\nversion: 1.0.0\ntitle: Show the clock\neffect: read\nexamples: [what time is it]\ninput: { type: object }\ncall: { backend: clock, rest: "GET /" }\n',
  );
  const gateway = await gatewayForTest({
    folder,
    backends: `clock: { kind: rest, url: "http://127.0.0.1:${(other.address() as AddressInfo).port}" }`,
    policy: (text) =>
      text.replace('notes.get@1]', 'notes.get@1, clock.show@1]').replace('fields: [/id, /text, /email]', ''),
    limits: 'body: 64KB, depth: 16, text: 500, deadline: 20s',
    timeout: '5s',
  });
  const held: ServerResponse[] = [];
  gateway.answers.with = (_request, response) => void held.push(response);
  const slow = Array.from({ length: 2 }, () => gateway.call('POST', '/v1/intents/notes.get', note));
  await expect.poll(() => held.length, { timeout: 10_000 }).toBe(2);
  const answered = await Promise.all(
    Array.from({ length: 20 }, () => gateway.call('POST', '/v1/intents/clock.show', {})),
  );
  expect(answered.map((one) => one.status)).toEqual(Array.from({ length: 20 }, () => 200));
  const full = await gateway.call('POST', '/v1/intents/notes.get', note);
  expect([full.status, full.body.code, full.headers['retry-after']]).toEqual([503, 'admit.busy', '1']);
  // Even then, what is hidden is like what is not there.
  const hidden = await gateway.call('POST', '/v1/intents/notes.hidden', {});
  const nothing = await gateway.call('POST', '/v1/intents/notes.nothing', {});
  expect([hidden.status, hidden.body.code]).toEqual([nothing.status, nothing.body.code]);
  expect(hidden.body.code).toBe('intent.unknown');
  for (const one of await Promise.all(slow)) expect(one.body.code).toBe('upstream.timeout');
});
