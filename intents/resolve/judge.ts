import type { Draft } from './draft.ts';
import { type Lines, mayAsk, mayRun, nearTo, trustedRank } from './lines.ts';
import type { Candidate } from './types.ts';

type Verdict = 'run' | 'incomplete' | 'near' | 'unsure' | 'negated' | 'unread';

export interface Judgement {
  readonly draft: Draft;
  readonly near: readonly Candidate[];
  /** Other candidates worth a question. */
  readonly others: readonly Candidate[];
  readonly verdict: Verdict;
}

/** @returns undefined where nothing reaches its ask line */
export const judge = (
  ranked: readonly Candidate[],
  shown: readonly Candidate[],
  lines: Lines,
  draft: (candidate: Candidate, margin: number) => Draft,
): Judgement | undefined => {
  const [first] = shown;
  if (first === undefined || !mayAsk(lines, first)) return undefined;
  const rival = ranked.find(({ intent }) => intent !== first.intent)?.confidence ?? 0;
  const margin = Math.max(0, first.confidence - rival);
  const drafted = draft(first, margin);
  const near = nearTo(first, ranked, lines);
  const harmless = near.every((other) => other.intent.effect === 'read' && shown.includes(other));
  if (drafted.missing.length > 0 && harmless) {
    const reads = drafted.proposal.slots.length > 0;
    const fuller = fullerRead(first, shown, lines, draft, reads);
    if (fuller !== undefined) return fuller;
  }
  const others = shown.slice(1).filter((other) => mayAsk(lines, other));
  return { draft: drafted, near, others, verdict: verdictOf(drafted, first, near, lines) };
};

/** Where the first can take no value of the words, those that another can take say more than so little confidence says against. */
const worthReading = 0.03;

/**
 * "Show cancelled orders" is nearly "show an order", but gives no order: of two near reads the one whose every required value
 * is in the words is meant. Writes are never chosen so.
 */
const fullerRead = (
  first: Candidate,
  shown: readonly Candidate[],
  lines: Lines,
  draft: (candidate: Candidate, margin: number) => Draft,
  reads: boolean,
): Judgement | undefined => {
  if (first.intent.effect !== 'read') return undefined;
  for (const other of shown.slice(1, trustedRank)) {
    if (other.intent.effect !== 'read') continue;
    if (reads ? !mayAsk(lines, other) : other.confidence < worthReading) continue;
    const swapped = { intent: other.intent, confidence: first.confidence };
    const drafted = draft(swapped, 0);
    if (drafted.missing.length > 0 || drafted.proposal.slots.length === 0) continue;
    const others = shown.filter((candidate) => candidate !== other && mayAsk(lines, candidate));
    return { draft: drafted, near: [], others, verdict: verdictOf(drafted, swapped, [], lines) };
  }
  return undefined;
};

const verdictOf = (
  { negated, unread, missing }: Draft,
  candidate: Candidate,
  near: readonly Candidate[],
  lines: Lines,
): Verdict => {
  if (negated) return 'negated';
  if (near.length > 0) return 'near';
  // What lacks a value cannot run yet, and asking for the value asks for the intent as well: halfway to the line is enough.
  if (!mayRun(lines, candidate))
    return missing.length > 0 && candidate.confidence >= (lines.read.ask + lines.read.run) / 2
      ? 'incomplete'
      : 'unsure';
  if (unread.length > 0 && candidate.intent.effect !== 'read') return 'unread';
  return missing.length > 0 ? 'incomplete' : 'run';
};

/** Judges what a model chose of the candidates it was offered. */
export const judgeChoice = (
  chosen: Candidate,
  offered: readonly Candidate[],
  lines: Lines,
  draft: (candidate: Candidate, margin: number) => Draft,
): Judgement => {
  const rank = offered.indexOf(chosen);
  const lifted = { intent: chosen.intent, confidence: Math.max(chosen.confidence, liftOf(chosen, rank, lines)) };
  const rival = offered.find((other) => other !== chosen)?.confidence ?? 0;
  const drafted = draft(lifted, Math.max(0, lifted.confidence - rival));
  const others = offered.filter((other) => other !== chosen && mayAsk(lines, other));
  const verdict = verdictOf(drafted, lifted, [], lines);
  const against = rank > 0 && chosen.intent.effect !== 'read';
  return { draft: drafted, near: [], others, verdict: against && verdict !== 'negated' ? 'unsure' : verdict };
};

/**
 * How far a model's choice lifts the classifier's confidence. What the model says of its own confidence is never asked for.
 * Agreement carries a read over its line, a write only from its ask line on; against the classifier's first a read may
 * run when it was among the best three, and a write is asked back.
 */
const liftOf = ({ intent, confidence }: Candidate, rank: number, lines: Lines): number => {
  const { run, ask } = lines[intent.effect];
  if (intent.effect === 'read') return rank < trustedRank ? run : ask;
  return rank === 0 && confidence >= ask ? run : 0;
};
