import { Command, Option } from 'commander';
import type { UpdateState } from '../../intents/import/apply-update.ts';
import { beside } from '../../intents/import/beside.ts';
import type { Imported } from '../../intents/import/draft.ts';
import { readSetup, writeSetup, writeSourceFiles, writeUpdate } from './import-folder.ts';
import { readSource, type SourceAsked } from './import-source.ts';
import { type SourceKind, sourceKinds } from './import-text.ts';
import { CommandError, exit, paint, print, printJson } from './terminal.ts';

interface Options {
  readonly out?: string;
  readonly into?: string;
  readonly update?: string;
  readonly approve?: readonly string[];
  readonly kind?: SourceKind;
  readonly backend?: string;
  readonly protoPath: readonly string[];
  readonly header: readonly string[];
  readonly timeout: string;
  readonly json?: boolean;
}

/** `ostiary import SOURCE… --out DIR`, `ostiary import --update DIR` */
export const importCommand = (): Command =>
  new Command('import')
    .summary('make a set-up from the description of an API, or follow its changes')
    .description(
      'Makes a set-up of what an API says of itself: an intent per operation, a policy that allows nothing, with suggestions, ' +
        'and a config. What it is, is recognised: OpenAPI 3.0 and 3.1, Swagger 2.0, a GraphQL schema or endpoint, .proto files, ' +
        'a descriptor set, a gRPC server with reflection, an MCP server. What could not be translated is listed with its reason ' +
        'in IMPORT.md.',
    )
    .argument('[source...]', 'file, folder of .proto files, http(s)://, grpc(s)://host:port, mcp:URL or mcp:COMMAND')
    .option('--out <dir>', 'folder to write; it must be empty or not there yet')
    .option('--into <dir>', 'folder of a set-up that gets one more backend')
    .option(
      '--update <dir>',
      'says what the source of a set-up says otherwise now, and disables that until it is approved',
    )
    .option('--approve <ids...>', 'with --update: takes over what was shown of these intents, or of "all"')
    .addOption(new Option('--kind <kind>', 'what the source is, where it cannot be recognised').choices(sourceKinds))
    .option('--backend <name>', 'name of the backend in the config (default: after the source)')
    .option('--proto-path <dir>', 'folder that imports of .proto files are counted from; may be repeated', many, [])
    .option(
      '--header <line>',
      'sent to a service that is asked, "name: value"; $NAME in braces is read from the environment',
      many,
      [],
    )
    .option('--timeout <seconds>', 'how long a service may take', '30')
    .option('--json', 'print what was made or found as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ npx ostiary import shop.yaml --out gateway
  $ npx ostiary import https://api.example/graphql --header 'authorization: Bearer \${TOKEN}' --out gateway
  $ npx ostiary import grpc://127.0.0.1:50051 --out gateway
  $ npx ostiary import "mcp:node tools.js" --out gateway
  $ npx ostiary import https://billing.example/openapi.json --into gateway
  $ npx ostiary import --update gateway
  $ npx ostiary import --update gateway --approve orders.refund

Nothing is overwritten, and nothing can be called until a policy allows it. A member that you have edited stays yours.`,
    )
    .action((sources: string[], options: Options) => {
      if (options.update !== undefined) return update(options.update, sources, options);
      if (options.approve !== undefined) throw new CommandError('--approve goes with --update DIR.', exit.usage);
      if (sources.length === 0) throw new CommandError('Name a source, or --update DIR.', exit.usage);
      if (options.out !== undefined && options.into !== undefined)
        throw new CommandError('--out makes a set-up, --into adds to one: leave one out.', exit.usage);
      const asked = askedOf(sources, options);
      if (options.into !== undefined) return importBeside(options.into, asked, options.json === true);
      if (options.out === undefined)
        throw new CommandError('Say with --out DIR where to write, or with --into DIR what to add to.', exit.usage);
      return importInto(options.out, asked, options.json === true);
    });

/** Imports a source into a new folder, and says what came of it. @throws CommandError */
export const importInto = async (out: string, asked: SourceAsked, json: boolean): Promise<void> => {
  const imported = await readSource(asked);
  const files = writeSetup(out, imported, asked);
  if (json) return printImported(imported, files);
  tellImported(imported, out, 'IMPORT.md');
  print(
    `\nNothing can be called yet: ${out}/policies allows nothing. Next:\n  npx ostiary check ${out}\n  npx ostiary key new\n  npx ostiary serve ${out}`,
  );
};

/** Adds a source to a set-up that is there, as one more backend. @throws CommandError */
const importBeside = async (folder: string, asked: SourceAsked, json: boolean): Promise<void> => {
  const { addToSetup } = await import('./import-into.ts');
  const { files, imported } = addToSetup(folder, asked, await readSource(asked));
  if (json) return printImported(imported, files);
  const { backend } = imported;
  tellImported(imported, `${folder}/intents/${backend}`, `IMPORT-${backend}.md`);
  print(
    `\nThey cannot be called yet: ${folder}/policies/${backend}.policy.yaml allows nothing. Next:\n  npx ostiary check ${folder}`,
  );
};

const printImported = ({ intents, skipped, lossy }: Imported, files: readonly string[]): void =>
  printJson({ intents: intents.length, skipped, lossy, files });

const tellImported = ({ intents, skipped, lossy }: Imported, where: string, report: string): void => {
  print(`${paint('green', '✔')} ${intents.length} intents in ${where}`);
  if (skipped.length > 0)
    print(`${paint('yellow', '!')} ${skipped.length} operations were not translated: ${report} says why`);
  if (lossy.length > 0) print(`${paint('yellow', '!')} ${lossy.length} places lost something: ${report} says what`);
};

const update = async (folder: string, sources: readonly string[], options: Options): Promise<void> => {
  const { source, state, lock, added } = readSetup(folder, options.backend);
  const asked = askedOf(sources.length > 0 ? sources : source.from, {
    ...options,
    ...(options.kind === undefined && source.kind !== undefined ? { kind: source.kind } : {}),
    backend: source.backend,
    protoPath: options.protoPath.length > 0 ? options.protoPath : source.protoPaths,
  });
  const read = await readSource(asked);
  const fresh = added ? fitting(read, state) : read;
  const { approveUpdate, showUpdate } = await import('../../intents/import/apply-update.ts');
  if (options.approve !== undefined) {
    const done = approveUpdate(state, fresh, options.approve);
    const files = [
      ...writeUpdate(folder, lock, state, done.state),
      ...(done.approved.length > 0 ? writeSourceFiles(folder, fresh) : []),
    ];
    if (done.refused.length > 0) process.exitCode = exit.failed;
    const { approved, refused, keptSchemas } = done;
    if (options.json === true) return printJson({ approved, refused, keptSchemas, files });
    for (const { intent, kept } of approved)
      print(`${paint('green', '✔')} ${intent}${kept.length === 0 ? '' : `: yours stay (${kept.join(', ')})`}`);
    for (const name of keptSchemas) print(`${paint('yellow', '!')} schema:${name}: yours stays`);
    for (const { intent, reason } of refused) print(`${paint('red', '✘')} ${intent}: ${reason}`);
    return;
  }
  const shown = showUpdate(state, fresh);
  const files = writeUpdate(folder, lock, state, shown.state);
  if (options.json === true) return printJson({ changes: shown.changes, skipped: fresh.skipped, files });
  if (shown.changes.length === 0) return print(`${paint('green', '✔')} nothing has changed at the source`);
  drawChanges(shown.changes, folder, fresh);
};

/** What was added to a set-up is read anew in the names that it has there. */
const fitting = (read: Imported, { locked, files }: UpdateState): Imported => {
  const known = (operation: string) => locked.operations[operation]?.intent;
  const own = new Set(Object.values(locked.operations).map(({ intent }) => intent));
  const there = [...files.values()].flatMap((text) =>
    [...text.matchAll(/^intent:\s*["']?([\w.-]+)/gm)].map(([, name = '']) => name),
  );
  return beside(read, { taken: there.filter((name) => !own.has(name)), known });
};

const drawChanges = (
  changes: readonly { kind: string; intent: string; operation: string; parts: readonly string[]; absent: boolean }[],
  folder: string,
  { intents }: Imported,
): void => {
  const marks = { added: '+', changed: '~', removed: '-', restored: '=' } as const;
  for (const { kind, intent, operation, parts, absent } of changes) {
    const what = parts.length === 0 ? '' : `: ${parts.join(', ')}`;
    print(
      `${marks[kind as keyof typeof marks]} ${intent} (${operation})${what}${absent ? ' (you have taken it out)' : ''}`,
    );
    const now = intents.find((draft) => draft.operation === operation);
    if (kind === 'added' || parts.includes('description')) print(`    now: ${now?.description || now?.title || ''}`);
  }
  const waiting = changes.filter(({ kind }) => kind === 'added' || kind === 'changed').length;
  if (waiting > 0)
    print(
      `\n${waiting} of them are disabled until they are approved:\n  npx ostiary import --update ${folder} --approve NAME`,
    );
};

const askedOf = (from: readonly string[], options: Options): SourceAsked => {
  const seconds = Number(options.timeout);
  if (!(seconds > 0 && seconds <= 600))
    throw new CommandError(`--timeout ${options.timeout}: it is a number of seconds, 600 at most.`, exit.usage);
  return {
    from,
    kind: options.kind,
    backend: options.backend,
    protoPaths: options.protoPath,
    headers: Object.fromEntries(options.header.map(headerOf)),
    timeoutMs: seconds * 1000,
  };
};

const headerOf = (line: string): [string, string] => {
  const [, name = '', written = ''] = /^([A-Za-z0-9-]+):\s*(.*)$/s.exec(line) ?? [];
  if (name === '') throw new CommandError('--header is written "name: value".', exit.usage);
  const value = written.replaceAll(/\$\{([A-Za-z_]\w*)\}/g, (_, variable: string) => {
    const found = process.env[variable];
    if (found === undefined || found === '')
      throw new CommandError(`--header ${name}: the environment variable ${variable} is not set.`, exit.usage);
    return found;
  });
  return [name.toLowerCase(), value];
};

const many = (value: string, before: readonly string[]): string[] => [...before, value];
