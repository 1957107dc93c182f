import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { onTestFinished } from 'vitest';
import { createLogger, serve } from '../../gateway/serve.ts';
import { loadSetup } from '../../gateway/setup.ts';
import { loadTelemetry } from '../../gateway/telemetry/load.ts';

const hash = (key: string) => createHash('sha256').update(key).digest('hex');

const intents = `
intent: notes.get
version: 1.0.0
title: Show a note
effect: read
examples: ["show note [note_id: N-1]", "read me note [note_id: N-2]", "what does note [note_id: N-3] say"]
input: { type: object, required: [note_id], properties: { note_id: { type: string, pattern: "^(N-\\\\d+|\\\\.{0,2})$" } } }
output: { type: object, properties: { id: { type: string }, text: { type: string }, email: { type: string }, secret: { type: string } } }
call: { backend: notes, rest: "GET /notes/{note_id}" }
---
intent: notes.add
version: 1.0.0
title: Add a note
effect: write
sinks: [/text, /folder]
examples: ['add the note [text: "call back"]', 'write down [text: "buy milk"]', 'put "[text: see you]" on the list']
input: { type: object, required: [text], properties: { text: { type: string, maxLength: 200 }, times: { type: integer, minimum: 1 }, folder: { type: string, enum: [attic, cellar] } } }
call: { backend: notes, rest: "POST /notes" }
---
intent: notes.wipe
version: 1.0.0
title: Wipe all notes
effect: destructive
sinks: []
examples: [wipe all notes, delete every note there is]
input: { type: object, properties: { why: { type: string } } }
call: { backend: notes, rest: "DELETE /notes" }
---
intent: notes.hidden
version: 1.0.0
title: Look under the carpet
effect: read
examples: [look under the carpet, lift the carpet]
input: { type: object }
call: { backend: notes, rest: "GET /hidden" }
---
intent: notes.list
version: 1.0.0
title: List notes
effect: read
examples: [list all my notes, which notes do I have]
input: { type: object }
output:
  type: object
  properties: { owner: { type: string }, notes: { type: array, items: { type: object, properties: { id: { type: string }, text: { type: string }, email: { type: string } } } } }
call: { backend: notes, rest: "GET /notes" }
`;
const policy = `
api: intent-policy/1
purposes: [work]
subjects:
  writer: { match: { /token/roles: { has: writer } } }
  reader: { match: { /token/roles: { has: reader } } }
capabilities:
  read: { intents: [notes.get@1], effect: read }
  write: { intents: [notes.add@1], effect: write }
  wipe: { intents: [notes.wipe@1], effect: destructive }
  list: { intents: [notes.list@1], effect: read }
  secret: { intents: [notes.hidden@1], effect: read }
rules:
  - { allow: all-read, who: [writer, reader], can: [read], for: [work], fields: [/id, /text, /email] }
  - { allow: writers-list, who: [writer], can: [list], for: [work] }
  - { allow: readers-list, who: [reader], can: [list], for: [work], fields: ["/notes/*/id", "/notes/*/email"] }
  - { allow: writers-write, who: [writer], can: [write], for: [work] }
  - { allow: writers-wipe, who: [writer], can: [wipe], for: [work], obligations: [{ confirm: { by: self, ttl: 5m } }] }
  - { reveal: readers-know, who: [reader], can: [write] }
  - { require: mask-mail, who: [reader], obligations: [{ redact: { /email: mail-mask, "/notes/*/email": mail-mask } }] }
  - require: ask-about-the-model
    effects: [write, destructive]
    when: { /prov/sinks: { anyIn: [model] } }
    obligations: [{ confirm: { by: self, ttl: 60s } }]
`;

export type Answerer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export interface Options {
  readonly policy?: (text: string) => string;
  /** Lines of ostiary.yaml below the rest. */
  readonly config?: string;
  readonly backend?: string;
  /** Issuers of JWTs, as they stand under `credentials.jwt`. */
  readonly issuers?: string;
  /** What stands under `credentials.tokens`. */
  readonly tokens?: string;
  readonly folder?: string;
  /** More of `listen`. */
  readonly listen?: string;
  /** What the environment says of telemetry. */
  readonly env?: Readonly<Record<string, string>>;
  /** In place of the usual `limits`. */
  readonly limits?: string;
  /** How its backend is called; left out, once, however often that fails. */
  readonly concurrency?: number;
  readonly guard?: string;
  readonly timeout?: string;
  /** More of `backends`. */
  readonly backends?: string;
}

/** A busy machine is no reason to turn a test away, unless it is about that. */
const limitsOf = ({ limits = 'body: 64KB, depth: 16, text: 500, deadline: 2s' }: Options): string =>
  limits.includes('delay:') ? limits : `${limits}, delay: 1h`;

/** A gateway that stops when the test that started it ends. */
export const gatewayForTest = async (options?: Options): Promise<TestGateway> => {
  const gateway = await startGateway(options);
  onTestFinished(() => gateway.stop());
  return gateway;
};

