import type { Intent, Provenance } from '../contract.ts';
import type { Input } from '../json.ts';
import type { Weighed } from './learn/types.ts';

/** One intent the words may mean. */
export interface Candidate {
  readonly intent: Intent;
  /** In [0, 1]. */
  readonly confidence: number;
}

/** One tier that ranks intents: all that the cascade asks of it. */
export interface Classifier {
  readonly tier: Tier;
  /**
   * @param limit at most so many candidates, best first
   * @param given names of the values that came typed, beside the words
   * @returns calibrated confidences: of what is said at 0.9, nine in ten are right
   * @throws Error (rejects) where what it stands on cannot be had now; the cascade goes on without it
   */
  classify(
    text: string,
    limit: number,
    signal: AbortSignal,
    given?: readonly string[],
  ): readonly Candidate[] | Promise<readonly Candidate[]>;
  /** Which words mattered for an intent, in the order of the text. */
  weigh?(text: string, intent: Intent): readonly Weighed[];
}

/** A tier that needs nothing outside the process, and answers at once. */
export interface LocalClassifier extends Classifier {
  classify(text: string, limit: number, signal?: AbortSignal, given?: readonly string[]): readonly Candidate[];
}

/** A tier that was asked, what it took, and what it cost. */
export interface Visit {
  readonly tier: Tier;
  readonly ms: number;
  /** An answer given before, to the same caller. */
  readonly cached?: boolean;
  readonly tokens?: number;
  /** In the currency that the prices of the models are configured in. */
  readonly money?: number;
}

/** How far the understanding of a text is: told as each tier begins, and of a language model as its answer comes in. */
export interface Progress {
  readonly tier: Tier;
  /** So far, about. */
  readonly tokens?: number;
}

/** A value read from the words. */
export interface Slot {
  /** JSON pointer into the input. */
  readonly pointer: string;
  readonly provenance: Provenance;
  /** Where in the text, for provenance `user`: `text.slice(start, end)`. */
  readonly span: { readonly start: number; readonly end: number } | undefined;
}

/** `session`: chosen or answered in a conversation; `direct`: a typed call. */
export type Tier = 'direct' | 'session' | 'example' | 'builtin' | 'encoder' | 'model';

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
  /** A required identifier is missing, and these words describe what it is of. */
  readonly described?: {
    readonly pointer: string;
    readonly words: string;
    /** What the words are where nothing is found by them. */
    readonly otherwise: Resolution;
  };
}

/** One of several requests in one text. */
export interface RequestPart {
  readonly text: string;
  readonly candidates: readonly Candidate[];
}

/** How words were understood, and by which tiers, in the order they were asked. */
export type Resolution = { readonly trail?: readonly Visit[] } & (
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
  | { readonly kind: 'out-of-scope'; readonly candidates: readonly Candidate[]; readonly notes: readonly string[] }
);
