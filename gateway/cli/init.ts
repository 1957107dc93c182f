import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { Command } from 'commander';
import { parse } from 'yaml';
import { editorSchemas, toFiles } from '../../intents/import/files.ts';
import { importOpenapi } from '../../intents/import/openapi.ts';
import { CommandError, exit, paint, print, printJson } from './terminal.ts';

const maxDocumentBytes = 64 * 1024 * 1024;
const generatedSchemas = new URL('../../docs/schemas/', import.meta.url);

/** `ostiary init --openapi FILE --out DIR` */
export const initCommand = (): Command =>
  new Command('init')
    .summary('make a set-up from the description of an API')
    .description(
      'Makes a set-up from an OpenAPI 3.0 or 3.1 document: an intent per operation, a policy that allows nothing, with ' +
        'suggestions, and a config. What could not be translated is listed with its reason in IMPORT.md.',
    )
    .requiredOption('--openapi <file>', 'OpenAPI document, JSON or YAML')
    .requiredOption('--out <dir>', 'folder to write; it must be empty or not there yet')
    .option('--backend <name>', 'name of the backend in the config (default: the name of the file)')
    .option('--json', 'print {"intents", "skipped", "lossy", "files"}')
    .addHelpText(
      'after',
      '\nExample:\n  $ npx ostiary init --openapi shop.yaml --out gateway\n  $ npx ostiary check gateway\n\nNothing is overwritten, and nothing can be called until a policy allows it.',
    )
    .action((options: { openapi: string; out: string; backend?: string; json?: boolean }) => {
      if (existsSync(options.out) && readdirSync(options.out).length > 0)
        throw new CommandError(
          `${options.out} is not empty. Nothing is overwritten: choose another folder.`,
          exit.usage,
        );
      const document = readDocument(options.openapi);
      const imported = importDocument(document, options.openapi, options.backend);
      const files = [...toFiles(imported, { tenant: 'default' }), ...schemasForEditors()];
      for (const { path, text } of files) {
        const target = join(options.out, path);
        mkdirSync(dirname(target), { recursive: true });
        writeFileSync(target, text);
      }
      const { intents, skipped, lossy } = imported;
      if (options.json)
        return printJson({ intents: intents.length, skipped, lossy, files: files.map(({ path }) => path) });
      print(`${paint('green', '✔')} ${intents.length} intents in ${options.out}`);
      if (skipped.length > 0)
        print(`${paint('yellow', '!')} ${skipped.length} operations were not translated: IMPORT.md says why`);
      if (lossy.length > 0) print(`${paint('yellow', '!')} ${lossy.length} places lost something: IMPORT.md says what`);
      print(
        `\nNothing can be called yet: ${join(options.out, 'policies')} allows nothing. Next:\n  npx ostiary check ${options.out}\n  npx ostiary key new\n  npx ostiary serve ${options.out}`,
      );
    });

/** Copies go into the set-up, so that its files are completed and checked wherever it is moved to. */
const schemasForEditors = (): { path: string; text: string }[] =>
  readdirSync(generatedSchemas)
    .sort()
    .map((name) => ({ path: join(editorSchemas, name), text: readFileSync(new URL(name, generatedSchemas), 'utf8') }));

const readDocument = (file: string): unknown => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`, exit.usage);
  }
  if (text.length > maxDocumentBytes)
    throw new CommandError(`${file} is larger than ${maxDocumentBytes / 1024 / 1024} MiB.`);
  try {
    return extname(file) === '.json' ? JSON.parse(text) : parse(text, { maxAliasCount: 100 });
  } catch (error) {
    throw new CommandError(`${file} is neither JSON nor YAML: ${(error as Error).message.split('\n')[0]}`);
  }
};

const importDocument = (document: unknown, file: string, named: string | undefined) => {
  const written = (named ?? basename(file, extname(file))).toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-');
  const backend = written.replaceAll(/^[^a-z]+|-+$/g, '') || 'api';
  try {
    return importOpenapi(document, { backend, sourceName: basename(file) });
  } catch (error) {
    throw new CommandError(`${file}: ${(error as Error).message}`);
  }
};
