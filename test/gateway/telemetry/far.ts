import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createLogger, serve } from '../../../gateway/serve.ts';
import { loadSetup } from '../../../gateway/setup.ts';
import { loadTelemetry } from '../../../gateway/telemetry/load.ts';
import type { TestGateway } from '../start.ts';

const intent = (name: string, call: string) => `
intent: far.${name}
version: 1.0.0
title: Show a note by ${name}
effect: read
examples: ["show the ${name} note [note_id: N-1]"]
input: { type: object, required: [note_id], properties: { note_id: { type: string } } }
call: ${call}
`;

/** A gateway whose backends are the doors of another: a trace goes over two hops, by each protocol. */
export const startFar = async (near: TestGateway, env: Readonly<Record<string, string>>) => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-far-'));
  mkdirSync(join(folder, 'intents'));
  mkdirSync(join(folder, 'policies'));
  writeFileSync(
    join(folder, 'intents/far.yaml'),
    [
      intent('rest', '{ backend: rest, rest: "POST /v1/intents/notes.get" }'),
      intent(
        'graphql',
        '{ backend: graphql, graphql: "query note($note_id: String!) { notes_get(note_id: $note_id) { id } }" }',
      ),
      intent('grpc', '{ backend: grpc, grpc: acme.notes.NotesService/Get }'),
      intent('mcp', '{ backend: mcp, mcp: notes.get }'),
    ].join('---'),
  );
  writeFileSync(
    join(folder, 'policies/far.policy.yaml'),
    `
api: intent-policy/1
purposes: [work]
subjects: { all: { match: { /token/roles: { has: writer } } } }
capabilities: { read: { intents: [far.rest@1, far.graphql@1, far.grpc@1, far.mcp@1], effect: read } }
rules: [{ allow: all-read, who: [all], can: [read], for: [work] }]
`,
  );
  const headers = 'headers: { authorization: "Bearer key-writer" }';
  const hash = createHash('sha256').update('key-writer').digest('hex');
  writeFileSync(
    join(folder, 'ostiary.yaml'),
    `api: ostiary/1
listen: { port: 0 }
doors: { grpc: { port: 0, package: far } }
backends:
  rest: { kind: rest, url: "${near.url}", ${headers} }
  graphql: { kind: graphql, url: "${near.url}/graphql", ${headers} }
  grpc: { kind: grpc, address: "${near.grpc}", metadata: { authorization: "Bearer key-writer" } }
  mcp: { kind: mcp, url: "${near.url}/mcp", ${headers} }
credentials: { keys: [{ id: writer, hash: "sha256:${hash}", subject: { type: user, id: writer }, claims: { roles: [writer] }, purposes: [work], default_purpose: work }] }
`,
  );
  const { setup, findings } = await loadSetup(folder, {});
  if (setup === undefined) throw new Error(JSON.stringify(findings, null, 2));
  const telemetry = await loadTelemetry(setup.config.telemetry, env);
  const serving = await serve(setup, {}, createLogger('silent', telemetry), telemetry);
  onTestFinished(async () => {
    await serving.close();
    rmSync(folder, { recursive: true });
  });
  const call = async (path: string, body: object, headers: Record<string, string> = {}) => {
    const response = await fetch(serving.url + path, {
      method: 'POST',
      headers: { authorization: 'Bearer key-writer', 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as unknown };
  };
  return { url: serving.url, grpc: serving.grpc ?? '', call };
};
