import { z } from 'zod';
import { isObject, type Json } from '../../../intents/json.ts';
import type { LabelledLine } from '../../../intents/resolve/measure/labelled-lines.ts';
import { quantile } from '../../../intents/resolve/measure/quantile.ts';
import { type SlotFigures, sameSpan, slotFigures } from '../../../intents/resolve/measure/slots.ts';
import { newestMajors } from '../../../intents/resolve/newest.ts';
import { compileSlotReader } from '../../../intents/resolve/slots/read.ts';
import type { SlotSpan } from '../../../intents/resolve/tagger/types.ts';
import { keptTaggers } from '../../kept-taggers.ts';
import { setupOrExplain } from '../check.ts';
import { CommandError, exit } from '../terminal.ts';
import { decimal, duration, percent, table } from './format.ts';
import { readLabelledFile, readText } from './labelled-file.ts';
import type { Ran, RunOptions } from './run.ts';
import { readUtterances, utteranceFiles } from './utterance-cases.ts';

interface Timed {
  readonly trainMs: number;
  readonly micros: readonly number[];
}

/** `ostiary eval --slots`: how much of what stands in the words is read, the intent being known. */
export const runSlots = async (
  how: RunOptions,
  files: { train: string; test: string } | undefined,
  values: string | undefined,
): Promise<Ran> => {
  try {
    return await (files === undefined ? ofSetup(how) : ofFiles(how, files, values));
  } finally {
    how.progress.end();
  }
};

/** One tagger an intent, learned from the lines with `slots`. */
const ofFiles = async (
  how: RunOptions,
  files: { train: string; test: string },
  values: string | undefined,
): Promise<Ran> => {
  const annotated = (file: string): (LabelledLine & { intent: string; slots: readonly SlotSpan[] })[] => {
    const lines = readLabelledFile(file).filter((line) => line.intent !== null && line.slots !== undefined);
    if (lines.length === 0)
      throw new CommandError(
        `${file}:1 has no line with slots: write "slots": [{"slot": "city", "start": 8, "end": 13}], [] where there are none.`,
        exit.usage,
      );
    return lines as (LabelledLine & { intent: string; slots: readonly SlotSpan[] })[];
  };
  const train = Map.groupBy(annotated(files.train), ({ intent }) => intent);
  const test = annotated(files.test);
  const known = values === undefined ? {} : readValues(values);
  const { learnSlots } = await import('./learner.ts');
  const start = how.micros();
  how.progress.stage('learning the slots of', train.size);
  const readers = new Map<string, (text: string) => readonly SlotSpan[]>();
  for (const [intent, lines] of train) {
    readers.set(
      intent,
      await learnSlots(
        lines.map(({ text, slots }) => ({ text, spans: slots })),
        known,
      ),
    );
    how.progress.to(readers.size);
  }
  const trainMs = (how.micros() - start) / 1_000;
  how.progress.stage('reading', test.length);
  const micros: number[] = [];
  const rows = test.map(({ text, intent, slots }) => {
    const begun = how.micros();
    const read = readers.get(intent)?.(text) ?? [];
    micros.push(how.micros() - begun);
    how.progress.to(micros.length);
    return { expected: slots, read };
  });
  return ran(slotFigures(rows, sameSpan), { trainMs, micros }, { texts: rows.length, matched: 'place', files });
};

/** @throws CommandError where the file is no object of lists of strings */
const readValues = (file: string): Record<string, readonly string[]> => {
  try {
    return z.record(z.string(), z.array(z.string())).parse(JSON.parse(readText(file)));
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`${file} is not written like {"city": ["Rome", "Oslo"]}.`, exit.usage);
  }
};

interface SlotValue {
  readonly slot: string;
  readonly value: Json;
}

/** By value: the utterances of a set-up say what must be read, not where it stands. */
const ofSetup = async (how: RunOptions): Promise<Ran> => {
  const setup = await setupOrExplain(how.dir, process.env);
  const files = utteranceFiles(setup.folder);
  if (files.length === 0)
    throw new CommandError(`${how.dir} has no utterances.yaml that says what must be read from the words.`, exit.usage);
  const { catalogue } = setup;
  const cases = await readUtterances(setup.folder, files);
  const micros: number[] = [];
  const start = how.micros();
  const { intents, library } = catalogue;
  const taggers = await keptTaggers(intents, library.resolveRef, undefined);
  const readers = new Map(
    newestMajors(intents).map((intent) => [
      intent.name,
      compileSlotReader(intent, library.resolveRef, () => taggers.get(intent.id)?.tagger),
    ]),
  );
  const trainMs = (how.micros() - start) / 1_000;
  const rows = cases.flatMap(({ say, intent, input, now }) => {
    const reader = typeof intent === 'string' ? readers.get(intent) : undefined;
    if (reader === undefined || input === undefined) return [];
    const begun = how.micros();
    const read = reader.read(say, { now }).input;
    micros.push(how.micros() - begun);
    return [{ expected: leavesOf(input), read: leavesOf(read) }];
  });
  const key = ({ slot, value }: SlotValue) => JSON.stringify([slot, value]);
  return ran(slotFigures(rows, key), { trainMs, micros }, { texts: rows.length, matched: 'value', files });
};

const leavesOf = (value: Json, path = ''): SlotValue[] =>
  isObject(value)
    ? Object.entries(value).flatMap(([name, inner]) => leavesOf(inner as Json, path === '' ? name : `${path}/${name}`))
    : [{ slot: path, value }];

const ran = (
  figures: SlotFigures,
  { trainMs, micros }: Timed,
  about: { texts: number; matched: string; files: unknown },
): Ran => {
  const { f1, precision, recall, exact, slots } = figures;
  const report = {
    kind: 'ostiary-eval-slots/1',
    slot_f1: f1,
    slot_precision: precision,
    slot_recall: recall,
    slot_exact: exact,
    train_ms: Math.round(trainMs),
    p50_us: quantile(micros, 0.5) ?? null,
    p99_us: quantile(micros, 0.99) ?? null,
    ...about,
    slots,
  };
  const lines = [
    `Read from ${about.texts} texts whose intent is known; a slot counts when its ${about.matched} is right.`,
    '',
    ...table([
      ['  slot F1', percent(f1), `precision ${percent(precision)}, recall ${percent(recall)}`],
      ['  all right', percent(exact), 'of the texts have every slot, and none too many'],
      ['  time', duration(report.p50_us), `a text, half of them; 99 in 100 within ${duration(report.p99_us)}`],
    ]),
    '',
    ...table(
      [
        ['  slot', 'there', 'F1'],
        ...slots.map(({ slot, count, f1: own }) => [`  ${slot}`, String(count), decimal(own)]),
      ],
      [1, 2],
    ),
  ];
  return { report, lines };
};
