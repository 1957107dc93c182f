import { Command, InvalidArgumentError } from 'commander';
import { progressBar } from './measure/progress.ts';
import { paint, print, printJson } from './terminal.ts';

interface SuggestOptions {
  readonly train?: string;
  readonly log: boolean;
  readonly limit: number;
  readonly json?: boolean;
}

/** `ostiary suggest [DIR]` */
export const suggestCommand = (): Command =>
  new Command('suggest')
    .summary('find what to change in the examples')
    .description(
      'Finds what to change so that words are understood better: intents that are taken for one another, examples that ' +
        'look as if they stood under the wrong intent, the same words under two, and what people said that turned out ' +
        'to mean something. Changes nothing.',
    )
    .argument('[dir]', 'folder with ostiary.yaml', '.')
    .option('--train <file>', 'look at this file of {"text", "intent"} lines instead of a set-up')
    .option('--no-log', 'do not read the audit log')
    .option('--limit <count>', 'at most so many of each kind', count, 10)
    .option('--json', 'print {"confused", "mislabelled", "contradictory", "worth_adding"}')
    .addHelpText(
      'after',
      `
Examples:
  $ npx ostiary suggest examples/shop
  $ npx ostiary suggest --train train.jsonl --limit 30

Each example is held out in turn and understood by what the others teach; where that disagrees
surely with its intent, one of the two is wrong. From the audit log come words that were not
understood, or hardly, and were followed by a typed call, a yes, or other words for the same.

Exit codes: 0 looked, whether or not there is anything to change; 2 a file or an option is wrong.`,
    )
    .action(async (dir: string, { train, log, limit, json }: SuggestOptions) => {
      // Loaded here, so that no other command waits for it.
      const { findSuggestions, drawSuggestions } = await import('./measure/suggestions.ts');
      const found = await findSuggestions({
        dir,
        train,
        log,
        limit,
        progress: progressBar(process.stderr, () => performance.now()),
        now: () => Date.now(),
        micros: () => performance.now() * 1_000,
      });
      if (json) return printJson(found);
      for (const line of drawSuggestions(found, paint)) print(line);
    });

function count(written: string): number {
  const number = Number(written);
  if (!Number.isInteger(number) || number < 1 || number > 10_000)
    throw new InvalidArgumentError('a number from 1 to 10000');
  return number;
}
