import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, isAbsolute, join, relative, resolve } from 'node:path';
import type { Imported } from '../../intents/import/draft.ts';
import { askService } from './import-service.ts';
import { importText, maxSourceBytes, type SourceKind } from './import-text.ts';
import { CommandError, exit } from './terminal.ts';

export interface SourceAsked {
  /** Files, or one address. */
  readonly from: readonly string[];
  readonly kind: SourceKind | undefined;
  readonly backend: string | undefined;
  /** Folders in which .proto files are looked for. */
  readonly protoPaths: readonly string[];
  /** Sent to a service; they hold credentials, and are never kept. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/**
 * Reads what is to be imported, whatever it is: recognised by its address, its name, else by what stands in it.
 * @throws CommandError that names the source, and the place in it where something is wrong
 */
export const readSource = async (asked: SourceAsked): Promise<Imported> => {
  const [first = ''] = asked.from;
  const backend = asked.backend ?? backendFor(first);
  if (!/^[a-z][a-z0-9-]*$/.test(backend))
    throw new CommandError(`"${backend}" cannot name a backend: lower case, digits and "-".`, exit.usage);
  try {
    if (isService(first) || asked.kind === 'mcp') {
      if (asked.from.length > 1) throw new Error('one service is imported at a time');
      return await askService(first, { ...asked, backend });
    }
    return await fromFiles(asked, backend);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`${withoutPassword(first)}: ${(error as Error).message}`);
  }
};

const isService = (source: string): boolean => /^(https?|grpcs?):\/\//.test(source) || source.startsWith('mcp:');

const fromFiles = async (asked: SourceAsked, backend: string): Promise<Imported> => {
  const files = asked.from.flatMap(filesAt);
  const [file = ''] = files;
  const sourceName = files.length === 1 ? basename(file) : `${files.length} files`;
  const kind = asked.kind ?? kindOf(file);
  if (kind === 'proto') return fromProtos(files, asked.protoPaths, { backend, sourceName });
  if (files.length > 1) throw new Error('one file is imported at a time, unless they are .proto files');
  if (kind === 'descriptors') {
    const [{ importProto }, { protoRegistryView }, { readDescriptorSet }] = await Promise.all([
      import('../../intents/import/proto.ts'),
      import('../../intents/import/proto-registry-view.ts'),
      import('../../intents/import/descriptor-set.ts'),
    ]);
    const bytes = readFileSync(file);
    const path = `descriptors/${backend}.binpb`;
    return importProto(protoRegistryView(readDescriptorSet(bytes)), {
      backend,
      sourceName,
      reach: { descriptors: [`./${path}`] },
      files: [{ path, bytes }],
    });
  }
  return importText(readFileSync(file, 'utf8'), { kind, backend, sourceName });
};

const fromProtos = async (
  files: readonly string[],
  protoPaths: readonly string[],
  beside: { backend: string; sourceName: string },
): Promise<Imported> => {
  const [{ importProto }, { bundledProto, protoTextView }] = await Promise.all([
    import('../../intents/import/proto.ts'),
    import('../../intents/import/proto-text-view.ts'),
  ]);
  const roots = protoPaths.length > 0 ? protoPaths.map((path) => resolve(path)) : [...new Set(files.map(rootOf))];
  const named = files.map((file) => {
    const home = roots
      .map((root) => relative(root, resolve(file)))
      .find((path) => !path.startsWith('..') && !isAbsolute(path));
    if (home === undefined) throw new Error(`${file} lies in none of the folders of --proto-path`);
    return home.replaceAll('\\', '/');
  });
  const folder = `protos/${beside.backend}`;
  const taken = new Map<string, string>();
  const view = protoTextView(named, (path) => {
    if (isAbsolute(path) || path.split('/').includes('..')) return undefined;
    const found = roots.map((root) => join(root, path)).find((candidate) => existsSync(candidate));
    const text = found === undefined ? bundledProto(path) : readFileSync(found, 'utf8');
    if (text !== undefined) taken.set(path, text);
    return text;
  });
  return importProto(view, {
    ...beside,
    reach: { descriptors: [`./${folder}`] },
    files: [...taken].map(([path, text]) => ({ path: `${folder}/${path}`, bytes: Buffer.from(text) })),
  });
};

/** The folder that imports are counted from: above the folders that spell the package. */
const rootOf = (file: string): string => {
  const folder = dirname(resolve(file));
  const [, name = ''] = /^\s*package\s+([\w.]+)\s*;/m.exec(readFileSync(file, 'utf8')) ?? [];
  const end = join('/', ...name.split('.'));
  return name !== '' && folder.endsWith(end) ? folder.slice(0, -end.length) || '/' : folder;
};

const kindOf = (file: string): SourceKind | undefined =>
  (
    ({
      '.proto': 'proto',
      '.binpb': 'descriptors',
      '.desc': 'descriptors',
      '.pb': 'descriptors',
      '.protoset': 'descriptors',
      '.graphql': 'graphql',
      '.graphqls': 'graphql',
      '.gql': 'graphql',
    }) as const
  )[extname(file).toLowerCase() as '.proto'];

/** A file, or every .proto file of a folder and those below it. */
const filesAt = (path: string): string[] => {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new CommandError(`${path} cannot be read: there is no such file.`, exit.usage);
  if (!found.isDirectory()) {
    if (found.size > maxSourceBytes)
      throw new CommandError(`${path} is larger than ${maxSourceBytes / 1024 / 1024} MiB.`);
    return [path];
  }
  const protos = readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.proto'))
    .sort();
  if (protos.length === 0) throw new CommandError(`${path} holds no .proto files.`, exit.usage);
  return protos.map((name) => join(path, name));
};

/** What a backend is called after its source: the name of a file, or of a host. */
export const backendFor = (source: string): string => {
  const [, program = ''] = /^mcp:(.*)$/s.exec(source) ?? [];
  const address = program.startsWith('http') ? program : source;
  const word =
    URL.canParse(address) && /^(https?|grpcs?):/.test(address)
      ? hostWord(new URL(address.replace(/^grpc/, 'http')).hostname)
      : program !== ''
        ? basename(
            program
              .replace(/^\[|[\]"]/g, '')
              .split(/[\s,]+/)
              .findLast((part) => !part.startsWith('-')) ?? '',
          )
        : basename(source);
  const name = word
    .replace(/\.[A-Za-z]{1,8}$/, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '');
  return name || 'api';
};

const hostWord = (host: string): string =>
  /^[\d.:[\]]+$/.test(host)
    ? ''
    : (host.split('.').find((label) => !/^(www|api|grpc|mcp|graphql)$/.test(label)) ?? host);

const withoutPassword = (source: string): string => source.replace(/\/\/[^/@\s]*@/, '//');
