import { Command } from 'commander';
import { setupOrExplain } from './check.ts';
import { CommandError, paintError, printError } from './terminal.ts';
import { writeOut } from './write-out.ts';

interface Options {
  readonly url: string;
  readonly key: string;
  readonly writes?: boolean;
  readonly out?: string;
}

/** `ostiary generate examples [DIR]` */
export const generateExamplesCommand = (): Command =>
  new Command('examples')
    .summary('run examples, and keep what was answered')
    .description(
      'Calls a running gateway with examples of the contracts and writes what it answered, an example for each intent. ' +
        '"examples" in ostiary.yaml names the file: then OpenAPI documents and the reference page show them, each to ' +
        'callers whose policies let them see it, and until its contract changes. Values of class personal or secret are left out.',
    )
    .argument('[dir]', 'folder with ostiary.yaml', '.')
    .requiredOption('--url <url>', 'the gateway that serves the folder')
    .requiredOption('--key <key>', 'the credential to call with')
    .option('--writes', 'run what changes something too, and say yes to it: against backends that may be changed')
    .option('--out <file>', 'where to; left out, it is printed')
    .addHelpText(
      'after',
      '\nExample:\n  $ npx ostiary generate examples examples/shop --url http://127.0.0.1:8080 --key demo-support --out ran.json',
    )
    .action(async (dir: string, { url, key, writes = false, out }: Options) => {
      const { catalogue } = await setupOrExplain(dir, process.env);
      const { overHttp, recordExamples } = await import('./record-examples.ts');
      const { ran, without } = await recordExamples(catalogue, overHttp(url, key), writes).catch((error: Error) => {
        throw new CommandError(`${url} cannot be called: ${String(error.cause ?? error.message)}`);
      });
      for (const { intent, why } of without) printError(`${paintError('yellow', 'no example:')} ${intent}: ${why}`);
      writeOut(JSON.stringify({ api: 'ostiary-examples/1', ran }, null, 2), out);
    });
