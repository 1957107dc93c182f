import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { debianPackage } from './debian-package.ts';
import { freePort } from './free-port.ts';

export interface RedisServer {
  readonly url: string;
  kill(): Promise<void>;
  /** Brings it back on the same port, with nothing in it. */
  start(): Promise<void>;
  remove(): Promise<void>;
}

/** A Redis of this test alone: a random port on loopback, nothing kept. */
export const startRedis = async (): Promise<RedisServer> => {
  const program = debianPackage('redis-server', redisProgram);
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-redis-'));
  const port = await freePort();
  let server: ChildProcess | undefined;
  const kill = async () => {
    const running = server;
    if (running === undefined || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGKILL');
    await ended;
    server = undefined;
  };
  const start = async () => {
    server = spawn(
      program,
      ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'],
      { stdio: 'ignore' },
    );
    for (let tries = 0; !(await answers(port)); tries++) {
      if (tries === 100) throw new Error('redis-server does not listen');
      await wait(50);
    }
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    start,
    async remove() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

const redisProgram = (): string | undefined => {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'pipe' });
    return 'redis-server';
  } catch {
    return undefined;
  }
};
