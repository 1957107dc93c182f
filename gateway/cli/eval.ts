import { Command, InvalidArgumentError, Option } from 'commander';
import { isObject } from '../../intents/json.ts';
import { compareFigures } from '../../intents/resolve/measure/compare.ts';
import { figuresOf } from '../../intents/resolve/measure/figures.ts';
import { type Floor, missedFloors, parseFloors } from '../../intents/resolve/measure/floors.ts';
import { drawDifferences, drawMissed } from './measure/draw-report.ts';
import { rounded } from './measure/format.ts';
import { readText } from './measure/labelled-file.ts';
import { progressBar } from './measure/progress.ts';
import type { Ran, RunOptions } from './measure/run.ts';
import { type TierName, tierNames } from './measure/tiers.ts';
import { CommandError, exit, paintError, print, printError, printJson } from './terminal.ts';

export interface EvalOptions {
  readonly train?: string;
  readonly test?: string;
  readonly slots?: boolean;
  readonly values?: string;
  readonly crossValidate?: boolean;
  readonly tiers: readonly TierName[];
  readonly encoder?: string;
  readonly refuse: 'auto' | 'always' | 'never';
  readonly examples: number;
  readonly compare?: string;
  readonly failUnder?: string;
  readonly json?: boolean;
}

const more = `
Examples:
  $ npx ostiary eval examples/shop                            a set-up on its own utterances
  $ npx ostiary eval --train train.jsonl --test test.jsonl    two files, no set-up needed
  $ npx ostiary eval examples/shop --slots                    the values read from the words
  $ npx ostiary eval --train a.jsonl --test b.jsonl --json > before.json
  $ npx ostiary eval --train a.jsonl --test b.jsonl --compare before.json
  $ npx ostiary eval --train a.jsonl --test b.jsonl --fail-under accuracy=0.9,oos_recall=0.7

A line of a file is {"text": "where is my parcel", "intent": "track"}; "intent": null is out of
scope. With --slots it has "slots": [{"slot": "city", "start": 8, "end": 13}] too. Nothing is
ever set by looking at the test: docs/understanding.md says how to read the figures.

Exit codes: 0 measured, 1 a figure misses its limit, 2 a file or an option is wrong.`;

/** `ostiary eval [DIR]` */
export const evalCommand = (): Command =>
  new Command('eval')
    .summary('measure how well words are understood')
    .description(
      'Measures how well words are understood: how often the right intent is found, how well what is out of scope is ' +
        'told, whether a confidence of 0.9 is right in nine of ten cases, and how long it takes. On the utterances of a ' +
        'set-up, or on two files.',
    )
    .argument('[dir]', 'folder with ostiary.yaml', '.')
    .option('--train <file>', 'learn from this file of {"text", "intent"} lines')
    .option('--test <file>', 'test on this one; without --train, the set-up learns from its own examples')
    .option('--slots', 'measure the values that are read from the words')
    .option('--values <file>', 'with --slots: known values, {"slot": ["value", …]}, as an enum lists them')
    .option('--cross-validate', 'test on the examples themselves, each held out in turn')
    .addOption(
      new Option('--tiers <names>', 'which tiers are asked, the next where one is not sure: builtin, encoder, model')
        .argParser(parseTiers)
        .default(['builtin'], 'builtin'),
    )
    .option('--encoder <dir>', 'folder of a sentence encoder for the encoder tier (model.onnx and its vocabulary)')
    .addOption(
      new Option('--refuse <when>', 'whether refusing a text counts: auto is where the test has texts out of scope')
        .choices(['auto', 'always', 'never'])
        .default('auto'),
    )
    .option('--examples <count>', 'how many mistakes and confusions to show', count, 10)
    .option('--compare <file>', 'say what differs from an earlier run, printed with --json')
    .option('--fail-under <limits>', 'end with 1 where a figure is worse: accuracy=0.9,ece=0.03')
    .option('--json', 'print all figures as one JSON object')
    .addHelpText('after', more)
    .action(async (dir: string, options: EvalOptions) => {
      const { train, test } = options;
      if (train !== undefined && test === undefined)
        throw new CommandError('--train goes together with --test, which is missing.', exit.usage);
      const floors = floorsOf(options);
      const earlier = options.compare === undefined ? undefined : readEarlier(options.compare);
      const how: RunOptions = {
        dir,
        tiers: options.tiers,
        encoderFolder: options.encoder,
        refuse: options.refuse,
        examples: options.examples,
        crossValidate: options.crossValidate ?? false,
        progress: progressBar(process.stderr, () => performance.now()),
        now: () => Date.now(),
        micros: () => performance.now() * 1_000,
      };
      report(await measure(how, options), options, floors, earlier);
    });

