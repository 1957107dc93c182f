import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

/**
 * Writes a file whole or not at all, since another process may be reading, and lets the oldest of its kind go.
 * @param file its ending is its kind
 * @param most so many of a kind stay
 */
export const keepFile = async (folder: string, file: string, bytes: Uint8Array, most: number): Promise<void> => {
  await mkdir(folder, { recursive: true });
  const half = join(folder, `${file}.${randomUUID()}`);
  await writeFile(half, bytes);
  await rename(half, join(folder, file));
  const files = (await readdir(folder)).filter((name) => extname(name) === extname(file));
  if (files.length <= most) return;
  const aged = await Promise.all(
    files.map(async (name) => {
      const path = join(folder, name);
      // Another process may have let it go just now.
      const age = await stat(path).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      );
      return { path, age };
    }),
  );
  const old = aged.sort((a, b) => b.age - a.age).slice(most);
  await Promise.all(old.map(({ path }) => rm(path, { force: true })));
};
