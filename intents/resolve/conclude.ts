import type { Intent } from '../contract.ts';
import type { Draft } from './draft.ts';
import type { Judgement } from './judge.ts';
import type { KnownExample } from './known-example.ts';
import type { Candidate, Resolution } from './types.ts';

/** Says what follows of a judgement; names nothing that is hidden. */
export const toResolution = (
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

/** A text that is an example word for word is sure, unless it is one of two intents. */
export const fromExamples = (
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
