import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Finding } from '../intents/findings.ts';
import { isObject } from '../intents/json.ts';
import { readSources, type Source, zodFindings } from '../intents/source.ts';
import { type Config, configDocument } from './config-document.ts';

export interface LoadedConfig {
  readonly config: Config;
  readonly source: Source;
  /** Folder of the config file; every path in it is relative to this. */
  readonly folder: string;
}

/**
 * Reads `ostiary.yaml` of a folder. `${NAME}` and `${NAME:-default}` in any string read the environment.
 * @returns findings alone where anything is wrong
 */
export const loadConfig = (
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): { loaded?: LoadedConfig; findings: Finding[] } => {
  const path = join(resolve(folder), 'ostiary.yaml');
  const file = relative(process.cwd(), path) || path;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    const message = `There is no ostiary.yaml in ${folder}. "ostiary init --openapi FILE --out DIR" makes a set-up; examples/shop is a whole one.`;
    return { findings: [{ severity: 'error', file, line: 1, column: 1, code: 'config.not-found', message }] };
  }
  const { sources, findings } = readSources(file, text);
  const source = sources[0];
  if (source === undefined || findings.length > 0) return { findings };
  const value = interpolate(source.value, [], env, (at, message) =>
    findings.push({ severity: 'error', file, ...source.at(at), code: 'config.environment', message }),
  );
  const parsed = configDocument.safeParse(value);
  if (!parsed.success)
    findings.push(...zodFindings(parsed.error, { ...source, value }, 'config', (at) => knownKeys(configDocument, at)));
  if (!parsed.success || findings.length > 0) return { findings };
  return { loaded: { config: parsed.data, source, folder: dirname(path) }, findings };
};

const interpolate = (
  value: unknown,
  path: readonly (string | number)[],
  env: Readonly<Record<string, string | undefined>>,
  wrong: (path: readonly (string | number)[], message: string) => void,
): unknown => {
  if (typeof value === 'string')
    return value.replaceAll(/\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g, (_whole, name: string, fallback?: string) => {
      const found = env[name];
      if (found !== undefined && found !== '') return found;
      if (fallback === undefined)
        wrong(path, `The environment variable ${name} is not set. Set it, or write \${${name}:-a default}.`);
      return fallback ?? '';
    });
  if (Array.isArray(value)) return value.map((item, index) => interpolate(item, [...path, index], env, wrong));
  if (isObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, interpolate(item, [...path, name], env, wrong)]),
    );
  return value;
};

/** Keys that a nested zod object takes at a path, for suggestions. */
const knownKeys = (schema: unknown, path: readonly PropertyKey[]): readonly string[] => {
  let here = schema as { def?: Record<string, unknown>; shape?: Record<string, unknown> } | undefined;
  const unwrap = () => {
    while (here?.def?.innerType !== undefined) here = here.def.innerType as typeof here;
  };
  for (const name of path) {
    unwrap();
    here = (here?.shape?.[String(name)] ?? here?.def?.element ?? here?.def?.valueType) as typeof here;
  }
  unwrap();
  const options = here?.def?.options as { shape?: object }[] | undefined;
  return options !== undefined
    ? options.flatMap(({ shape = {} }) => Object.keys(shape))
    : Object.keys(here?.shape ?? {});
};
