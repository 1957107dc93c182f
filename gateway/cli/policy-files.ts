import { readFileSync } from 'node:fs';
import type { Finding } from '../../intents/findings.ts';
import { readSources, type Source } from '../../intents/source.ts';
import { CommandError, exit, paint, paintError, print, printError } from './terminal.ts';

/** The policies of a set-up with all that they stand on, before anything is connected. */
export const loadForPolicies = async (dir: string, candidate?: readonly string[]) => {
  const [{ loadConfig }, { readFiles }, { loadCatalogue }, { loadPolicies }, { idSequence }] = await Promise.all([
    import('../config.ts'),
    import('../files.ts'),
    import('../../intents/load.ts'),
    import('../../policies/load.ts'),
    import('../ids.ts'),
  ]);
  const { loaded, findings } = loadConfig(dir, process.env);
  if (loaded === undefined) throw wrong(findings, dir);
  const { config, folder } = loaded;
  const contracts = await readFiles(folder, [...config.ontology, ...config.schemas, ...config.intents], true);
  const { catalogue, findings: told } = loadCatalogue(contracts.sources);
  const broken = [...findings, ...contracts.findings, ...told].filter(({ severity }) => severity === 'error');
  if (broken.length > 0) throw wrong(broken, dir);
  const files =
    candidate === undefined ? await readFiles(folder, config.policies) : await readFiles(process.cwd(), candidate);
  const policies = loadPolicies(files.sources, [...catalogue.intents, ...catalogue.disabled], {
    resolveRef: catalogue.library.resolveRef,
    newId: idSequence(),
  });
  const all = [...files.findings, ...policies.findings].sort(byPlace);
  return { config, folder, intents: catalogue.intents, ...policies, findings: all };
};

/** The same, where anything less than a sound policy is of no use. @throws CommandError with all that is wrong */
export const soundPolicies = async (dir: string, candidate?: readonly string[]) => {
  const loaded = await loadForPolicies(dir, candidate);
  const { bundle, names, findings } = loaded;
  if (bundle === undefined || names === undefined || findings.some(({ severity }) => severity === 'error'))
    throw wrong(findings, candidate?.join(', ') ?? dir);
  return { ...loaded, bundle, names };
};

/** @throws CommandError where it cannot be read or is no YAML */
export const readSource = (file: string): Source => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`, exit.usage);
  }
  const { sources, findings } = readSources(file, text);
  const [source] = sources;
  if (source === undefined || findings.length > 0) throw wrong(findings, file);
  return source;
};

export const printFinding = ({ severity, file, line, column, code, message }: Finding, on = paint): string =>
  `${on('bold', `${file}:${line}:${column}`)} ${on(severity === 'error' ? 'red' : 'yellow', severity)} ${message} ${on('dim', code)}`;

/** As programs read it. */
export const plainFinding = ({ file, line, column, code, message }: Finding) => ({ file, line, column, code, message });

export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** Prints a line with a tick or a cross. */
export const conclude = (ok: boolean, text: string): void => {
  print(ok ? `${paint('green', '✔')} ${text}` : `${paint('red', '✘')} ${text}`);
  if (!ok) process.exitCode = exit.failed;
};

const wrong = (findings: readonly Finding[], where: string): CommandError => {
  for (const finding of findings) printError(printFinding(finding, paintError));
  return new CommandError(`${counted(findings.length, 'fault')} in ${where}; nothing was done.`, exit.usage);
};

const byPlace = (a: Finding, b: Finding): number =>
  a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1;
