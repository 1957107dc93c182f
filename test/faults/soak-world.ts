import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { plainEnv, root } from '../cli/ostiary.ts';
import type { Look } from './soak-gateway.ts';

const intents = `
intent: things.get
version: 1.0.0
title: Look at a thing
effect: read
examples: ["show thing [id: T-1]", "look at thing [id: T-2]"]
input: { type: object, required: [id], properties: { id: { type: string } } }
output: { type: object, properties: { id: { type: string }, text: { type: string } } }
call: { backend: world, rest: "GET /things/{id}" }
---
intent: things.add
version: 1.0.0
title: Add a thing
effect: write
sinks: [/text]
idempotent: true
examples: ["add [text: a thing]"]
input: { type: object, required: [text], properties: { text: { type: string } } }
output: { type: object, properties: { id: { type: string } } }
call: { backend: world, rest: "POST /things" }
`;
const policy = `
api: intent-policy/1
purposes: [work]
capabilities:
  add: { intents: [things.add@1], effect: write }
  get: { intents: [things.get@1], effect: read }
rules:
  - { allow: all, can: [add, get], for: [work] }
`;

export interface SoakWorld {
  readonly url: string;
  readonly grpc: string;
  look(): Promise<Look>;
}

/** A gateway in a process of its own, with every door, in front of a backend that answers at once, or not at all. */
export const soakWorld = async (): Promise<SoakWorld> => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-soak-'));
  let calls = 0;
  const backend = createServer((request, response) => {
    request.resume();
    // Now and then one fails, and one is cut off.
    const turn = ++calls % 50;
    if (turn === 0) return void request.socket.destroy();
    response.statusCode = turn === 1 ? 500 : 200;
    response.setHeader('content-type', 'application/json').end('{"id":"T-1","text":"hello"}');
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  mkdirSync(join(folder, 'intents'));
  mkdirSync(join(folder, 'policies'));
  writeFileSync(join(folder, 'intents/all.yaml'), intents);
  writeFileSync(join(folder, 'policies/all.policy.yaml'), policy);
  const hash = createHash('sha256').update('key-writer').digest('hex');
  writeFileSync(
    join(folder, 'ostiary.yaml'),
    `api: ostiary/1
listen: { port: 0 }
doors: { grpc: { port: 0, package: acme } }
backends: { world: { kind: rest, url: "http://127.0.0.1:${(backend.address() as AddressInfo).port}", timeout: 2s } }
credentials: { keys: [{ id: k, hash: "sha256:${hash}", subject: { type: user, id: ada }, purposes: [work], default_purpose: work }] }
limits: { body: 64KB, deadline: 3s }
idempotency: { keep: 1m }
`,
  );
  const child = fork(fileURLToPath(new URL('./soak-gateway.ts', import.meta.url)), [folder], {
    cwd: root,
    env: plainEnv(),
    execArgv: [],
  });
  const said = <T>(): Promise<T> =>
    new Promise((resolve, reject) => {
      const ended = (code: number | null) => reject(new Error(`the gateway ended with ${code}`));
      child.once('exit', ended);
      child.once('message', (message) => {
        child.off('exit', ended);
        resolve(message as T);
      });
    });
  const { url, grpc } = await said<{ url: string; grpc: string }>();
  onTestFinished(async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.send('stop');
    await ended;
    backend.closeAllConnections();
    await new Promise((resolve) => backend.close(resolve));
    rmSync(folder, { recursive: true });
  });
  return {
    url,
    grpc,
    look() {
      const looked = said<Look>();
      child.send('look');
      return looked;
    },
  };
};
