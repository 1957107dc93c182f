import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, isSeq, parse, parseDocument } from 'yaml';
import { beside } from '../../intents/import/beside.ts';
import { backendText } from '../../intents/import/config-text.ts';
import type { Imported } from '../../intents/import/draft.ts';
import { besideFiles } from '../../intents/import/files.ts';
import { lockOf } from '../../intents/import/fingerprint.ts';
import { isObject } from '../../intents/json.ts';
import { lockText, rememberedSource, writeFile } from './import-folder.ts';
import type { SourceAsked } from './import-source.ts';
import { CommandError, exit } from './terminal.ts';

/**
 * Adds what was imported to a set-up that is there, as one more backend: files of its own, and entries in `ostiary.yaml`,
 * which keeps its comments. Nothing of the set-up is overwritten.
 * @returns paths of the files, relative to the folder, and the import as it was written
 * @throws CommandError where there is no set-up, or one with a backend or a file of that name
 */
export const addToSetup = (
  folder: string,
  asked: SourceAsked,
  imported: Imported,
): { files: string[]; imported: Imported } => {
  const path = join(folder, 'ostiary.yaml');
  if (!existsSync(path))
    throw new CommandError(`There is no ostiary.yaml in ${folder}. --out ${folder} makes a new set-up.`, exit.usage);
  const config = parseDocument(readFileSync(path, 'utf8'));
  const { backend } = imported;
  if (config.errors.length > 0 || !isMap(config.contents))
    throw new CommandError(`${path} cannot be read: "npx ostiary check ${folder}" says why.`);
  if (config.hasIn(['backends', backend]))
    throw new CommandError(
      `${path} has a backend "${backend}" already: --backend gives this one another name.`,
      exit.usage,
    );

  const fitting = beside(imported, { taken: namesIn(folder), known: () => undefined });
  const tenant: unknown = config.get('tenant');
  const written = besideFiles(fitting, {
    tenant: typeof tenant === 'string' ? tenant : 'default',
    purposes: purposesIn(folder),
  });
  const files = [
    ...written,
    {
      path: `import-${backend}.lock.json`,
      text: lockText({ lock: 1, source: rememberedSource(folder, asked, backend), ...lockOf(fitting) }),
    },
    ...(imported.files ?? []).map(({ path: at, bytes }) => ({ path: at, text: bytes })),
  ];
  const there = files.find((file) => existsSync(join(folder, file.path)));
  if (there !== undefined)
    throw new CommandError(
      `${join(folder, there.path)} is there already. Nothing is overwritten: --backend gives this one another name.`,
    );

  const variable = backend.toUpperCase().replaceAll('-', '_');
  const block = parseDocument(`backends:\n${backendText(fitting, fitting.servers[0], variable)}`);
  if (!isMap(config.get('backends'))) config.set('backends', config.createNode({}));
  config.setIn(['backends', backend], block.getIn(['backends', backend], true));
  const list = (name: string, wanted: string): void => {
    const now = config.get(name);
    if (!isSeq(now)) config.set(name, config.createNode([...(name === 'schemas' ? [] : [`./${name}`]), wanted]));
    else if (!covers(now.toJSON() as unknown[], wanted)) now.add(wanted);
  };
  for (const { path: at } of written) if (/^schemas-/.test(at)) list('schemas', `./${at}`);
  list('intents', `./intents/${backend}`);
  list('policies', `./policies/${backend}.policy.yaml`);
  for (const { path: at, text } of files) writeFile(folder, at, text);
  writeFileSync(path, config.toString({ lineWidth: 0 }));
  return { files: ['ostiary.yaml', ...files.map((file) => file.path)], imported: fitting };
};

/** Whether a list names a file, or a folder above it. */
const covers = (list: readonly unknown[], wanted: string): boolean => {
  const plain = (path: string) => path.replace(/^\.\//, '').replace(/\/$/, '');
  return list.some(
    (one) => typeof one === 'string' && (plain(wanted) === plain(one) || plain(wanted).startsWith(`${plain(one)}/`)),
  );
};

/** Names of the intents that stand in files; of those in modules `check` tells. */
const namesIn = (folder: string): string[] =>
  filesIn(folder, 'intents', /\.ya?ml$/).flatMap((text) =>
    [...text.matchAll(/^intent:\s*["']?([\w.-]+)/gm)].map(([, name = '']) => name),
  );

/** A purpose is declared once, in whichever file. */
const purposesIn = (folder: string): string[] =>
  filesIn(folder, 'policies', /\.ya?ml$/).flatMap((text) => {
    const value: unknown = parse(text);
    return isObject(value) && Array.isArray(value.purposes)
      ? value.purposes.filter((name): name is string => typeof name === 'string')
      : [];
  });

const filesIn = (folder: string, below: string, pattern: RegExp): string[] =>
  (existsSync(join(folder, below)) ? readdirSync(join(folder, below), { recursive: true, encoding: 'utf8' }) : [])
    .filter((name) => pattern.test(name))
    .map((name) => readFileSync(join(folder, below, name), 'utf8'));
