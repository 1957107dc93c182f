import type { Effect } from '../contract.ts';
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
