import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import type { UpdateState } from '../../intents/import/apply-update.ts';
import type { Imported } from '../../intents/import/draft.ts';
import { editorSchemas, toFiles } from '../../intents/import/files.ts';
import { lockOf } from '../../intents/import/fingerprint.ts';
import type { SourceAsked } from './import-source.ts';
import { sourceKinds } from './import-text.ts';
import { CommandError, exit } from './terminal.ts';

const lockFile = 'import.lock.json';
const generatedSchemas = new URL('../../docs/schemas/', import.meta.url);

const hash = z.string().max(64);
const lockDocument = z.strictObject({
  lock: z.literal(1),
  source: z.strictObject({
    from: z.array(z.string()).min(1),
    kind: z.enum(sourceKinds).optional(),
    backend: z.string(),
    protoPaths: z.array(z.string()).default([]),
  }),
  operations: z.record(
    z.string(),
    z.strictObject({
      intent: z.string(),
      source: hash,
      parts: z.record(z.string(), hash),
      disabled: z.string().optional(),
      shown: hash.optional(),
    }),
  ),
  schemas: z.record(z.string(), hash),
});
type Lock = z.infer<typeof lockDocument>;

/** Where a source came from, without the credentials it was asked with. */
export type RememberedSource = Lock['source'];

/**
 * Writes a new set-up into a folder that is empty or not there yet.
 * @returns paths of the files, relative to the folder
 * @throws CommandError where something is in the folder
 */
export const writeSetup = (folder: string, imported: Imported, asked: SourceAsked): string[] => {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new CommandError(`${folder} is not empty. Nothing is overwritten: choose another folder.`, exit.usage);
  const source = rememberedSource(folder, asked, imported.backend);
  const files = [
    ...toFiles(imported, { tenant: 'default' }),
    { path: lockFile, text: lockText({ lock: 1, source, ...lockOf(imported) }) },
    ...(imported.files ?? []).map(({ path, bytes }) => ({ path, text: bytes })),
    ...schemasForEditors(),
  ];
  for (const { path, text } of files) writeFile(folder, path, text);
  return files.map(({ path }) => path);
};

/** What a later import reads again, without the credentials that it is asked with. */
export const rememberedSource = (folder: string, asked: SourceAsked, backend: string): RememberedSource => ({
  from: asked.from.map((from) => kept(folder, from)),
  ...(asked.kind === undefined ? {} : { kind: asked.kind }),
  backend,
  protoPaths: asked.protoPaths.map((path) => kept(folder, path)),
});

/** What an earlier import has left in a folder. @throws CommandError where it has left nothing that can be read */
export const readSetup = (
  folder: string,
  backend?: string,
): { source: RememberedSource; state: UpdateState; lock: string; added: boolean } => {
  const lock = lockIn(folder, backend);
  const path = join(folder, lock);
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new CommandError(`${path} is not JSON: ${(error as Error).message}`);
  }
  const { data, error } = lockDocument.safeParse(raw);
  if (data === undefined) {
    const [issue] = error.issues;
    throw new CommandError(`${path} is broken at /${issue?.path.map(String).join('/')}: ${issue?.message}.`);
  }
  const named = (pattern: RegExp, below: string) =>
    new Map(
      (existsSync(join(folder, below)) ? readdirSync(join(folder, below), { recursive: true, encoding: 'utf8' }) : [])
        .filter((name) => pattern.test(name))
        .sort()
        .map((name) => [join(below, name), readFileSync(join(folder, below, name), 'utf8')]),
    );
  const { source, operations, schemas } = data;
  const added = lock !== lockFile;
  const schemaName = added ? `schemas-${source.backend}` : 'schemas';
  return {
    lock,
    added,
    source: {
      ...source,
      from: source.from.map((from) => found(folder, from)),
      protoPaths: source.protoPaths.map((from) => found(folder, from)),
    },
    state: {
      locked: { operations: operations as UpdateState['locked']['operations'], schemas },
      files: named(/\.ya?ml$/, 'intents'),
      schemaFiles: named(new RegExp(`^${schemaName}(-\\d+)?\\.json$`), ''),
      ...(added ? { intentFolder: `intents/${source.backend}` } : {}),
    },
  };
};

/** The file that remembers one import; a set-up has one for each. */
const lockIn = (folder: string, backend: string | undefined): string => {
  const locks = (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => /^import(-[\w-]+)?\.lock\.json$/.test(name))
    .sort();
  const [only] = locks;
  if (only === undefined)
    throw new CommandError(
      `There is no ${lockFile} in ${folder}: only what was imported can be updated. "ostiary import SOURCE --out DIR" makes a set-up.`,
      exit.usage,
    );
  if (locks.length === 1 && backend === undefined) return only;
  const backends = locks.map((name) => {
    const { source } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Partial<Lock>;
    return source?.backend ?? name;
  });
  const found = locks[backend === undefined ? -1 : backends.indexOf(backend)];
  if (found !== undefined) return found;
  const wrong = backend === undefined ? 'Several imports are' : `No import of "${backend}" is`;
  throw new CommandError(
    `${wrong} in ${folder}: say with --backend which is to be updated, ${backends.join(' or ')}.`,
    exit.usage,
  );
};

/** Writes what an update has changed, and nothing else. @returns paths of the files, relative to the folder */
export const writeUpdate = (folder: string, lockPath: string, before: UpdateState, after: UpdateState): string[] => {
  const changed = [...after.files, ...after.schemaFiles].filter(
    ([path, text]) => (before.files.get(path) ?? before.schemaFiles.get(path)) !== text,
  );
  for (const [path, text] of changed) writeFile(folder, path, text);
  const { lock, source } = JSON.parse(readFileSync(join(folder, lockPath), 'utf8')) as Lock;
  writeFile(folder, lockPath, lockText({ lock, source, ...(after.locked as Pick<Lock, 'operations' | 'schemas'>) }));
  return changed.map(([path]) => path);
};

/** Writes what a backend is called by, as the source has it now. @returns paths of the files */
export const writeSourceFiles = (folder: string, { files = [] }: Imported): string[] => {
  for (const { path, bytes } of files) writeFile(folder, path, bytes);
  return files.map(({ path }) => path);
};

/** Sorted, one operation a line: a diff of it shows which operations an update touched. */
export const lockText = ({
  lock,
  source,
  operations,
  schemas,
}: Omit<Lock, 'operations'> & { operations: object }): string => {
  const lines = (members: object) =>
    Object.entries(members)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`)
      .join(',\n');
  return `{
  "lock": ${lock},
  "source": ${JSON.stringify(source)},
  "operations": {\n${lines(operations)}\n  },
  "schemas": {\n${lines(schemas)}\n  }
}\n`;
};

export const writeFile = (folder: string, path: string, text: string | Uint8Array): void => {
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
};

const isAddress = (from: string): boolean => /^([a-z]+:\/\/|mcp:)/.test(from);
const kept = (folder: string, from: string): string =>
  isAddress(from) || isAbsolute(from) ? from : relative(resolve(folder), resolve(from));
const found = (folder: string, from: string): string =>
  isAddress(from) || isAbsolute(from) ? from : relative(process.cwd(), resolve(folder, from)) || '.';

/** Copies go into the set-up, so that its files are completed and checked wherever it is moved to. */
const schemasForEditors = (): { path: string; text: string }[] =>
  readdirSync(generatedSchemas)
    .sort()
    .map((name) => ({ path: join(editorSchemas, name), text: readFileSync(new URL(name, generatedSchemas), 'utf8') }));
