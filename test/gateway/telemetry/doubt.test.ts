import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { startGateway } from '../start.ts';
import { startCollector } from './collector.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
const intent = `
intent: gifts.send
version: 1.0.0
title: Send a gift
effect: write
sinks: [/to]
idempotent: true
examples: ["send a gift to [to: Ada]"]
input: { type: object, required: [to], properties: { to: { type: string } } }
call: { backend: notes, rest: "POST /gifts" }
`;
const policy = (text: string) =>
  text
    .replace('capabilities:', 'capabilities:\n  send: { intents: [gifts.send@1], effect: write }')
    .replace('rules:', 'rules:\n  - { allow: senders, who: [writer], can: [send], for: [work] }');

test('what is done later about a write in doubt belongs to the trace of its request, in spans and in the log', async () => {
  const collector = await startCollector();
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-doubt-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'intents'));
  writeFileSync(join(folder, 'intents/gifts.yaml'), intent);
  const before = await startGateway({ folder, policy, env: collector.env });
  onTestFinished(() => before.stop());
  before.answers.with = (_request, response) => void response.destroy();
  expect((await before.call('POST', '/v1/intents/gifts.send', { to: 'Ada' }, { headers })).status).toBe(504);
  await before.close();
  const file = new DatabaseSync(before.database);
  file.prepare('UPDATE open_write SET until = 0').run();
  file.close();

  const after = await startGateway({ folder, policy, env: collector.env });
  onTestFinished(() => after.stop());
  after.answers.with = (_request, response) => response.setHeader('content-type', 'application/json').end('{}');
  const calls = () => collector.spans.filter((one) => one.name === 'POST /gifts' && one.trace === traceId);
  await expect.poll(() => calls().map(({ status }) => status), { timeout: 20_000 }).toEqual([2, 0]);
  const [first, second] = calls();
  expect(second?.parent).toBe(first?.parent);
  expect(after.received[0]?.headers.traceparent).toBe(`00-${traceId}-${second?.id}-01`);
  const traces = () =>
    after.onDisk().flatMap(({ kind, trace }) => (kind === 'retry' || kind === 'settled' ? [[kind, trace]] : []));
  await expect.poll(traces, { timeout: 20_000 }).toEqual([
    ['retry', traceId],
    ['settled', traceId],
  ]);
});
