import type { Provenance } from '../../contract.ts';
import type { Input } from '../../json.ts';

/** What one request was understood as. Secret values are never in it, nor values that a default fills in again. */
export interface Turn {
  /** `orders.refund@2` */
  readonly intent: string;
  readonly version: string;
  readonly input: Input;
  /** As it was in that turn. */
  readonly provenance: Readonly<Record<string, Provenance>>;
  readonly resolution: { readonly tier: string; readonly confidence: number; readonly margin: number };
  /** Name of the purpose it was asked for. */
  readonly purpose?: string;
  /** It changed the world, or may have: what comes next cannot change it any more. */
  readonly done: boolean;
}

/** Something that was spoken of and can be meant by "it". */
export interface Mention {
  /** Name of its entity in the ontology. */
  readonly entity: string;
  readonly value: string;
  /** What a value taken from here counts as. */
  readonly from: Provenance;
  /** Turns since, 0 for the last one. */
  readonly age: number;
}

/** A value to choose, as a backend names it. */
export interface Option {
  readonly value: string;
  readonly title: string;
}

/** What the caller was asked and has not answered. */
export type PendingQuestion =
  | {
      readonly kind: 'fields';
      /** What is understood so far. */
      readonly turn: Turn;
      /** JSON pointers of what was asked. */
      readonly fields: readonly string[];
      /** Values offered for the one field asked. */
      readonly options: readonly Option[];
    }
  | {
      readonly kind: 'intents';
      /** The words that may mean any of them. */
      readonly text: string;
      readonly given: Input;
      /** Ids and versions, in the order in which they were shown. */
      readonly candidates: readonly { readonly intent: string; readonly version: string }[];
      readonly purpose?: string;
    }
  | { readonly kind: 'parts'; readonly texts: readonly string[] }
  | { readonly kind: 'confirmation'; readonly id: string };

/** A list that the caller was shown, so that "the second one" can be said of it. */
export interface Listed {
  /** Name of its entity in the ontology. */
  readonly entity: string;
  /** Identifiers of the first entries in the order in which they were shown; empty where an entry has none. */
  readonly values: readonly string[];
  /** Of all entries. */
  readonly count: number;
}

/** What is known of a conversation between two requests. */
export interface Conversation {
  readonly last?: Turn;
  /** Newest first. */
  readonly mentions: readonly Mention[];
  /** The last lists that were shown, one of an entity, newest first. */
  readonly listed?: readonly Listed[];
  readonly pending?: PendingQuestion;
}

/** What a value that is brought along from an earlier turn counts as: a guess stays a guess, however often it is repeated. */
export const carried = (from: Provenance): Provenance => (from === 'user' || from === 'input' ? 'session' : from);

/** Provenance of a whole input that is brought along. */
export const allCarried = (provenance: Readonly<Record<string, Provenance>>): Record<string, Provenance> =>
  Object.fromEntries(Object.entries(provenance).map(([pointer, from]) => [pointer, carried(from)]));
