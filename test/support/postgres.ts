import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { debianPackage } from './debian-package.ts';
import { freePort } from './free-port.ts';

export interface PostgresServer {
  /** Makes an empty database. @returns its URL */
  database(): Promise<string>;
  /** Takes a database away, whoever is connected. */
  drop(url: string): Promise<void>;
  /** Stops it at once, as a power cut would; `start` brings it back on the same port. */
  kill(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}

/** A PostgreSQL of this test alone: a random port on loopback, a temporary folder. */
export const startPostgres = async (): Promise<PostgresServer> => {
  const bin = debianPackage('postgresql', installed);
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-postgres-'));
  // It refuses to run as root.
  const who = process.getuid?.() === 0 ? postgresUser() : {};
  if (who.uid !== undefined) chownSync(folder, who.uid, who.gid as number);
  const data = join(folder, 'data');
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'ostiary', '-A', 'trust', '-E', 'UTF8', '--no-locale'], {
    ...who,
    cwd: folder,
    stdio: 'pipe',
  });
  const port = await freePort();
  const urlOf = (name: string) => `postgres://ostiary@127.0.0.1:${port}/${name}`;
  let server: ChildProcess | undefined;
  let made = 0;
  const asked = async (sql: string) => {
    const client = new Client(urlOf('postgres'));
    client.on('error', () => {});
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  };
  const start = async () => {
    server = spawn(
      join(bin, 'postgres'),
      ['-D', data, '-p', `${port}`, '-k', folder, '-c', 'listen_addresses=127.0.0.1', '-c', 'max_connections=60'],
      { ...who, cwd: folder, stdio: 'ignore' },
    );
    for (let tries = 0; ; tries++)
      try {
        return await asked('SELECT 1');
      } catch (error) {
        if (tries === 200) throw error;
        await wait(100);
      }
  };
  const kill = async () => {
    const running = server;
    if (running === undefined || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    // At once, without telling clients: the log is read back at the next start.
    running.kill('SIGQUIT');
    await ended;
    server = undefined;
  };
  await start();
  return {
    async database() {
      const name = `t${++made}`;
      await asked(`CREATE DATABASE ${name}`);
      return urlOf(name);
    },
    drop: (url) => asked(`DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`),
    kill,
    start,
    async remove() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

const installed = (): string | undefined => {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : [];
  return versions
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => `/usr/lib/postgresql/${version}/bin`)
    .find((bin) => existsSync(join(bin, 'initdb')));
};

const postgresUser = (): { uid?: number; gid?: number } => {
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' })));
  return { uid: uid as number, gid: gid as number };
};
