import type { Intent } from '../contract.ts';
import type { Input, JsonSchema } from '../json.ts';
import type { Model, ModelAnswer } from '../ports.ts';
import { type Draft, draftOf, type Filling } from './draft.ts';
import { exactKey, examplesByWords, type KnownExample, readExample } from './known-example.ts';
import { defaultLines, type Lines, mayAsk, mayRun, nearTo } from './lines.ts';
import { checkAnswer, toModelCandidate } from './model-answer.ts';
import { newestMajors } from './newest.ts';
import { compileSlotReader, type SlotReader } from './slots/read.ts';
import type { Candidate, Classifier, Resolution, Tier } from './types.ts';

export { defaultLines, type Lines };

export interface ResolverOptions {
  readonly intents: readonly Intent[];
  readonly classifier: Classifier;
  /** Looks through `$ref` of the shared schemas. */
  readonly resolveRef: (schema: JsonSchema) => JsonSchema;
  /** Left out, the classifier alone decides. */
  readonly model?: Model;
  readonly lines: Lines;
  /** How many candidates a model is shown, and at most are answered. */
  readonly topCandidates: number;
}

export interface ResolveContext {
  readonly now: Date;
  /** Whether the caller may know of an intent. What is hidden is ranked, but never named to the caller or to a model. */
  readonly visible: (intent: Intent) => boolean;
  readonly signal: AbortSignal;
  /** Typed values beside the words. */
  readonly given?: Input;
}

export interface Resolver {
  /** Never rejects for a model that fails; the classifier's answer stands then. */
  resolve(text: string, context: ResolveContext): Promise<Resolution>;
}

/** Only a chosen candidate this high in the classifier's own order may run a read against the classifier's first. */
const trustedRank = 3;

/** The cascade: an example word for word, the classifier, a language model where these are not sure, else a question back. */
export const createResolver = (options: ResolverOptions): Resolver => {
  const { classifier, resolveRef, model, lines, topCandidates } = options;
  const intents = newestMajors(options.intents);
  const known = new Set(intents);
  const examples = examplesByWords(intents);
  const readers = new Map<Intent, SlotReader>();
  const readerOf = (intent: Intent): SlotReader => {
    const reader = readers.get(intent) ?? compileSlotReader(intent, resolveRef);
    readers.set(intent, reader);
    return reader;
  };

  return {
    async resolve(text, context) {
      const { now, visible, given = {} } = context;
      const draft = ({ intent, confidence }: Candidate, margin: number, tier: Tier, filling?: Filling): Draft =>
        draftOf({
          intent,
          confidence,
          margin,
          tier,
          text,
          reader: readerOf(intent),
          now,
          given,
          ...(filling && { filling }),
        });

      if (exactKey(text) === '') return { kind: 'out-of-scope', candidates: [], notes: ['words: there are none'] };
      const exact = examples.get(exactKey(text)) ?? [];
      if (exact.length > 0)
        return fromExamples(exact, visible, (one) => {
          const filling = readExample(one, text, readerOf(one.intent), now);
          return draft({ intent: one.intent, confidence: 1 }, 1, 'example', filling);
        });

      const ranked = classifier.classify(text, intents.length).filter(({ intent }) => known.has(intent));
      const shown = firstVisible(ranked, visible, topCandidates);
      const [best] = ranked;
      // What is asked for exists, but not for this caller: bending it into the next best thing would be a guess.
      if (best !== undefined && best.intent !== shown[0]?.intent && mayAsk(lines, best))
        return { kind: 'out-of-scope', candidates: shown, notes: ['classifier: nothing that can be asked is near'] };

      const local = judge(ranked, shown, lines, draft);
      const settled =
        local?.verdict === 'run' || local?.verdict === 'negated' || local?.near.some(({ intent }) => !visible(intent));
      if (model === undefined || settled === true) return toResolution(local, shown, visible, []);

      const offered =
        shown.length > 0
          ? shown
          : firstVisible(
              intents.map((intent) => ({ intent, confidence: 0 })),
              visible,
              topCandidates,
            );
      if (offered.length === 0) return toResolution(local, shown, visible, []);
      const answer = await ask(model, text, offered, resolveRef, context);
      if (!answer.ok) return toResolution(local, shown, visible, [`model: ${answer.detail.slice(0, 120)}`]);
      const chosen = offered.find(({ intent }) => intent.id === answer.intent);
      if (chosen === undefined)
        return toResolution(local, shown, visible, [
          answer.intent === null ? 'model: none of the candidates' : 'model: chose what it was not offered',
        ]);

      const checked = checkAnswer(chosen.intent, answer.input, text, readerOf(chosen.intent), now);
      const rank = offered.indexOf(chosen);
      const lift = liftOf(chosen, rank, lines);
      const lifted = { intent: chosen.intent, confidence: Math.max(chosen.confidence, lift) };
      const rival = offered.find((other) => other !== chosen)?.confidence ?? 0;
      const drafted = draft(lifted, Math.max(0, lifted.confidence - rival), 'model', checked);
      const against = rank > 0 && chosen.intent.effect !== 'read';
      const others = offered.filter((other) => other !== chosen && mayAsk(lines, other));
      return toResolution(
        {
          draft: drafted,
          near: [],
          others,
          verdict: against && !drafted.negated ? 'unsure' : verdictOf(drafted, lifted, [], lines),
        },
        shown,
        visible,
        ['model: asked', ...checked.notes],
      );
    },
  };
};

