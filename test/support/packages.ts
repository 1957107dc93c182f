import { execFile } from 'node:child_process';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

export type Installed =
  | {
      readonly ok: true;
      /** The folder that holds `node_modules`. */
      readonly folder: string;
      /** Imports by name as code in that folder would: the package itself, and what was installed along. */
      load(name: string): Promise<unknown>;
    }
  /** For `context.skip(reason)`: what is missing and why. */
  | { readonly ok: false; readonly reason: string };

export interface InstallOptions {
  /** Exact versions, by name: a package's peers, or the one platform build that is wanted. */
  readonly along?: Readonly<Record<string, string>>;
  /** Leaves optional dependencies out, which may be hundreds of megabytes of other machines' builds. */
  readonly omitOptional?: boolean;
}

const cache = join(tmpdir(), 'ostiary-test-packages');
const run = promisify(execFile);

/**
 * Installs a package that only tests need, too large for everybody's node_modules, once a machine, under the temporary folder.
 * No install script of any package runs. Safe to call from several processes at once.
 * @param version exact, so that a run next year tests the same
 */
export const installed = async (name: string, version: string, options: InstallOptions = {}): Promise<Installed> => {
  const specs = Object.entries({ [name]: version, ...options.along }).map(([n, v]) => `${n}@${v}`);
  const key = [...specs, ...(options.omitOptional ? ['slim'] : [])].join('+').replaceAll('/', '!');
  const folder = join(cache, key);
  try {
    await mkdir(cache, { recursive: true });
    if (!(await exists(folder))) await locked(`${folder}.lock`, () => install(specs, folder, options));
  } catch (error) {
    return { ok: false, reason: `${specs.join(' ')} cannot be installed: ${firstLine(error)}` };
  }
  const load = createRequire(join(folder, 'here.cjs'))('./load.cjs') as (name: string) => Promise<unknown>;
  return { ok: true, folder, load };
};

const install = async (specs: readonly string[], folder: string, { omitOptional }: InstallOptions): Promise<void> => {
  if (await exists(folder)) return;
  const draft = `${folder}.${process.pid}`;
  try {
    await mkdir(draft);
    await writeFile(join(draft, 'package.json'), '{ "private": true }');
    // Vitest rewrites imports in the files it loads; one that Node requires itself is left as it is.
    await writeFile(join(draft, 'load.cjs'), 'module.exports = (name) => import(name);\n');
    const flags = [
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--save-exact',
      '--loglevel=error',
      '--fetch-retries=1',
    ];
    if (omitOptional) flags.push('--omit=optional');
    await run('npm', ['install', '--prefix', draft, ...flags, ...specs], { cwd: draft, timeout: 300_000 });
    await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
};

/** A folder is made by one process only; the rest wait until it is gone, or its owner is. */
const locked = async (lock: string, work: () => Promise<void>): Promise<void> => {
  while (!(await taken(lock))) {
    await wait(200);
    if (await abandoned(lock)) await rm(lock, { recursive: true, force: true });
  }
  try {
    await work();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
};

const taken = async (lock: string): Promise<boolean> => {
  try {
    await mkdir(lock);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  await writeFile(join(lock, 'pid'), String(process.pid));
  return true;
};

const abandoned = async (lock: string): Promise<boolean> => {
  const pid = await readFile(join(lock, 'pid'), 'utf8').catch(() => undefined);
  // Between making the folder and writing into it lies an instant; a minute later nobody will.
  if (!pid)
    return stat(lock).then(
      ({ mtimeMs }) => Date.now() - mtimeMs > 60_000,
      () => false,
    );
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch {
    return true;
  }
};

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const firstLine = (error: unknown): string => {
  const { stderr, code } = error as { stderr?: string; code?: unknown };
  if (code === 'ENOENT') return 'npm is not on the PATH';
  const lines = (stderr || String(error)).split('\n').map((line) => line.replace(/^npm error\s*/, ''));
  return lines
    .filter((line) => line !== '' && !line.startsWith('npm warn'))
    .slice(0, 2)
    .join(', ');
};
