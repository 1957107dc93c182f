import { tierFigures } from '../../../intents/resolve/measure/by-tier.ts';
import { confusions, confusionTable, labelFigures } from '../../../intents/resolve/measure/confusion.ts';
import { atLine, lineFor } from '../../../intents/resolve/measure/coverage.ts';
import { figuresOf, reliabilityOf } from '../../../intents/resolve/measure/figures.ts';
import { judgeTexts, keptShare } from '../../../intents/resolve/measure/judge-texts.ts';
import { bestSaid, type Judged } from '../../../intents/resolve/measure/judged.ts';
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
export const evaluate = async (options: EvaluateOptions): Promise<EvalReport> => {
  const { train, test, refuse, progress, micros, examples } = options;
  const built = await buildTiers(options);
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
  const first = built.find(({ learned }) => learned !== undefined)?.learned;
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
    refusal: refusalOf(built, judged, refuses),
    calibration:
      first === undefined
        ? null
        : { fitted: first.report.fitted, accuracy: first.report.accuracy, ece: first.report.ece },
    lines: first === undefined ? [] : [0.95, 0.97, 0.99].map((target) => lineAt(target, first.report.points, judged)),
    tiers: tierFigures(judged, [...new Set(built.map(({ tier }) => tier.name))]),
    reliability: reliabilityOf(judged),
    unknown_labels: unknownLabels(test, train),
    confusions: confusions(judged).slice(0, examples),
    confusion_table: confusionTable(judged, 10),
    worst_labels: labelFigures(judged).slice(0, examples),
    worst: worst(judged, examples),
  };
};

/** Where the line lies under which a text is taken to be out of scope, and what it costs. */
const refusalOf = (built: readonly BuiltTier[], judged: readonly Judged[], refuses: boolean) => {
  const lines = new Map(built.map(({ tier }) => [tier.name, tier.scopeLine]));
  const inside = judged.filter(({ expected }) => expected !== null);
  const under = inside.filter(({ tier, scope }) => scope < (lines.get(tier) ?? 0));
  return {
    counted: refuses,
    target: `${Number(keptShare) * 100} % of good requests kept`,
    scope_line: built[0]?.tier.scopeLine ?? null,
    /** Share of texts in scope that lie under their line, counted or not. */
    in_scope_under: inside.length === 0 ? null : under.length / inside.length,
  };
};

/** The line that cross-validation promises a precision at, and what it gave on the test. */
const lineAt = (target: number, points: Parameters<typeof lineFor>[0], judged: readonly Judged[]) => {
  const confidence = lineFor(points, target);
  const said = judged.filter(({ expected }) => expected !== null).map(bestSaid);
  const { coverage, precision } = atLine(said, confidence ?? 1.01);
  return { target_precision: target, confidence: confidence ?? null, coverage, precision };
};
