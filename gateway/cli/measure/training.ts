import { catalogueTexts } from '../../../intents/resolve/catalogue-texts.ts';
import type { CalibrationReport } from '../../../intents/resolve/learn/types.ts';
import { type Lines, linesFor } from '../../../intents/resolve/lines.ts';
import { lineFor } from '../../../intents/resolve/measure/coverage.ts';
import { setupOrExplain } from '../check.ts';
import { CommandError, exit } from '../terminal.ts';
import { decimal, duration, percent, table } from './format.ts';
import { readLabelledFile } from './labelled-file.ts';
import { bytesOf, learnBuiltin } from './learner.ts';
import type { RunOptions } from './run.ts';
import { trainingSet } from './training-set.ts';

export interface TrainingOptions extends Pick<RunOptions, 'dir' | 'progress' | 'now'> {
  readonly train: string | undefined;
}

export type TrainingReport = Awaited<ReturnType<typeof trainAndReport>>['report'];

/** Learns as the gateway does. @returns what was learned as bytes, and how well it went */
export const trainAndReport = async ({ dir, train, progress, now }: TrainingOptions) => {
  try {
    const { set, from, linesOf } = train === undefined ? await ofSetup(dir) : ofFile(train);
    if (set.texts.length === 0) throw new CommandError(`${from} has no example to learn from.`, exit.usage);
    progress.stage(`learning from ${set.texts.length} texts`, 100);
    const start = now();
    const learned = await learnBuiltin(set.texts, {
      onProgress: (share) => progress.to(Math.round(share * 100)),
    });
    const trainMs = Math.round(now() - start);
    const bytes = await bytesOf(learned);
    return {
      bytes,
      report: {
        kind: 'ostiary-train/1',
        from,
        train_ms: trainMs,
        bytes: bytes.length,
        ...told(learned.report),
        lines: linesOf(learned.report),
      },
    };
  } finally {
    progress.end();
  }
};

const ofFile = (file: string) => ({
  set: trainingSet(readLabelledFile(file)),
  from: file,
  linesOf: (): Lines | null => null,
});

const ofSetup = async (dir: string) => {
  const { catalogue, config } = await setupOrExplain(dir, process.env);
  const { refused, ...right } = config.resolve.targets;
  const { texts } = catalogueTexts(catalogue.intents, catalogue.library.resolveRef);
  const linesOf = (report: CalibrationReport): Lines | null => linesFor(report, { refused, right });
  return { set: { texts }, from: dir, linesOf };
};

const told = (report: CalibrationReport) => ({
  fitted: report.fitted,
  examples: report.examples,
  intents: report.labels,
  accuracy: report.accuracy,
  ece: report.ece,
  /** Confidence from which on so many are right, and the share that reaches it. */
  sure: [0.9, 0.95, 0.97, 0.99].map((precision) => {
    const confidence = lineFor(report, precision);
    const coverage = report.points.find((point) => point.confidence === confidence)?.coverage;
    return { precision, confidence: confidence ?? null, coverage: coverage ?? 0 };
  }),
  /** Scope score under which a text is out of scope, by the share of good requests that stay above it. */
  scope: Object.entries(report.scopeAt)
    .map(([kept, line]) => ({ kept: Number(kept), line }))
    .sort((a, b) => a.kept - b.kept),
});

export const drawTraining = (report: TrainingReport): string[] => [
  `Learned from ${report.examples} examples of ${report.intents} intents in ${duration(report.train_ms * 1_000)}; ${report.bytes} bytes.`,
  report.fitted === 'shipped'
    ? 'There are too few examples to calibrate on: the defaults of the package stand. Four to six an intent go a long way.'
    : `Each example held out in turn: ${percent(report.accuracy)} understood, calibration error ${decimal(report.ece)}.`,
  '',
  ...table(
    [
      ['  to be right in', 'answer from', 'which is'],
      ...report.sure.map(({ precision, confidence, coverage }) => [
        `  ${Math.round(precision * 100)} of 100`,
        confidence === null ? 'no line does' : decimal(confidence),
        confidence === null ? '' : `${percent(coverage)} of what is asked`,
      ]),
    ],
    [1],
  ),
  '',
  ...table(
    [
      ['  good requests refused', 'scope line'],
      ...report.scope.map(({ kept, line }) => [`  at most ${percent(1 - kept)}`, decimal(line)]),
    ],
    [1],
  ),
  ...drawLines(report.lines),
];

const drawLines = (lines: Lines | null): string[] =>
  lines === null
    ? []
    : [
        '',
        ...table(
          [
            ['  an intent that', 'runs from', 'is asked back from'],
            ...Object.entries(lines).map(([effect, { run, ask }]) => [
              `  ${doing[effect] ?? effect}`,
              decimal(run, 2),
              decimal(ask, 2),
            ]),
          ],
          [1, 2],
        ),
      ];

const doing: Readonly<Record<string, string>> = { read: 'reads', write: 'writes', destructive: 'destroys' };
