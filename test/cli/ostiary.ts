import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The command line itself, run by Node. */
export const main = fileURLToPath(new URL('../../gateway/cli/main.ts', import.meta.url));
export const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
export interface How {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Options of Node itself, before the program. */
  readonly node?: readonly string[];
}

/** An environment in which nothing of the person who runs the tests speaks: no gateway, no key, no taste in colours. */
export const plainEnv = (more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv => {
  const mine = [
    'CI',
    'OSTIARY_URL',
    'OSTIARY_KEY',
    'OSTIARY_KEY_FILE',
    'NO_COLOR',
    'FORCE_COLOR',
    'NODE_DISABLE_COLORS',
    'COLUMNS',
  ];
  const kept = Object.entries(process.env).filter(([name]) => !mine.includes(name));
  return { ...Object.fromEntries(kept), ...more };
};

/** Runs `ostiary …` to its end. */
export const ostiary = (args: readonly string[], how: How = {}): Promise<Ran> => ended(start(args, how));

const start = (args: readonly string[], { env = {}, cwd = root, node = [] }: How): ChildProcess =>
  spawn(process.execPath, [...node, main, ...args], { cwd, env: plainEnv(env), stdio: ['ignore', 'pipe', 'pipe'] });

const ended = (child: ChildProcess): Promise<Ran> => {
  const told = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => (told.stdout += String(chunk)));
  child.stderr?.on('data', (chunk) => (told.stderr += String(chunk)));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...told }));
  });
};

export interface Running {
  readonly url: string;
  /** What it printed until it was ready. */
  readonly welcome: string;
  /** @returns how it ended */
  stop(signal: 'SIGINT' | 'SIGTERM'): Promise<Ran>;
}

/**
 * Starts a command that serves, and waits until it says where.
 * @param ready matches what is printed last at the start; its first group is the address
 */
export const startServing = async (args: readonly string[], ready: RegExp, how: How = {}): Promise<Running> => {
  const child = start(args, how);
  const end = ended(child);
  let welcome = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (chunk) => {
      welcome += String(chunk);
      if (ready.test(welcome)) resolve();
    });
    void end.then(({ code, stdout, stderr }) => reject(new Error(`ended with ${code}:\n${stdout}${stderr}`)));
  });
  return {
    url: ready.exec(welcome)?.[1] ?? '',
    welcome,
    stop(signal) {
      child.kill(signal);
      return end;
    },
  };
};

export interface Demo extends Running {
  /** What another command needs to find the demo, its audit log among it. */
  readonly env: Readonly<Record<string, string>>;
  /** Where the audit log is. */
  readonly data: string;
  close(): Promise<void>;
}

/** Starts the demo on free ports, with an audit log of its own. */
export const startDemo = async ({ node = [] }: Pick<How, 'node'> = {}): Promise<Demo> => {
  const data = mkdtempSync(join(tmpdir(), 'ostiary-demo-'));
  const store = { SHOP_STORE: pathToFileURL(data).href };
  const ready = /Ostiary is at (http:\S+),[\s\S]*Ctrl-C stops everything/;
  const running = await startServing(['demo', '--port', '0'], ready, { env: store, node });
  return {
    ...running,
    env: { ...store, OSTIARY_URL: running.url, OSTIARY_KEY: 'demo-support' },
    data,
    async close() {
      await running.stop('SIGINT');
      rmSync(data, { recursive: true, force: true });
    },
  };
};
