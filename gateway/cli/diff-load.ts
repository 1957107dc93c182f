import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Catalogue } from '../../intents/catalogue.ts';
import type { Finding } from '../../intents/findings.ts';
import { loadCatalogue } from '../../intents/load.ts';
import { readSources, type Source, zodFindings } from '../../intents/source.ts';
import { configDocument } from '../config-document.ts';
import { readFiles } from '../files.ts';
import { CommandError, exit, printError } from './terminal.ts';

/** Contracts as they lie somewhere, with the documents they came from. */
export interface Contracts {
  readonly catalogue: Catalogue;
  readonly sources: readonly Source[];
}

const places = configDocument.pick({ ontology: true, schemas: true, intents: true }).strip();

/**
 * Loads the contracts of a set-up (a folder with `ostiary.yaml`), of a folder that holds nothing else, or of one file.
 * @throws CommandError after printing everything that is wrong
 */
export const loadContracts = async (path: string): Promise<Contracts> => {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new CommandError(`There is no ${path}.`, exit.usage);
  const config = join(path, 'ostiary.yaml');
  const isSetUp = found.isDirectory() && existsSync(config);
  const named = isSetUp ? namedIn(config) : { paths: [path], wrong: [] };
  const home = isSetUp ? path : '.';
  const { sources, findings } = await readFiles(home, named.paths, true);
  const { catalogue, findings: others } = loadCatalogue(sources);
  const errors = [...named.wrong, ...findings, ...others].filter(({ severity }) => severity === 'error');
  for (const { file, line, column, message } of errors) printError(`${file}:${line}:${column} ${message}`);
  if (errors.length > 0)
    throw new CommandError(
      `${errors.length} ${errors.length === 1 ? 'error' : 'errors'} in ${path}; nothing was compared.`,
      exit.usage,
    );
  if (sources.length === 0)
    throw new CommandError(`There is no contract in ${path}; nothing was compared.`, exit.usage);
  return { catalogue, sources };
};

/** What a set-up has contracts in. Where its services are is nothing to them: the environment is not asked. */
const namedIn = (file: string): { paths: readonly string[]; wrong: readonly Finding[] } => {
  const { sources, findings } = readSources(file, readFileSync(file, 'utf8'));
  const [source] = sources;
  if (source === undefined) return { paths: [], wrong: findings };
  const parsed = places.safeParse(source.value);
  if (!parsed.success) return { paths: [], wrong: [...findings, ...zodFindings(parsed.error, source, 'config')] };
  const { ontology, schemas, intents } = parsed.data;
  return { paths: [...ontology, ...schemas, ...intents], wrong: findings };
};

/** All documents in one text that can be loaded again. */
export const toOneFile = ({ sources }: Contracts): string =>
  sources.map(({ value }) => JSON.stringify(value, null, 2)).join('\n---\n');
