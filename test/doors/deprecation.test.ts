import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectMcp } from '../gateway/mcp-client.ts';
import { startGateway, type TestGateway } from '../gateway/start.ts';

const contracts = `
intent: notes.show
version: 1.3.0
title: Show a note by its number
effect: read
input: { type: object }
deprecated: { since: 2026-11-01, sunset: 2027-06-30, use: notes.hidden }
call: { backend: notes, rest: "GET /notes/1" }
---
intent: notes.show
version: 2.0.0
title: Show a note
effect: read
input: { type: object }
deprecated: { since: 2026-11-20, use: notes.get }
call: { backend: notes, rest: "GET /notes/1" }
---
intent: notes.kept
version: 1.0.0
title: Show a note that stays
effect: read
input: { type: object }
call: { backend: notes, rest: "GET /notes/1" }
`;

let gateway: TestGateway;
let client: grpc.Client;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ostiary-deprecation-'));
  mkdirSync(join(folder, 'intents'));
  writeFileSync(join(folder, 'intents/show.yaml'), contracts);
  gateway = await startGateway({
    folder,
    config: 'doors: { grpc: { port: 0 } }',
    policy: (text) =>
      text.replace('intents: [notes.get@1]', 'intents: [notes.get@1, notes.show@1, notes.show@2, notes.kept@1]'),
  });
  client = new grpc.Client(gateway.grpc, grpc.credentials.createInsecure());
});
afterAll(async () => {
  client?.close();
  await gateway?.stop();
  rmSync(folder, { recursive: true });
});

/** What comes after the answer of an rpc. */
const trailer = (method: string): Promise<Record<string, unknown>> =>
  new Promise((resolve, reject) => {
    const metadata = new grpc.Metadata();
    metadata.set('authorization', 'Bearer key-writer');
    const same = (bytes: Buffer) => bytes;
    const call = client.makeUnaryRequest(
      `/intents.notes.NotesService/${method}`,
      same,
      same,
      Buffer.alloc(0),
      metadata,
      {},
      (error) => error && reject(error),
    );
    call.on('status', ({ code, metadata: sent }) => {
      if (code === grpc.status.OK) resolve(sent.getMap());
    });
  });

test('gRPC says after the answer what is to go, from when on, and what stands in for it', async () => {
  const first = await trailer('Show');
  expect(first).toMatchObject({ deprecation: '@1793491200', sunset: 'Wed, 30 Jun 2027 00:00:00 GMT' });
  // This caller may not know of notes.hidden.
  expect(first.link).toBeUndefined();
  const second = await trailer('ShowV2');
  expect(second).toMatchObject({
    deprecation: '@1795132800',
    link: '</v1/intents/notes.get@1>; rel="successor-version"',
  });
  expect(second.sunset).toBeUndefined();
  const kept = await trailer('Kept');
  expect([kept.deprecation, kept.sunset, kept.link]).toEqual([undefined, undefined, undefined]);
});

test('MCP says it of the tool, in words and for programs', async () => {
  const { tools } = await (await connectMcp(gateway.url)).listTools();
  const told = Object.fromEntries(
    tools.map(({ name, description, _meta }) => [name, { description, deprecated: _meta?.['ostiary.dev/deprecated'] }]),
  );
  expect(told.notes_show__v1?.description).toContain('Deprecated since 2026-11-01. It may be gone from 2027-06-30 on.');
  expect(told.notes_show__v1?.deprecated).toEqual({ since: '2026-11-01', sunset: '2027-06-30', use: 'notes.hidden' });
  expect(told.notes_show?.description).toContain('Deprecated since 2026-11-20. Use notes.get.');
  expect(told.notes_show?.deprecated).toEqual({ since: '2026-11-20', use: 'notes.get' });
  expect(told.notes_kept?.description).not.toContain('Deprecated');
  expect(told.notes_kept?.deprecated).toBeUndefined();
});
