import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { signerOf } from '../../policies/tokens/keys.ts';
import { attenuate, mintRoot } from '../../policies/tokens/mint.ts';
import { makeProof } from '../../policies/tokens/possession.ts';
import { main, plainEnv, root } from '../cli/ostiary.ts';
import { granted, issuer, newKey, newSigner } from '../gateway/tokens-world.ts';

const intents = `
intent: notes.add
version: 1.0.0
title: Add a note
effect: write
sinks: [/text]
examples: ['add the note [text: "call back"]', 'write down [text: "buy milk"]']
input: { type: object, required: [text], properties: { text: { type: string }, times: { type: integer, minimum: 1 } } }
call: { backend: notes, rest: "POST /notes" }
---
intent: notes.wipe
version: 1.0.0
title: Wipe all notes
effect: destructive
sinks: []
examples: [wipe all notes, delete every note there is]
input: { type: object, properties: {} }
call: { backend: notes, rest: "DELETE /notes" }
---
intent: notes.get
version: 1.0.0
title: Show a note
effect: read
examples: ["show note [note_id: N-1]", "read me note [note_id: N-2]"]
input: { type: object, required: [note_id], properties: { note_id: { type: string, pattern: "^N-\\\\d+$" } } }
call: { backend: notes, rest: "GET /notes/{note_id}" }
---
intent: notes.secret
version: 1.0.0
title: Look under the carpet
effect: read
examples: [look under the carpet, lift the carpet]
input: { type: object }
call: { backend: notes, rest: "GET /hidden" }
`;
const policy = `
api: intent-policy/1
purposes: [work]
aggregates: { notes-1d: { can: [write], sum: /in/times, window: 1d } }
rates: { slow: { requests: 5, per: 1h } }
capabilities:
  write: { intents: [notes.add@1], effect: write }
  wipe: { intents: [notes.wipe@1], effect: destructive }
  read: { intents: [notes.get@1], effect: read }
  secret: { intents: [notes.secret@1], effect: read }
rules:
  - { allow: all, can: [write, read, wipe], for: [work] }
  - { deny: enough, can: [write], when: { /agg/notes-1d: { gt: 50 } }, reason: Fifty notes a day are enough. }
  - { require: ask-first, can: [wipe], obligations: [{ confirm: { by: self, ttl: 600s } }] }
  - { require: slowly, can: [read], obligations: [{ rate: slow }] }
  - { reveal: it-is-there, can: [secret] }
`;