/** Each kind of measurement is loaded when it is wanted, so that no other command waits for it. */
const measure = async (how: RunOptions, { train, test, slots = false, values }: EvalOptions): Promise<Ran> => {
  const files = train === undefined || test === undefined ? undefined : { train, test };
  if (slots) return (await import('./measure/run-slots.ts')).runSlots(how, files, values);
  if (files !== undefined) return (await import('./measure/run-files.ts')).runFiles(how, files);
  return (await import('./measure/run-catalogue.ts')).runCatalogue(how, test);
};

const report = (
  { report: found, lines }: Ran,
  options: EvalOptions,
  floors: readonly Floor[],
  earlier: Record<string, unknown> | undefined,
) => {
  const figures = rounded(found) as Record<string, unknown>;
  const differences = earlier === undefined ? undefined : compareFigures(earlier, figures);
  const missed = missedFloors(floors, figures);
  if (options.json)
    printJson({
      ...figures,
      ...(differences && { compared_with: options.compare, differences }),
      ...(options.failUnder !== undefined && { missed }),
    });
  else {
    for (const line of lines) print(line);
    for (const line of differences === undefined ? [] : drawDifferences(differences, options.compare ?? ''))
      print(line);
  }
  for (const one of missed) printError(`${paintError('red', 'missed:')} ${drawMissed(one)}`);
  if (missed.length > 0) process.exitCode = exit.failed;
};

const slotFigureNames = ['slot_f1', 'slot_precision', 'slot_recall', 'slot_exact', 'train_ms', 'p50_us', 'p99_us'];
const resolverFigureNames = ['accuracy', 'intent_accuracy', 'input_accuracy', 'wrong_runs', 'p50_us', 'p99_us'];

/** Read before anything is measured: nobody should wait for a mistyped name. */
const floorsOf = ({ failUnder, slots = false, train }: EvalOptions): Floor[] => {
  if (failUnder === undefined) return [];
  const ofIntents = [...Object.keys(figuresOf([])).filter((name) => name !== 'at_90_confidence'), 'train_ms'];
  const ofResolver = train === undefined ? resolverFigureNames.map((name) => `resolver_${name}`) : [];
  try {
    return parseFloors(failUnder, slots ? slotFigureNames : [...ofIntents, ...ofResolver]);
  } catch (error) {
    throw new CommandError(`--fail-under: ${(error as Error).message}`, exit.usage);
  }
};

const readEarlier = (file: string): Record<string, unknown> => {
  const text = readText(file);
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value) && typeof value.kind === 'string' && value.kind.startsWith('ostiary-eval')) return value;
  } catch {
    // Said below.
  }
  throw new CommandError(`${file} is no earlier run: "ostiary eval … --json" prints one.`, exit.usage);
};

function parseTiers(written: string): TierName[] {
  const names = written.split(',').map((name) => name.trim());
  for (const name of names)
    if (!tierNames.includes(name as TierName))
      throw new InvalidArgumentError(`the tiers are ${tierNames.join(', ')}; "${name}" is none of them`);
  return names as TierName[];
}

function count(written: string): number {
  const number = Number(written);
  if (!Number.isInteger(number) || number < 0 || number > 1_000)
    throw new InvalidArgumentError('a number from 0 to 1000');
  return number;
}
