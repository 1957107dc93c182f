import type { OperatingPoint } from '../learn/types.ts';
import { auroc } from './auroc.ts';
import { type Bin, calibrationError, reliability } from './calibration.ts';
import { atLine, coverageAt } from './coverage.ts';
import { bestSaid, isRight, type Judged, type Said, share } from './judged.ts';
import { quantile } from './quantile.ts';

/** Shares are in [0, 1]; null where there is nothing to take a share of. */
export interface Figures {
  readonly texts: number;
  readonly in_scope: number;
  readonly out_of_scope: number;
  /** Of all texts; one that is out of scope is right when it is refused. */
  readonly accuracy: number | null;
  /** Of texts in scope; refused is wrong. */
  readonly in_scope_accuracy: number | null;
  /** Of texts in scope, had none been refused: whether the best candidate is right. */
  readonly in_scope_accuracy_unrefused: number | null;
  /** Whether the right one is among the best five. */
  readonly in_scope_top5: number | null;
  /** Of texts in scope: mean over labels of the share that is right, so that rare labels count as much as frequent ones. */
  readonly in_scope_accuracy_by_label: number | null;
  readonly in_scope_refused: number | null;
  /** Share of texts out of scope that are refused. */
  readonly oos_recall: number | null;
  /** Share of what is refused that is out of scope. */
  readonly oos_precision: number | null;
  readonly oos_auroc: number | null;
  /** Expected calibration error of the best candidate, 15 bins, texts in scope. */
  readonly ece: number | null;
  /** The same over all texts that are answered: what is out of scope and answered is wrong. */
  readonly ece_all: number | null;
  /** Largest share of texts in scope that can be answered so that 99 % (97 %) of the answers are right. */
  readonly coverage_at_99_precision: number | null;
  readonly coverage_at_97_precision: number | null;
  /** The same over all texts, those out of scope among them. */
  readonly coverage_at_99_precision_all: number | null;
  readonly coverage_at_97_precision_all: number | null;
  /** Of what is said at 0.9 or more, over texts in scope. */
  readonly at_90_confidence: Pick<OperatingPoint, 'coverage' | 'precision'> | null;
  readonly p50_us: number | null;
  readonly p99_us: number | null;
}

/** Everything that is said of a test in numbers. */
export const figuresOf = (judged: readonly Judged[]): Figures => {
  const inside = judged.filter(({ expected }) => expected !== null);
  const outside = judged.filter(({ expected }) => expected === null);
  const refused = judged.filter(({ answer }) => answer === null);
  const said = inside.map(bestSaid);
  const answered = judged.filter(({ answer }) => answer !== null).map(bestSaid);
  const scopes = (rows: readonly Judged[]) => rows.map(({ scope }) => scope);
  const micros = judged.map((one) => one.micros);
  /** @param of how many texts; what is not in `rows` is never answered */
  const coverage = (rows: readonly Said[], precision: number, of: number) =>
    of === 0 ? null : (coverageAt(rows, precision).coverage * rows.length) / of;
  const at90 = atLine(said, 0.9);
  return {
    texts: judged.length,
    in_scope: inside.length,
    out_of_scope: outside.length,
    accuracy: share(judged, isRight) ?? null,
    in_scope_accuracy: share(inside, isRight) ?? null,
    in_scope_accuracy_unrefused: share(said, ({ right }) => right) ?? null,
    in_scope_top5:
      share(inside, ({ candidates, expected }) => candidates.slice(0, 5).some(({ label }) => label === expected)) ??
      null,
    in_scope_accuracy_by_label: byLabel(inside),
    in_scope_refused: share(inside, ({ answer }) => answer === null) ?? null,
    oos_recall: share(outside, isRight) ?? null,
    oos_precision: outside.length === 0 ? null : (share(refused, isRight) ?? null),
    oos_auroc: auroc(scopes(inside), scopes(outside)) ?? null,
    ece: calibrationError(said) ?? null,
    ece_all: calibrationError(answered) ?? null,
    coverage_at_99_precision: coverage(said, 0.99, inside.length),
    coverage_at_97_precision: coverage(said, 0.97, inside.length),
    coverage_at_99_precision_all: coverage(answered, 0.99, judged.length),
    coverage_at_97_precision_all: coverage(answered, 0.97, judged.length),
    at_90_confidence: said.length === 0 ? null : { coverage: at90.coverage, precision: at90.precision },
    p50_us: quantile(micros, 0.5) ?? null,
    p99_us: quantile(micros, 0.99) ?? null,
  };
};

/** How confident the tier is and how often rightly, over texts in scope. */
export const reliabilityOf = (judged: readonly Judged[]): Bin[] =>
  reliability(judged.filter(({ expected }) => expected !== null).map(bestSaid));

const byLabel = (inside: readonly Judged[]): number | null => {
  const counts = new Map<string | null, { all: number; right: number }>();
  for (const one of inside) {
    const { all, right } = counts.get(one.expected) ?? { all: 0, right: 0 };
    counts.set(one.expected, { all: all + 1, right: right + (isRight(one) ? 1 : 0) });
  }
  if (counts.size === 0) return null;
  return [...counts.values()].reduce((sum, { all, right }) => sum + right / all, 0) / counts.size;
};