/** One process of `ostiary serve`. */
export interface Replica {
  readonly url: string;
  call(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  /** As a power cut would: nothing of the process gets a last word. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into at any depth, and every look is an assertion
  readonly body: any;
}

/**
 * A set-up whose gateways are processes of their own, before a backend of this process that counts what it is asked.
 * @param stores lines of ostiary.yaml
 * @param limit how many notes may be added in a day
 */
export const replicaWorld = async (stores: string, limit = 50) => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-replicas-'));
  const received: { readonly method: string; readonly body: string }[] = [];
  const answers: { with(response: ServerResponse): void } = { with: (response) => response.end('{"id":"N-1"}') };
  const backend = createServer(async (request: IncomingMessage, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    received.push({ method: request.method ?? '', body });
    response.setHeader('content-type', 'application/json');
    answers.with(response);
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  mkdirSync(join(folder, 'intents'));
  mkdirSync(join(folder, 'policies'));
  writeFileSync(join(folder, 'intents/notes.yaml'), intents);
  writeFileSync(join(folder, 'policies/notes.policy.yaml'), policy.replace('gt: 50', `gt: ${limit}`));
  const signingKey = await newKey('ES256');
  writeFileSync(join(folder, 'token-key.jwk'), JSON.stringify(signingKey));
  const hash = createHash('sha256').update('key-ada').digest('hex');
  writeFileSync(
    join(folder, 'ostiary.yaml'),
    `api: ostiary/1
listen: { port: 0 }
${stores}
backends: { notes: { kind: rest, url: "http://127.0.0.1:${(backend.address() as AddressInfo).port}", concurrency: 100, timeout: 15s } }
credentials:
  keys: [{ id: k, hash: "sha256:${hash}", subject: { type: user, id: ada }, purposes: [work], default_purpose: work }]
  tokens: { issuer: "${issuer}", keys: ["file:token-key.jwk"] }
limits: { deadline: 20s }
`,
  );
  const running = new Set<Replica>();
  const start = async (): Promise<Replica> => {
    const child = spawn(process.execPath, [main, 'serve', folder, '--log', 'error'], {
      cwd: root,
      env: plainEnv({ NODE_COMPILE_CACHE: join(tmpdir(), 'ostiary-test-compiled') }),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const url = await addressOf(child);
    const pool = new Pool(url, { connections: 100 });
    const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
      running.delete(replica);
      await ended(child, signal);
      await pool.destroy();
    };
    const replica: Replica = {
      url,
      // On a machine that is slow by itself the gateway lets some in later; nothing was done then.
      async call(...asked) {
        for (;;) {
          const answer = await callOnce(...asked);
          if (answer.body?.code !== 'admit.busy') return answer;
          await delay(50);
        }
      },
      kill: () => end('SIGKILL'),
      stop: () => end('SIGTERM'),
    };
    const callOnce: Replica['call'] = async (method, path, body, headers = {}) => {
      const form = headers['content-type'] !== undefined;
      const response = await pool.request({
        method,
        path,
        headers: {
          authorization: 'Bearer key-ada',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: form ? String(body) : JSON.stringify(body) }),
      });
      return { status: response.statusCode, headers: response.headers, body: await response.body.json() };
    };
    running.add(replica);
    return replica;
  };

  /** A token of ada's that an agent holds, and a way to use it and to revoke it. */
  const token = async () => {
    const [signer, app, agent] = await Promise.all([signerOf(signingKey), newSigner(), newSigner('ES256')]);
    const seconds = Math.floor(Date.now() / 1_000);
    const minted = await mintRoot(signer, {
      iss: issuer,
      aud: issuer,
      sub: 'ada',
      sub_type: 'user',
      iat: seconds,
      exp: seconds + 600,
      jti: randomUUID(),
      authorization_details: [granted({ intents: ['notes.add@1'], limits: {} })],
      cnf: { jwk: app.publicJwk },
      del_depth: 0,
      del_max_depth: 3,
    });
    const held = await attenuate(minted.token, app, agent.publicJwk, {}, { jti: randomUUID(), now: new Date() });
    const path = '/v1/intents/notes.add';
    const prove = ({ url }: Replica) =>
      makeProof(
        agent,
        { method: 'POST', url: `${url}${path}`, credential: held.token },
        { jti: randomUUID(), now: new Date() },
      );
    return {
      prove,
      use: async (replica: Replica, proof?: string) =>
        replica.call(
          'POST',
          path,
          { text: 'x', times: 1 },
          {
            authorization: `DPoP ${held.token}`,
            dpop: proof ?? (await prove(replica)),
          },
        ),
      revoke: (replica: Replica) =>
        replica.call('POST', '/v1/token/revoke', new URLSearchParams({ token: held.token }), {
          'content-type': 'application/x-www-form-urlencoded',
        }),
    };
  };
  return {
    folder,
    received,
    answers,
    token,
    start,
    effects: (method = 'POST') => received.filter((one) => one.method === method).length,
    async remove() {
      await Promise.all([...running].map((replica) => replica.kill()));
      backend.closeAllConnections();
      await new Promise((resolve) => backend.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
export type ReplicaWorld = Awaited<ReturnType<typeof replicaWorld>>;

export const add = (replica: Replica, times: number, headers: Readonly<Record<string, string>> = {}) =>
  replica.call('POST', '/v1/intents/notes.add', { text: 'x', times }, headers);

const addressOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk) => {
      text += String(chunk);
      const found = /at (http:\S+?)\. /.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${text}`)));
  });

const ended = (child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill(signal);
  });
