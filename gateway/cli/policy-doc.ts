import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { soundPolicies } from './policy-files.ts';
import { CommandError, paintError, printError } from './terminal.ts';

/** `ostiary policy doc [DIR]` */
export const policyDocCommand = (): Command =>
  new Command('doc')
    .summary('write the policies as a page to be read')
    .description(
      'Writes Markdown for people who do not read policy files: the purposes, who is who, and for each intent who may ' +
        'ask it, when, and what is asked of them.',
    )
    .argument('[dir]', 'folder with ostiary.yaml', '.')
    .option('--out <file>', 'where to; left out, it is printed')
    .addHelpText('after', '\nExample:\n  $ npx ostiary policy doc examples/shop --out policy.md')
    .action(async (dir: string, options: { out?: string }) => {
      const { bundle, names, texts, intents } = await soundPolicies(dir);
      const { policyPage } = await import('../../policies/page.ts');
      const page = policyPage(texts, names, intents, bundle.hash);
      if (options.out === undefined) {
        process.stdout.write(page);
        return;
      }
      try {
        writeFileSync(options.out, page);
      } catch (error) {
        throw new CommandError(`${options.out} cannot be written: ${(error as Error).message}`);
      }
      printError(`${paintError('green', '✔')} ${options.out}`);
    });
