import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isDefinedIntent } from '../intents/define.ts';
import type { Finding } from '../intents/findings.ts';
import { readSources, type Source } from '../intents/source.ts';

const documents = ['.yaml', '.yml', '.json'];
const modules = ['.ts', '.mts', '.js', '.mjs'];

/**
 * Reads files, and the files of folders (sorted, with those below), into sources.
 * @param paths relative to `folder`
 * @param code whether TypeScript and JavaScript modules are imported for the intents they export
 */
export const readFiles = async (
  folder: string,
  paths: readonly string[],
  code = false,
): Promise<{ sources: Source[]; findings: Finding[] }> => {
  const sources: Source[] = [];
  const findings: Finding[] = [];
  for (const path of paths) {
    const found = filesAt(resolve(folder, path));
    if (found === undefined)
      findings.push({
        severity: 'error',
        file: named(resolve(folder, path)),
        line: 1,
        column: 1,
        code: 'file.not-found',
        message: `There is no ${path} in ${folder}.`,
      });
    for (const file of found ?? [])
      if (documents.includes(extname(file))) {
        const read = readSources(named(file), readFileSync(file, 'utf8'));
        sources.push(...read.sources);
        findings.push(...read.findings);
      } else if (code && modules.includes(extname(file))) {
        const read = await readModule(file);
        sources.push(...read.sources);
        findings.push(...read.findings);
      }
  }
  return { sources, findings };
};

const readModule = async (file: string): Promise<{ sources: Source[]; findings: Finding[] }> => {
  try {
    const exported: unknown[] = Object.values(await import(pathToFileURL(file).href)).flat();
    return {
      sources: exported.filter(isDefinedIntent).map((source) => ({ ...source, file: named(source.file) })),
      findings: [],
    };
  } catch (error) {
    const message = `This module cannot be loaded: ${(error as Error).message}`;
    return {
      sources: [],
      findings: [{ severity: 'error', file: named(file), line: 1, column: 1, code: 'file.module', message }],
    };
  }
};

const filesAt = (path: string): string[] | undefined => {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  if (!found.isDirectory()) return [path];
  return (
    readdirSync(path, { withFileTypes: true, recursive: true })
      // Cases of a policy may lie beside it.
      .filter(({ name }) => !name.startsWith('.') && !/\.policy-test\.ya?ml$/.test(name))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
  );
};

const named = (path: string): string => {
  const short = relative(process.cwd(), path);
  return short === '' || short.startsWith('..') ? path : short;
};
