import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main, plainEnv, root } from '../cli/ostiary.ts';
import type { Effect } from './counting-backend.ts';

const write = (name: string, more: string) => `
intent: ${name}.do
version: 1.0.0
title: Do it ${name}
effect: write
sinks: [/op]
${more}
examples: ["do [op: a] ${name}"]
input: { type: object, required: [op], properties: { op: { type: string } } }
output: { type: object, properties: { id: { type: string } } }
call: { backend: world, rest: "POST /${name}" }`;
const read = (name: string, path: string, member: string) => `
intent: ${name}
version: 1.0.0
title: Look at ${name}
effect: read
examples: ["show thing [${member}: T-1]", "look at thing [${member}: T-2]"]
input: { type: object, required: [${member}], properties: { ${member}: { type: string } } }
output: { type: object, properties: { id: { type: string } } }
call: { backend: world, rest: "GET /${path}/{${member}}" }`;
const intents = [
  write('plain', ''),
  write('once', 'idempotent: true'),
  write('checked', 'check: checked.was-done'),
  read('things.get', 'things', 'id'),
  read('checked.was-done', 'checked', 'idempotency_key'),
].join('\n---\n');
const policy = `
api: intent-policy/1
purposes: [work]
capabilities:
  write: { intents: [plain.do@1, once.do@1, checked.do@1], effect: write }
  read: { intents: [things.get@1], effect: read }
rules:
  - { allow: all, can: [write, read], for: [work] }
`;

export interface Running {
  readonly url: string;
  /** As a power cut would: nothing of the process gets a last word. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** A set-up whose gateways can be killed, in front of a backend that is a process of its own and counts. */
export const crashWorld = async (storeUrl = 'file:./data') => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-crash-'));
  const backend = spawn(process.execPath, [fileURLToPath(new URL('./counting-backend.ts', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const world = `http://127.0.0.1:${(await said(backend, /(\d+)\n/)).trim()}`;
  mkdirSync(join(folder, 'intents'));
  mkdirSync(join(folder, 'policies'));
  writeFileSync(join(folder, 'intents/all.yaml'), intents);
  writeFileSync(join(folder, 'policies/all.policy.yaml'), policy);
  const hash = createHash('sha256').update('key').digest('hex');
  writeFileSync(
    join(folder, 'ostiary.yaml'),
    `api: ostiary/1
listen: { port: 0 }
store: { url: "${storeUrl}" }
backends: { world: { kind: rest, url: "${world}" } }
credentials: { keys: [{ id: k, hash: "sha256:${hash}", subject: { type: user, id: ada }, purposes: [work], default_purpose: work }] }
limits: { deadline: 1s }
`,
  );
  const start = async (): Promise<Running> => {
    const child = spawn(process.execPath, [main, 'serve', folder, '--log', 'error'], {
      cwd: root,
      env: plainEnv({ NODE_COMPILE_CACHE: join(folder, 'compiled') }),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const url = await said(child, /at (http:\S+?)\. /);
    return { url, kill: () => end(child, 'SIGKILL'), stop: () => end(child, 'SIGTERM') };
  };
  // What is compiled is written down by a process that ends, never by one that is killed; the others then start sooner.
  await (await start()).stop();
  return {
    folder,
    start,
    async effects(): Promise<readonly Effect[]> {
      return (await (await fetch(`${world}/effects`)).json()) as readonly Effect[];
    },
    async remove() {
      await end(backend, 'SIGKILL');
      rmSync(folder, { recursive: true });
    },
  };
};

const said = (child: ChildProcess, what: RegExp): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk) => {
      text += String(chunk);
      const found = what.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${text}`)));
  });

const end = (child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill(signal);
  });
