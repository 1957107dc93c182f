import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A folder whose disk can be filled up. */
export interface SmallDisk {
  fill(): void;
  free(): void;
  remove(): void;
}
export interface DiskKind {
  readonly kind: string;
  /** Undefined where this machine does not let us. */
  open(folder: string): SmallDisk | undefined;
}

const ran = (program: string, ...args: string[]): boolean => {
  try {
    execFileSync(program, args, { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
};

/** A file system of 8 MB in memory. Only root may mount one. */
const tmpfs: DiskKind = {
  kind: 'a full disk',
  open(folder) {
    mkdirSync(folder, { recursive: true });
    if (!ran('mount', '-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder)) return undefined;
    const ballast = join(folder, 'ballast');
    return {
      fill() {
        const file = openSync(ballast, 'a');
        // In large pieces, then in ever smaller ones, until not one page is left.
        for (let size = 1_048_576; size >= 1; size = Math.floor(size / 4))
          try {
            for (;;) writeSync(file, Buffer.alloc(size));
          } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
          }
        closeSync(file);
      },
      free: () => rmSync(ballast, { force: true }),
      remove: () => void ran('umount', folder),
    };
  },
};

/** No file of this process may grow: what a quota, or a disk that fails, does to it. Node passes over the signal. */
const limited: DiskKind = {
  kind: 'a disk that takes nothing',
  open: () =>
    ran('prlimit', '--version')
      ? {
          fill: () => void execFileSync('prlimit', ['--pid', `${process.pid}`, '--fsize=1:unlimited']),
          free: () => void execFileSync('prlimit', ['--pid', `${process.pid}`, '--fsize=unlimited:unlimited']),
          remove: () => {},
        }
      : undefined,
};

export const diskKinds: readonly DiskKind[] = [tmpfs, limited];
