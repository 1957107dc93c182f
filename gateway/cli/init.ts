import { Command } from 'commander';
import { importInto } from './import.ts';

/** `ostiary init --openapi FILE --out DIR` */
export const initCommand = (): Command =>
  new Command('init')
    .summary('make a set-up from an OpenAPI document')
    .description(
      'Makes a set-up from an OpenAPI 3.0 or 3.1 or a Swagger 2.0 document: an intent per operation, a policy that allows ' +
        'nothing, with suggestions, and a config. What could not be translated is listed with its reason in IMPORT.md. ' +
        '"ostiary import" takes every other kind of source.',
    )
    .requiredOption('--openapi <file>', 'OpenAPI document, JSON or YAML, or its address')
    .requiredOption('--out <dir>', 'folder to write; it must be empty or not there yet')
    .option('--backend <name>', 'name of the backend in the config (default: the name of the file)')
    .option('--json', 'print {"intents", "skipped", "lossy", "files"}')
    .addHelpText(
      'after',
      '\nExample:\n  $ npx ostiary init --openapi shop.yaml --out gateway\n  $ npx ostiary check gateway\n\nNothing is overwritten, and nothing can be called until a policy allows it.',
    )
    .action((options: { openapi: string; out: string; backend?: string; json?: boolean }) =>
      importInto(
        options.out,
        {
          from: [options.openapi],
          kind: 'openapi',
          backend: options.backend,
          protoPaths: [],
          headers: {},
          timeoutMs: 30_000,
        },
        options.json === true,
      ),
    );
