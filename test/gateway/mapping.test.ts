import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gatewayForTest } from './start.ts';

test('expressions before and after a call: worked out, shaped by the contract, and shown by explain', async () => {
  const gateway = await gatewayForTest();
  const file = join(gateway.folder, 'intents/notes.yaml');
  const change = (from: string, to: string) => writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
  change(
    'call: { backend: notes, rest: "GET /notes/{note_id}" }',
    'call: { backend: notes, rest: "GET /notes/{note_id}", query: { low: { jsonata: $lowercase(note_id) } }, result: { id: $.id, text: { jsonata: text & "!" } } }',
  );
  await gateway.reload();
  const read = await gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' });
  expect([read.status, read.body]).toEqual([200, { id: 'N-1', text: 'hello!' }]);
  expect(gateway.received.at(-1)?.url).toBe('/base/notes/N-1?low=n-1');

  const explained = await gateway.call('POST', '/v1/explain', { intent: 'notes.get', input: { note_id: 'N-1' } });
  expect(explained.body.would_call).toMatchObject({ operation: expect.stringContaining('/base/notes/N-1?low=n-1') });

  change('$lowercase(note_id)', '$sum(note_id)');
  await gateway.reload();
  const failed = await gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' });
  expect([failed.status, failed.body.code]).toEqual([422, 'upstream.rejected']);
  const refused = await gateway.call('POST', '/v1/explain', { intent: 'notes.get', input: { note_id: 'N-1' } });
  expect(refused.body.would_call).toEqual({
    backend: 'notes',
    refused: expect.stringContaining('The expression failed (T0412)'),
  });
  expect(JSON.stringify(refused.body.would_call)).not.toContain('N-1');

  change('$sum(note_id)', '$sum(note_ids)');
  await expect(gateway.reload()).rejects.toThrow('Did you mean \\"note_id\\"');
});
