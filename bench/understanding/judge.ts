import { learn } from '../../intents/resolve/learn/learn.ts';
import type { LabelledText, Learned } from '../../intents/resolve/learn/types.ts';
import { auroc } from '../../intents/resolve/measure/auroc.ts';
import { calibrationError } from '../../intents/resolve/measure/calibration.ts';
import { atLine, lineFor } from '../../intents/resolve/measure/coverage.ts';
import { quantile } from '../../intents/resolve/measure/quantile.ts';
import type { Row } from './clinc.ts';

export interface Result {
  /** Shares in [0, 1]. */
  readonly accuracy: number;
  readonly auroc: number;
  /** Below the line that keeps 95 % of good requests, found without any text out of scope, refused. */
  readonly accepted: number;
  readonly oosRecall: number;
  readonly ece: number;
  /** At the line that held-out examples say gives 97 % precision. */
  readonly coverage: number;
  readonly precision: number;
  /** Processor seconds. */
  readonly trainSeconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export const judge = (
  texts: readonly LabelledText[],
  inside: readonly Row[],
  outside: readonly Row[],
): Result & { readonly learned: Learned } => {
  const before = process.cpuUsage();
  const learned = learn(texts);
  const trainSeconds = cpuSeconds(before);
  for (const [text] of inside.slice(0, 1000)) learned.rank(text, 5);
  const times: number[] = [];
  const ranked = inside.map(([text, label]) => {
    const start = performance.now();
    const { candidates, scope } = learned.rank(text, 5);
    times.push(performance.now() - start);
    return { confidence: candidates[0]?.confidence ?? 0, right: candidates[0]?.label === label, scope };
  });
  const strange = outside.map(([text]) => learned.rank(text, 1).scope);
  const line = learned.report.scopeAt['0.95'] ?? 0.5;
  const sure = atLine(ranked, lineFor(learned.report, 0.97) ?? 1);
  return {
    learned,
    accuracy: ranked.filter(({ right }) => right).length / ranked.length,
    auroc:
      auroc(
        ranked.map(({ scope }) => scope),
        strange,
      ) ?? 0,
    accepted: ranked.filter(({ right, scope }) => right && scope >= line).length / ranked.length,
    oosRecall: strange.filter((scope) => scope < line).length / strange.length,
    ece: calibrationError(ranked) ?? 0,
    coverage: sure.coverage,
    precision: sure.precision,
    trainSeconds,
    p50Ms: quantile(times, 0.5) ?? 0,
    p99Ms: quantile(times, 0.99) ?? 0,
  };
};

/** @returns seconds of the processor since `before`, which say less about the neighbours than the clock does */
export const cpuSeconds = (before: NodeJS.CpuUsage): number => process.cpuUsage(before).user / 1e6;

export const mean = <Key extends keyof Result>(results: readonly Result[], key: Key): number =>
  results.reduce((sum, result) => sum + result[key], 0) / results.length;