type Verdict = 'run' | 'incomplete' | 'near' | 'unsure' | 'negated' | 'unread';

interface Judgement {
  readonly draft: Draft;
  readonly near: readonly Candidate[];
  /** Other candidates worth a question. */
  readonly others: readonly Candidate[];
  readonly verdict: Verdict;
}

/** @returns undefined where nothing reaches its ask line */
const judge = (
  ranked: readonly Candidate[],
  shown: readonly Candidate[],
  lines: Lines,
  draft: (candidate: Candidate, margin: number, tier: Tier) => Draft,
): Judgement | undefined => {
  const [first] = shown;
  if (first === undefined || !mayAsk(lines, first)) return undefined;
  const rival = ranked.find(({ intent }) => intent !== first.intent)?.confidence ?? 0;
  const margin = Math.max(0, first.confidence - rival);
  const drafted = draft(first, margin, 'classifier');
  if (drafted.missing.length > 0) {
    const fuller = fullerRead(first, shown, lines, draft);
    if (fuller !== undefined) return fuller;
  }
  const near = nearTo(first, ranked, lines);
  const others = shown.slice(1).filter((other) => mayAsk(lines, other));
  return { draft: drafted, near, others, verdict: verdictOf(drafted, first, near, lines) };
};

/**
 * "Show cancelled orders" is nearly "show an order", but gives no order: of two near reads the one whose every required value
 * is in the words is meant. Writes are never chosen so.
 */
const fullerRead = (
  first: Candidate,
  shown: readonly Candidate[],
  lines: Lines,
  draft: (candidate: Candidate, margin: number, tier: Tier) => Draft,
): Judgement | undefined => {
  if (first.intent.effect !== 'read') return undefined;
  for (const other of shown.slice(1, trustedRank)) {
    if (other.intent.effect !== 'read' || !mayAsk(lines, other)) continue;
    const swapped = { intent: other.intent, confidence: first.confidence };
    const drafted = draft(swapped, 0, 'classifier');
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
  if (!mayRun(lines, candidate)) return 'unsure';
  if (unread.length > 0 && candidate.intent.effect !== 'read') return 'unread';
  return missing.length > 0 ? 'incomplete' : 'run';
};

const toResolution = (
  judgement: Judgement | undefined,
  shown: readonly Candidate[],
  visible: (intent: Intent) => boolean,
  notes: readonly string[],
): Resolution => {
  if (judgement === undefined) return { kind: 'out-of-scope', candidates: shown, notes };
  const { draft, near, others, verdict } = judgement;
  const { proposal } = draft;
  const own: Candidate = { intent: proposal.intent, confidence: proposal.confidence };
  switch (verdict) {
    case 'run':
    case 'incomplete':
      return {
        kind: 'proposal',
        proposal,
        candidates: [own, ...shown.filter(({ intent }) => intent !== own.intent)],
        notes,
      };
    case 'near': {
      const named = near.filter(({ intent }) => visible(intent)).slice(0, 2);
      return {
        kind: 'ask',
        why: named.length > 0 ? 'near' : 'unsure',
        candidates: [own, ...named],
        best: proposal,
        notes,
      };
    }
    case 'unread':
      return {
        kind: 'ask',
        why: 'unsure',
        candidates: [own],
        best: proposal,
        notes: [...notes, 'words: a value in them fits no field for certain'],
      };
    case 'negated':
      return {
        kind: 'ask',
        why: 'negated',
        candidates: [own],
        best: proposal,
        notes: [...notes, 'words: they deny it, or only ask about it'],
      };
    case 'unsure':
      return { kind: 'ask', why: 'unsure', candidates: [own, ...others].slice(0, 3), best: proposal, notes };
  }
};

const fromExamples = (
  exact: readonly KnownExample[],
  visible: (intent: Intent) => boolean,
  draft: (one: KnownExample) => Draft,
): Resolution => {
  const seen = exact.filter(({ intent }) => visible(intent));
  const candidates = seen.slice(0, 3).map(({ intent }): Candidate => ({ intent, confidence: 1 }));
  const [first] = seen;
  if (first === undefined) return { kind: 'out-of-scope', candidates, notes: [] };
  const { proposal } = draft(first);
  return exact.length === 1
    ? { kind: 'proposal', proposal, candidates, notes: [] }
    : { kind: 'ask', why: seen.length > 1 ? 'near' : 'unsure', candidates, best: undefined, notes: [] };
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

const firstVisible = (
  ranked: readonly Candidate[],
  visible: (intent: Intent) => boolean,
  limit: number,
): Candidate[] => {
  const found: Candidate[] = [];
  for (const candidate of ranked) {
    if (found.length === limit) break;
    if (visible(candidate.intent)) found.push(candidate);
  }
  return found;
};

const ask = async (
  model: Model,
  text: string,
  offered: readonly Candidate[],
  resolveRef: (schema: JsonSchema) => JsonSchema,
  { now, signal }: ResolveContext,
): Promise<ModelAnswer> => {
  const candidates = offered.map(({ intent }) => toModelCandidate(intent, resolveRef));
  try {
    return await model.propose({ text, candidates, now: now.toISOString() }, signal);
  } catch {
    return { ok: false, detail: 'failed' };
  }
};
