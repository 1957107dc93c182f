import type { Effect } from '../contract.ts';
import type { CalibrationReport, OperatingPoint } from './learn/types.ts';
import { leastPrecision } from './measure/coverage.ts';
import type { Candidate } from './types.ts';

/** Per effect: from `run` on a proposal may run, from `ask` on it is asked back, below it is out of scope. */
export type Lines = Readonly<Record<Effect, { readonly run: number; readonly ask: number }>>;

/**
 * Confidences are fitted probabilities, so these read as odds: a read may be wrong in two cases of five, since looking at
 * the wrong thing costs little and shows at once; a write in one of five and a destructive one in one of ten, and these
 * still have the policy's own confirmation before them.
 */
export const defaultLines: Lines = {
  read: { run: 0.6, ask: 0.25 },
  write: { run: 0.8, ask: 0.35 },
  destructive: { run: 0.9, ask: 0.4 },
};

/** What lines shall bring about, as shares of requests. */
export interface Targets {
  /** Of good requests at most this share may be refused as out of scope. */
  readonly refused: number;
  /** Of what runs without a question, by effect, at least this share must be right. */
  readonly right: Readonly<Record<Effect, number>>;
}

export const defaultTargets: Targets = { refused: 0.05, right: { read: 0.9, write: 0.97, destructive: 0.99 } };

/** However easy a catalogue is, one single answer below this is not sure enough to run. */
const leastRun: Readonly<Record<Effect, number>> = { read: 0.5, write: 0.7, destructive: 0.8 };
/** However few examples there are to show it, what is this sure runs: a thin sample's tail is a handful of texts. */
const mostRun: Readonly<Record<Effect, number>> = { read: 0.8, write: 0.88, destructive: 0.93 };
/** However well a catalogue is told apart, what is more likely wrong than this is not even a question. */
const leastAsk: Readonly<Record<Effect, number>> = { read: 0.15, write: 0.2, destructive: 0.25 };

/**
 * Sets lines by target, from what cross-validation measured on the catalogue's own examples.
 * Where nothing was measured (too few examples), the default lines stand.
 */
export const linesFor = (report: CalibrationReport, { refused, right }: Targets): Lines => {
  const { fitted, points } = report;
  if (fitted === 'shipped' || points.length === 0) return defaultLines;
  const asked = points.filter(({ coverage }) => coverage >= 1 - refused).at(-1)?.confidence ?? 0;
  const lineOf = (effect: Effect) => {
    // A wrong read shows at once: there the share as measured will do. What changes something waits for the sure one.
    const shareOf = (point: OperatingPoint) => (effect === 'read' ? point.precision : leastPrecision(report, point));
    const reached = points.find((point) => point.confidence >= leastRun[effect] && shareOf(point) >= right[effect]);
    const run = Math.min(reached?.confidence ?? 1, mostRun[effect]);
    return { run, ask: Math.min(Math.max(asked, leastAsk[effect]), defaultLines[effect].ask) };
  };
  const [read, write, destructive] = [lineOf('read'), lineOf('write'), lineOf('destructive')];
  // A write's line is never below a read's, whatever a thin sample says.
  return {
    read,
    write: { ...write, run: Math.max(read.run, write.run) },
    destructive: { ...destructive, run: Math.max(read.run, write.run, destructive.run) },
  };
};

/** Two candidates nearer than this cannot be told apart. */
export const nearMargin = 0.15;

/** Only candidates this high in the classifier's own order may run against its first. */
export const trustedRank = 3;

export const mayAsk = (lines: Lines, { intent, confidence }: Candidate): boolean =>
  confidence >= lines[intent.effect].ask;
export const mayRun = (lines: Lines, { intent, confidence }: Candidate): boolean =>
  confidence >= lines[intent.effect].run;

/** Of the others those that are as likely as the first, or nearly. */
export const nearTo = (first: Candidate, others: readonly Candidate[], lines: Lines): Candidate[] =>
  others.filter(
    (other) =>
      other.intent !== first.intent && mayAsk(lines, other) && first.confidence - other.confidence < nearMargin,
  );
