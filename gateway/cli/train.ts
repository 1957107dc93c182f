import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { progressBar } from './measure/progress.ts';
import { CommandError, exit, print, printError, printJson } from './terminal.ts';

interface TrainOptions {
  readonly train?: string;
  readonly export?: string;
  readonly json?: boolean;
}

/** `ostiary train [DIR]` */
export const trainCommand = (): Command =>
  new Command('train')
    .summary('learn from the examples, and say how well it went')
    .description(
      'Learns from the examples of a set-up as the gateway does when it loads, and says how well that went: accuracy and ' +
        'calibration on held-out examples, and where the lines come to lie for what is aimed at. --export writes what ' +
        'was learned.',
    )
    .argument('[dir]', 'folder with ostiary.yaml', '.')
    .option('--train <file>', 'learn from this file of {"text", "intent"} lines instead of a set-up')
    .option('--export <file>', 'write what was learned here, and the report beside it as FILE.json; - is stdout')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ npx ostiary train examples/shop
  $ npx ostiary train examples/shop --export shop.learned
  $ npx ostiary train --train train.jsonl --json

The same examples give the same bytes, on every machine.

Exit codes: 0 learned, 1 it failed, 2 a file or an option is wrong.`,
    )
    .action(async (dir: string, options: TrainOptions) => {
      // Loaded here, so that no other command waits for it.
      const { trainAndReport, drawTraining } = await import('./measure/training.ts');
      const progress = progressBar(process.stderr, () => performance.now());
      const { report, bytes } = await trainAndReport({
        dir,
        train: options.train,
        progress,
        now: () => performance.now(),
      });
      const toStdout = options.export === '-';
      const say = toStdout ? printError : print;
      if (options.export !== undefined && !toStdout) {
        try {
          writeFileSync(options.export, bytes);
          writeFileSync(`${options.export}.json`, `${JSON.stringify(report, null, 2)}\n`);
        } catch (error) {
          throw new CommandError(`${options.export} cannot be written: ${(error as Error).message}`, exit.usage);
        }
      }
      if (options.json && !toStdout) return printJson(report);
      for (const line of drawTraining(report)) say(line);
      if (toStdout) process.stdout.write(bytes);
      else if (options.export !== undefined)
        print(`\nWritten: ${options.export} (${bytes.length} bytes) and ${options.export}.json`);
    });
