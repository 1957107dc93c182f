import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export type Wheel = { readonly ok: true; readonly folder: string } | { readonly ok: false; readonly reason: string };

const cache = join(tmpdir(), 'ostiary-test-packages');
const run = promisify(execFile);

/**
 * Fetches a Python package with `pip` and unpacks it, once a machine, under the temporary folder. Nothing of it runs.
 * @param version exact @returns the folder with what the wheel holds, or why it cannot be had
 */
export const unpackedWheel = async (name: string, version: string): Promise<Wheel> => {
  const folder = join(cache, `pypi-${name}-${version}`);
  if (await isThere(folder)) return { ok: true, folder };
  try {
    await mkdir(cache, { recursive: true });
    const draft = await mkdtemp(`${folder}.`);
    try {
      const from = ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--quiet', '--dest', draft];
      await run('python3', [...from, `${name}==${version}`], { timeout: 300_000 });
      const wheel = (await readdir(draft)).find((file) => file.endsWith('.whl'));
      await run('python3', ['-m', 'zipfile', '-e', join(draft, wheel ?? ''), join(draft, 'all')]);
      // Another process may have been first: then its folder is as good.
      await rename(join(draft, 'all'), folder).catch(async (error) => {
        if (!(await isThere(folder))) throw error;
      });
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
    return { ok: true, folder };
  } catch (error) {
    const { stderr, code } = error as { stderr?: string; code?: unknown };
    const why = code === 'ENOENT' ? 'python3 is not on the PATH' : (stderr || String(error)).trim().split('\n').at(-1);
    return { ok: false, reason: `${name} ${version} cannot be fetched: ${why}` };
  }
};

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
