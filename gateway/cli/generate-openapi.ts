import { Command } from 'commander';
import { setupOrExplain } from './check.ts';
import { writeOut } from './write-out.ts';

/** `ostiary generate openapi [DIR]` */
export const generateOpenapiCommand = (): Command =>
  new Command('openapi')
    .summary('write the OpenAPI document of the HTTP door')
    .description(
      'Writes the intents of a folder as an OpenAPI 3.1 document, an operation each. It is what GET /openapi.json shows ' +
        'to a caller who may call everything; the same contracts give the same file.',
    )
    .argument('[dir]', 'folder with ostiary.yaml', '.')
    .option('--out <file>', 'where to; left out, it is printed')
    .addHelpText('after', '\nExample:\n  $ npx ostiary generate openapi examples/shop --out openapi.json')
    .action(async (dir: string, options: { out?: string }) => {
      const { catalogue } = await setupOrExplain(dir, process.env);
      const { toOpenapi } = await import('../../intents/project/openapi.ts');
      writeOut(JSON.stringify(toOpenapi(catalogue.intents, catalogue.library), null, 2), options.out);
    });
