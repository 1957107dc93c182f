// The peers as processes of their own, from ../../peers: installed there where they are not yet.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../peers', import.meta.url));
const bin = (name: string) => join(folder, 'node_modules/.bin', name);

export const installPeers = (): void => {
  if (existsSync(bin('hive-gateway'))) return;
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'inherit' });
};

/** @param upstream `http://…`, or the address of a gRPC service @param work for the supergraph */
export const startHive = async (
  upstream: string,
  work: string,
  children: ChildProcess[],
): Promise<{ child: ChildProcess; url: string }> => {
  const supergraph = join(work, `${upstream.startsWith('http') ? 'rest' : 'grpc'}.graphql`);
  execFileSync(bin('mesh-compose'), ['-c', join(folder, 'hive/mesh.config.mjs'), '-o', supergraph], {
    cwd: folder,
    env: { ...process.env, BENCH_UPSTREAM: upstream },
    stdio: 'ignore',
  });
  const port = await freePort();
  const child = run(bin('hive-gateway'), ['supergraph', supergraph, '-h', '127.0.0.1', '-p', String(port)], children);
  return { child, url: await ready(`http://127.0.0.1:${port}/graphql`, child) };
};

export const startPortkey = async (children: ChildProcess[]): Promise<{ child: ChildProcess; url: string }> => {
  const port = await freePort();
  const script = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js');
  const child = run(script, ['--headless', `--port=${port}`], children);
  return { child, url: `${await ready(`http://127.0.0.1:${port}/`, child)}v1/chat/completions` };
};

/** On the Node that runs this. */
const run = (script: string, args: readonly string[], children: ChildProcess[]): ChildProcess => {
  const env = { ...process.env, NODE_ENV: 'production' };
  const child = spawn(process.execPath, [script, ...args], { cwd: folder, env, stdio: 'ignore' });
  children.push(child);
  return child;
};

const ready = async (url: string, child: ChildProcess): Promise<string> => {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${child.spawnargs[1]} ended with ${child.exitCode}`);
    const answered = await fetch(url).then(
      () => true,
      () => false,
    );
    if (answered) return url;
    await delay(200);
  }
};

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
