import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * What `find` finds; where it finds nothing and the tests run as root, the package of Debian is installed first. Test
 * files run side by side and may want the same package, so they take turns: two apt-get at once take the archives
 * from under each other, and a package half unpacked is there and does not work.
 * @throws Error that says what is missing, where it is not there and cannot be installed
 */
export const debianPackage = <Found>(name: string, find: () => Found | undefined): Found => {
  const mayInstall = process.getuid?.() === 0;
  if (mayInstall) inTurn('true');
  const found = find();
  if (found !== undefined) return found;
  if (mayInstall)
    try {
      inTurn(`apt-get update && apt-get install -y --no-install-recommends ${name}`);
    } catch (error) {
      throw new Error(`${name} is missing and apt-get could not install it: ${(error as Error).message}`);
    }
  const now = find();
  if (now === undefined)
    throw new Error(`${name} is missing: install it (Debian: "apt-get install ${name}") to run these tests`);
  return now;
};

const inTurn = (command: string): void => {
  execFileSync('flock', [join(tmpdir(), 'ostiary-apt.lock'), 'sh', '-c', command], { stdio: 'pipe' });
};
