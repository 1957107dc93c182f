import type { CalibrationReport } from '../../../intents/resolve/learn/types.ts';
import { tierFigures } from '../../../intents/resolve/measure/by-tier.ts';
import { confusions, confusionTable, labelFigures } from '../../../intents/resolve/measure/confusion.ts';
import { atLine, lineFor } from '../../../intents/resolve/measure/coverage.ts';
import { figuresOf, reliabilityOf } from '../../../intents/resolve/measure/figures.ts';
import { judgeTexts, keptShare } from '../../../intents/resolve/measure/judge-texts.ts';
import { bestSaid, type Judged, share } from '../../../intents/resolve/measure/judged.ts';
import type { LabelledLine } from '../../../intents/resolve/measure/labelled-lines.ts';
import { worst } from '../../../intents/resolve/measure/worst.ts';
import { type BuiltTier, buildTiers, type TierSetup, unknownLabels } from './tiers.ts';

export interface EvaluateOptions extends TierSetup {
  readonly test: readonly LabelledLine[];
  /** `auto`: a test with nothing out of scope measures which intent, so nothing is refused in it. */
  readonly refuse: 'auto' | 'always' | 'never';
  /** Microseconds. */
  readonly micros: () => number;
  /** How many mistakes and confusions are told of. */
  readonly examples: number;
}

/** Learns from one set, tests on the other. Every line is set by cross-validation on what was learned from, never on the test. */
export const evaluate = async (options: EvaluateOptions): Promise<EvalReport> =>
  evaluateTiers(await buildTiers(options), options);

type TestOptions = Pick<EvaluateOptions, 'train' | 'test' | 'refuse' | 'progress' | 'micros' | 'examples'>;

/** Tests tiers that have learned. */
export const evaluateTiers = async (
  built: readonly BuiltTier[],
  { train, test, refuse, progress, micros, examples }: TestOptions,
): Promise<EvalReport> => {
  const refuses = refuse === 'always' || (refuse === 'auto' && test.some(({ intent }) => intent === null));
  progress.stage('testing', test.length);
  const tiers = built.map(({ tier }) => tier);
  const judged = await judgeTexts(test, tiers, { refuses, micros, done: (count) => progress.to(count) });
  return reportOn(judged, built, { train, test, refuses, examples });
};

/** What `ostiary eval --json` prints: all figures are members of the top, so that a program finds them by name. */
export type EvalReport = ReturnType<typeof reportOn>;

export const reportOn = (
  judged: readonly Judged[],
  built: readonly BuiltTier[],
  { train, test, refuses, examples }: Pick<EvaluateOptions, 'train' | 'test' | 'examples'> & { refuses: boolean },
) => {
  const first = built.find(({ report }) => report !== undefined);
  const calibration = first?.report;
  return {
    kind: 'ostiary-eval/1' as const,
    learned_from: {
      texts: train.texts.length,
      intents: train.labels.size,
      out_of_scope: train.outside.length,
      repeated: train.repeated,
      contradictory: train.contradictory,
    },
    ...figuresOf(judged),
    train_ms: Math.round(built.reduce((sum, { trainMs }) => sum + trainMs, 0)),
    refusal: refusalOf(first?.scopeLine, judged, refuses),
    calibration:
      calibration === undefined
        ? null
        : { fitted: calibration.fitted, accuracy: calibration.accuracy, ece: calibration.ece },
    lines: calibration === undefined ? [] : [0.95, 0.97, 0.99].map((target) => lineAt(target, calibration, judged)),
    tiers: tierFigures(judged, [...new Set(built.map(({ tier }) => tier.name))]),
    reliability: reliabilityOf(judged),
    unknown_labels: unknownLabels(test, train),
    confusions: confusions(judged).slice(0, examples),
    confusion_table: confusionTable(judged, 10),
    worst_labels: labelFigures(judged).slice(0, examples),
    worst: worst(judged, examples),
  };
};

/** What is taken to be out of scope, by which line, and what that costs. */
const refusalOf = (scopeLine: number | undefined, judged: readonly Judged[], refuses: boolean) => ({
  counted: refuses,
  target: `${Number(keptShare) * 100} % of good requests kept`,
  /** null where each effect has a line of its own. */
  scope_line: scopeLine ?? null,
  /** Share of texts in scope that lie under their line, counted or not. */
  in_scope_under:
    share(
      judged.filter(({ expected }) => expected !== null),
      ({ under }) => under,
    ) ?? null,
});

/** The line that cross-validation promises a precision at, and what it gave on the test. */
const lineAt = (target: number, report: CalibrationReport, judged: readonly Judged[]) => {
  const confidence = lineFor(report, target);
  const said = judged.filter(({ expected }) => expected !== null).map(bestSaid);
  const { coverage, precision } = atLine(said, confidence ?? 1.01);
  return { target_precision: target, confidence: confidence ?? null, coverage, precision };
};