/** A gateway of its own in front of a backend that the test controls. */
export const startGateway = async (options: Options = {}) => {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'ostiary-gateway-'));
  const received: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
  const answers: { with: Answerer } = {
    with: (_request, response) =>
      response
        .setHeader('content-type', 'application/json')
        .end('{"id":"N-1","text":"hello","email":"ada@example.com","secret":"s","extra":1}'),
  };
  const backend = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      received.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
      answers.with(request, response, body);
    });
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  const backendUrl = options.backend ?? `http://127.0.0.1:${(backend.address() as AddressInfo).port}/base`;
  mkdirSync(join(folder, 'intents'), { recursive: true });
  mkdirSync(join(folder, 'policies'), { recursive: true });
  writeFileSync(join(folder, 'intents/notes.yaml'), intents);
  writeFileSync(join(folder, 'policies/notes.policy.yaml'), options.policy?.(policy) ?? policy);
  const key = (id: string, roles: string) =>
    `{ id: ${id}, hash: "sha256:${hash(`key-${id}`)}", subject: { type: user, id: ${id} }, claims: { roles: [${roles}] }, purposes: [work], default_purpose: work }`;
  writeFileSync(
    join(folder, 'ostiary.yaml'),
    `api: ostiary/1
listen: { port: 0, ${options.listen ?? ''} }
backends: { notes: { kind: rest, url: "${backendUrl}", timeout: ${options.timeout ?? '400ms'}, concurrency: ${options.concurrency ?? 2}, max_response: 10KB, ${options.guard ?? 'retries: 0, breaker: false'} }, ${options.backends ?? ''} }
credentials: { keys: [${key('writer', 'writer')}, ${key('other', 'writer')}, ${key('reader', 'reader')}, ${key('nobody', 'nobody')}], jwt: [${options.issuers ?? ''}]${options.tokens === undefined ? '' : `, tokens: ${options.tokens}`} }
limits: { ${limitsOf(options)} }
${options.config ?? ''}
`,
  );
  const { setup, findings } = await loadSetup(folder, {});
  if (setup === undefined) throw new Error(JSON.stringify(findings, null, 2));
  const telemetry = await loadTelemetry(setup.config.telemetry, options.env ?? {});
  const serving = await serve(setup, {}, createLogger('silent', telemetry), telemetry);
  const pool = new Pool(serving.url, { connections: 50 });
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    { key: bearer = 'writer', headers = {} }: { key?: string | null; headers?: Record<string, string> } = {},
  ) => {
    const response = await pool.request({
      method: method as 'GET',
      path,
      headers: {
        ...(bearer === null ? {} : { authorization: `Bearer key-${bearer}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body) }),
    });
    const text = await response.body.text();
    return {
      status: response.statusCode,
      headers: response.headers,
      text,
      // biome-ignore lint/suspicious/noExplicitAny: answers are looked into at any depth, and every look is an assertion
      body: JSON.parse(text || 'null') as Record<string, any>,
    };
  };
  const database = join(folder, 'data/ostiary.db');
  let closed: Promise<void> | undefined;
  /** Stops the gateway alone. */
  const close = () => {
    closed ??= serving.close();
    return closed;
  };
  /** Takes over what its folder says now. */
  const reload = async () => {
    const again = await loadSetup(folder, {});
    if (again.setup === undefined) throw new Error(JSON.stringify(again.findings, null, 2));
    await serving.reload(again.setup);
  };
  /** What is on disk this very moment. */
  const onDisk = (): Record<string, unknown>[] => {
    const reader = new DatabaseSync(database, { readOnly: true });
    const rows = reader.prepare('SELECT body FROM audit ORDER BY sequence').all() as { body: string }[];
    reader.close();
    return rows.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  };
  return {
    url: serving.url,
    /** Where its own backend listens. */
    backend: `http://127.0.0.1:${(backend.address() as AddressInfo).port}`,
    grpc: serving.grpc ?? '',
    /** Where metrics are served, if they are. */
    prometheus: telemetry.prometheus ?? '',
    folder,
    database,
    received,
    answers,
    call,
    reload,
    onDisk,
    /** The entries of a request, as soon as its outcome is there. */
    async entries(request: string): Promise<Record<string, unknown>[]> {
      for (let tries = 0; tries < 1_000; tries++) {
        const found = onDisk().filter((entry) => entry.request === request);
        if (found.some(({ kind }) => kind === 'outcome')) return found;
        await delay(20);
      }
      throw new Error(`no outcome of ${request} was recorded`);
    },
    close,
    async stop() {
      await pool.destroy();
      await close();
      backend.closeAllConnections();
      await new Promise((resolve) => backend.close(resolve));
      if (options.folder === undefined) rmSync(folder, { recursive: true });
    },
  };
};
export type TestGateway = Awaited<ReturnType<typeof startGateway>>;
