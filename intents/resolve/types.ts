import type { Intent, Provenance } from '../contract.ts';
import type { Input } from '../json.ts';

/** One intent the words may mean. */
export interface Candidate {
  readonly intent: Intent;
  /** In [0, 1]. */
  readonly confidence: number;
}

/** All that the cascade asks of a classifier. */
export interface Classifier {
  /**
   * @param limit at most so many candidates, best first
   * @returns confidences over the whole catalogue; they need not sum to 1
   */
  classify(text: string, limit: number): readonly Candidate[];
}

/** A value read from the words. */
export interface Slot {
  /** JSON pointer into the input. */
  readonly pointer: string;
  readonly provenance: Provenance;
  /** Where in the text, for provenance `user`: `text.slice(start, end)`. */
  readonly span: { readonly start: number; readonly end: number } | undefined;
}

export type Tier = 'direct' | 'example' | 'builtin' | 'encoder' | 'model';

/** What resolving yields. It grants nothing. */
export interface Proposal {
  readonly intent: Intent;
  /** Not yet validated, defaults not yet filled in. */
  readonly input: Input;
  readonly confidence: number;
  /** Distance in confidence to the next candidate; 1 where there is none. */
  readonly margin: number;
  readonly tier: Tier;
  readonly slots: readonly Slot[];
}

/** One of several requests in one text. */
export interface RequestPart {
  readonly text: string;
  readonly candidates: readonly Candidate[];
}

/** How words were understood. */
export type Resolution =
  | {
      readonly kind: 'proposal';
      readonly proposal: Proposal;
      readonly candidates: readonly Candidate[];
      readonly notes: readonly string[];
    }
  /** Two or three intents are near; the caller must choose. */
  | {
      readonly kind: 'ask';
      readonly why: 'near' | 'unsure' | 'negated';
      readonly candidates: readonly Candidate[];
      readonly best: Proposal | undefined;
      readonly notes: readonly string[];
    }
  /** The words hold several requests; each part with what it may mean. None is run by half. */
  | {
      readonly kind: 'several';
      readonly parts: readonly RequestPart[];
      readonly candidates: readonly Candidate[];
      readonly notes: readonly string[];
    }
  | { readonly kind: 'out-of-scope'; readonly candidates: readonly Candidate[]; readonly notes: readonly string[] };
