import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const here = import.meta.dirname;
/** Beside what npm installed, so that it is made once. */
const cache = join(here, '../../../node_modules/.cache/ostiary-schemathesis');
const missing =
  'schemathesis (https://schemathesis.readthedocs.io) is a Python package. This test needs python3 of 3.10 or later with ' +
  'venv, and a package index that pip can reach; OSTIARY_PYTHON names another python3.';

/**
 * The pinned schemathesis, in an environment of its own.
 * @returns its path @throws Error that says what is missing
 */
export const schemathesis = async (): Promise<string> => {
  const program = join(cache, 'bin/schemathesis');
  const python = process.env.OSTIARY_PYTHON ?? 'python3';
  const requirements = join(here, 'requirements.txt');
  const made = join(cache, 'requirements.txt');
  if (existsSync(program) && existsSync(made)) {
    const { stdout } = await execute('cmp', ['-s', requirements, made]).then(
      () => ({ stdout: 'same' }),
      () => ({ stdout: '' }),
    );
    if (stdout === 'same') return program;
  }
  const making = `${cache}-${process.pid}`;
  try {
    rmSync(making, { recursive: true, force: true });
    mkdirSync(making, { recursive: true });
    rmSync(cache, { recursive: true, force: true });
    renameSync(making, cache);
    await execute(python, ['-m', 'venv', cache], { timeout: 120_000 });
    const pip = [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--no-deps',
      '--only-binary',
      ':all:',
    ];
    await execute(join(cache, 'bin/python'), [...pip, '-r', requirements], { timeout: 300_000 });
    await execute('cp', [requirements, made]);
    return program;
  } catch (error) {
    rmSync(cache, { recursive: true, force: true });
    throw new Error(`${missing}\n${String((error as { stderr?: string }).stderr || error).slice(-1_000)}`);
  }
};

export interface Found {
  /** By the name of the check, with a line for each. */
  readonly failures: readonly string[];
  readonly cases: number;
  readonly text: string;
}

/** Throws requests at what the OpenAPI document of a gateway describes to the holder of a key. */
export const throwAt = async (url: string, key: string, options: readonly string[]): Promise<Found> => {
  const program = await schemathesis();
  const shown = await fetch(`${url}/openapi.json`, { headers: { authorization: `Bearer ${key}` } });
  const document = join(cache, `openapi-${key}.json`);
  writeFileSync(document, await shown.text());
  const config = join(here, 'schemathesis.toml');
  const { stdout } = await execute(
    program,
    ['--config-file', config, '--no-color', 'run', document, '--url', url, ...options],
    {
      env: { ...process.env, OSTIARY_KEY: key, HYPOTHESIS_STORAGE_DIRECTORY: join(cache, 'hypothesis') },
      cwd: cache,
      maxBuffer: 64 * 1024 * 1024,
      timeout: 400_000,
    },
  ).catch((error: { stdout?: string; stderr?: string; code?: unknown }) => {
    // It ends with 1 where it found something.
    if (error.code === 1 && error.stdout) return { stdout: error.stdout };
    throw new Error(`schemathesis did not run: ${String(error.stderr || error.stdout || error).slice(-2_000)}`);
  });
  const summary = stdout.slice(stdout.lastIndexOf('= SUMMARY ='));
  return {
    failures: [...summary.matchAll(/❌ (ST\d+ .+)$/gm)].map(([, line]) => line ?? ''),
    cases: Number(/([\d,]+) generated/.exec(summary)?.[1]?.replaceAll(',', '') ?? 0),
    text: stdout,
  };
};
