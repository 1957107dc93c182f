import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gatewayForTest } from './start.ts';

test('callers of an earlier major get the answer that they know, and of it only what policies let them see', async () => {
  const gateway = await gatewayForTest();
  const file = join(gateway.folder, 'intents/notes.yaml');
  const from = `from:
  - major: 0
    input: { type: object, required: [number], properties: { number: { type: string } } }
    map: { note_id: $.number }
    output: { type: object, properties: { number: { type: string }, text: { type: string }, mail: { type: string }, kind: { type: string }, key: { type: string } } }
    answer: { number: $.id, mail: $.email, kind: note, key: $.secret }
call: { backend: notes, rest: "GET /notes/{note_id}" }`;
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace('call: { backend: notes, rest: "GET /notes/{note_id}" }', from),
  );
  await gateway.reload();
  const get = (name: string, input: object, key?: string) =>
    gateway.call('POST', `/v1/intents/${name}`, input, key === undefined ? {} : { key });
  const old = { number: 'N-1', text: 'hello', mail: 'ada@example.com', kind: 'note' };
  expect((await get('notes.get@0', { number: 'N-1' })).body).toEqual(old);
  expect((await get('notes.get', { note_id: 'N-1' })).body).toEqual({
    id: 'N-1',
    text: 'hello',
    email: 'ada@example.com',
  });
  const masked = (await get('notes.get@0', { number: 'N-1' }, 'reader')).body;
  expect(masked).toMatchObject({ number: 'N-1', kind: 'note' });
  expect(masked.mail).not.toBe('ada@example.com');

  expect((await get('notes.get@0?fields=number,kind', { number: 'N-1' })).body).toEqual({
    number: 'N-1',
    kind: 'note',
  });
  const unknown = await get('notes.get@0?fields=email', { number: 'N-1' });
  expect([unknown.status, unknown.body.errors?.length]).toEqual([400, 1]);
});
