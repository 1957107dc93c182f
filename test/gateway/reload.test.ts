import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gatewayForTest } from './start.ts';

const change = (file: string, from: string, to: string) =>
  writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));

test('a folder that changed is taken over: its words and its rules; what was to be confirmed under other rules is void', async () => {
  const gateway = await gatewayForTest();
  expect((await gateway.call('POST', '/v1/ask', { text: 'peek beneath the rug' })).body.outcome).toBe('out_of_scope');

  change(
    join(gateway.folder, 'intents/notes.yaml'),
    '[list all my notes,',
    '[peek beneath the rug, list all my notes,',
  );
  change(
    join(gateway.folder, 'policies/notes.policy.yaml'),
    'allow: writers-write, who: [writer]',
    'allow: writers-write, who: [reader]',
  );
  const { body: asked } = await gateway.call('POST', '/v1/intents/notes.wipe', {});
  await gateway.reload();
  expect((await gateway.call('POST', `/v1/confirmations/${asked.confirmation.id}`, { confirm: true })).body.code).toBe(
    'confirm.void',
  );

  expect((await gateway.call('POST', '/v1/ask', { text: 'peek beneath the rug' })).body).toMatchObject({
    outcome: 'completed',
    intent: 'notes.list',
  });
  expect((await gateway.call('POST', '/v1/intents/notes.add', { text: 'hello' })).status).toBe(404);
});

test('no request is dropped while folders are taken over', async () => {
  const gateway = await gatewayForTest();
  gateway.answers.with = (_request, response) =>
    void setTimeout(() => response.setHeader('content-type', 'application/json').end('{"id":"N-1"}'), 50);
  const calls: Promise<{ status: number }>[] = [];
  for (let round = 0; round < 2; round++) {
    calls.push(gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' }));
    await gateway.reload();
  }
  expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([200, 200]);
});

test('a folder that cannot work is not taken over', async () => {
  const gateway = await gatewayForTest();
  change(join(gateway.folder, 'intents/notes.yaml'), 'rest: "GET /notes"', 'rest: "GET /notes/{nothing}"');
  await expect(gateway.reload()).rejects.toThrow(/nothing/);
  expect((await gateway.call('POST', '/v1/intents/notes.list', {})).status).toBe(200);
});
