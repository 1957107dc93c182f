import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGateway, type TestGateway } from './start.ts';

const contracts = `
intent: notes.write
version: 2.0.0
title: Write a note
effect: write
sinks: [/text]
input:
  type: object
  required: [text, kind]
  properties: { text: { type: string, minLength: 2 }, kind: { enum: [plain, rich] }, place: { type: object, properties: { shelf: { type: string } } }, times: { type: integer } }
from:
  - major: 1
    input: { type: object, required: [body], properties: { body: { type: string, minLength: 2 }, shelf: { type: string }, times: { type: integer } } }
    map: { text: $.body, kind: plain, place: { shelf: $.shelf } }
    deprecated: { since: 2026-11-01, sunset: 2027-06-30 }
call: { backend: notes, rest: "POST /notes" }
---
intent: notes.show
version: 1.3.0
title: Show a note by its number
effect: read
input: { type: object, required: [number], properties: { number: { type: integer } } }
deprecated: { since: 2026-11-01, sunset: 2027-06-30, use: notes.hidden }
call: { backend: notes, rest: "GET /notes/{number}" }
---
intent: notes.show
version: 2.0.0
title: Show a note
effect: read
input: { type: object, required: [note_id], properties: { note_id: { type: string } } }
deprecated: { since: 2026-11-20, use: notes.get }
call: { backend: notes, rest: "GET /notes/{note_id}" }
`;

let gateway: TestGateway;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ostiary-versions-'));
  mkdirSync(join(folder, 'intents'));
  writeFileSync(join(folder, 'intents/versions.yaml'), contracts);
  gateway = await startGateway({
    folder,
    policy: (text) =>
      text
        .replace('intents: [notes.get@1]', 'intents: [notes.get@1, notes.show@1, notes.show@2]')
        .replace('intents: [notes.add@1]', 'intents: [notes.add@1, notes.write@2]'),
  });
});
afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true });
});

test('a caller of major 1 is served by major 2, and both are recorded', async () => {
  const { status, headers } = await gateway.call('POST', '/v1/intents/notes.write@1', {
    body: 'hello',
    shelf: 'top',
    times: 2,
  });
  expect(status).toBe(200);
  expect(JSON.parse(gateway.received.at(-1)?.body ?? '')).toEqual({
    text: 'hello',
    kind: 'plain',
    place: { shelf: 'top' },
    times: 2,
  });
  expect(headers).toMatchObject({
    deprecation: '@1793491200',
    sunset: 'Wed, 30 Jun 2027 00:00:00 GMT',
    link: '</v1/intents/notes.write@2>; rel="successor-version"',
  });
  const entries = await gateway.entries(String(headers['ostiary-request-id']));
  expect(entries.map(({ kind, intent, called }) => ({ kind, intent, called }))).toEqual([
    { kind: 'ahead', intent: 'notes.write@2.0.0', called: 'notes.write@1' },
    { kind: 'outcome', intent: 'notes.write@2.0.0', called: 'notes.write@1' },
  ]);
  expect(entries[1]?.provenance).toEqual({
    '/text': 'input',
    '/kind': 'default',
    '/place': 'input',
    '/times': 'input',
  });
});

test.each([
  { name: 'what major 1 never took', body: { body: 'hello', colour: 'red' }, pointer: '/colour' },
  { name: 'what major 1 required', body: {}, pointer: '/body' },
  { name: 'the words of major 2', body: { text: 'hello', kind: 'rich' }, pointer: '/body' },
])('an input of major 1 is held to major 1: $name', async ({ body, pointer }) => {
  const before = gateway.received.length;
  const answer = await gateway.call('POST', '/v1/intents/notes.write@1', body);
  expect(answer).toMatchObject({ status: 422, body: { code: 'input.invalid' } });
  expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
  expect(gateway.received).toHaveLength(before);
});

test('it is authorised as major 2', async () => {
  // A reader knows of no notes.write@2, so that there is no major 1 either.
  const denied = await gateway.call('POST', '/v1/intents/notes.write@1', { body: 'hello' }, { key: 'nobody' });
  const unknown = await gateway.call('POST', '/v1/intents/notes.nothing@1', { body: 'hello' }, { key: 'nobody' });
  expect(denied.status).toBe(unknown.status);
  expect(denied.body.code).toBe('intent.unknown');
  expect(denied.headers.deprecation).toBeUndefined();
  expect(await gateway.call('POST', '/v1/intents/notes.write@0', { body: 'x' })).toMatchObject({ status: 404 });
});

test('a contract that is to go says so, with what stands in for it where the caller may know of that', async () => {
  const one = await gateway.call('POST', '/v1/intents/notes.show@1', { number: 1 });
  expect(one.headers).toMatchObject({ deprecation: '@1793491200', sunset: 'Wed, 30 Jun 2027 00:00:00 GMT' });
  // notes.hidden is nothing that this caller may know of.
  expect(one.headers.link).toBeUndefined();
  const two = await gateway.call('POST', '/v1/intents/notes.show', { note_id: 'N-1' });
  expect(two.headers).toMatchObject({
    deprecation: '@1795132800',
    link: '</v1/intents/notes.get@1>; rel="successor-version"',
  });
  expect(two.headers.sunset).toBeUndefined();
  const none = await gateway.call('POST', '/v1/intents/notes.get', { note_id: 'N-1' });
  expect(none.headers.deprecation).toBeUndefined();
});

test('OpenAPI, GraphQL and MCP say so as well', async () => {
  const { body } = await gateway.call('GET', '/openapi.json');
  expect(body.paths['/v1/intents/notes.show@1'].post.deprecated).toBe(true);
  expect(body.paths['/v1/intents/notes.get'].post.deprecated).toBeUndefined();
  const { body: listed } = await gateway.call('GET', '/v1/intents/notes.show');
  expect(listed.deprecated).toEqual({ since: '2026-11-20', use: 'notes.get' });
  const query = '{ __type(name: "Query") { fields(includeDeprecated: true) { name deprecationReason } } }';
  const graphql = await gateway.call('POST', '/graphql', { query });
  expect(graphql.body.data.__type.fields).toContainEqual({
    name: 'notes_show__v1',
    deprecationReason: 'Deprecated since 2026-11-01. It may be gone from 2027-06-30 on. Use notes.hidden.',
  });
});
