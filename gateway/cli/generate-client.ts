import { Command } from 'commander';
import { setupOrExplain } from './check.ts';
import { writeOut } from './write-out.ts';

/** `ostiary generate client [DIR]` */
export const generateClientCommand = (): Command =>
  new Command('client')
    .summary('write a TypeScript client')
    .description(
      'Writes the intents of a folder as a typed client in TypeScript: one file that needs nothing but fetch. It calls the ' +
        'HTTP door; the same contracts give the same file.',
    )
    .argument('[dir]', 'folder with ostiary.yaml', '.')
    .option('--out <file>', 'where to; left out, it is printed')
    .addHelpText('after', '\nExample:\n  $ npx ostiary generate client examples/shop --out shop-client.ts')
    .action(async (dir: string, options: { out?: string }) => {
      const { catalogue } = await setupOrExplain(dir, process.env);
      const { toClient } = await import('../../intents/project/client.ts');
      writeOut(toClient(catalogue.intents, catalogue.library), options.out);
    });
