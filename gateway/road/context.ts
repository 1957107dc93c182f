import type { Deprecation, Intent, Provenance } from '../../intents/contract.ts';
import type { Input, Json, JsonSchema } from '../../intents/json.ts';
import type { CallProgress } from '../../intents/ports.ts';
import type { OstiaryError } from '../../intents/problems.ts';
import type { Conversation, Option } from '../../intents/resolve/conversation/state.ts';
import type { Unanswered } from '../../intents/resolve/conversation/turned.ts';
import type { Candidate, Progress, Visit } from '../../intents/resolve/types.ts';
import type { Pending, ShownValue } from '../../policies/confirmations.ts';
import type { Standing } from '../../policies/ports.ts';
import type { Possession, Presented } from '../../policies/tokens/possession.ts';
import type { Asked, Decision, Principal, Purpose } from '../../policies/types.ts';
import type { CompiledIntent } from '../compile.ts';
import type { Trace } from '../telemetry/telemetry.ts';
import type { Locality } from './locality.ts';

/** A request in words. */
export interface AskRequest {
  readonly kind: 'ask';
  readonly text: string;
  /** Typed values beside the words. */
  readonly given: Input;
  /** What the answer to an earlier ask gave along. */
  readonly session?: string | undefined;
  readonly locality?: Locality;
  /** The caller's clock, for words like "tomorrow"; policies go by the gateway's own. */
  readonly now?: Date | undefined;
}

/** What a door has parsed, before anything is believed. */
export interface Request {
  readonly id: string;
  /** Id of the request that this one was made for. */
  readonly parent?: string;
  /** The gateway made it to understand the words of the other: it is not what the caller asked. */
  readonly lookup?: true;
  readonly door: string;
  /** Its door has seen to it that there is time for it. */
  readonly letIn?: true;
  /** Where it stands in a trace, where its caller or this gateway keeps one. */
  readonly trace?: Trace | undefined;
  readonly what:
    | AskRequest
    | { readonly kind: 'typed'; readonly name: string; readonly major: number | undefined; readonly input: Input }
    | { readonly kind: 'confirmation'; readonly id: string; readonly confirm: boolean };
  /** Stop before anything is done, and say what would be. */
  readonly explain: boolean;
  readonly bearer: string | undefined;
  /** A proof of possession that came with it; left out where the door has none. */
  readonly presented?: Presented | undefined;
  readonly purpose: string | undefined;
  readonly ip: string | undefined;
  readonly now: Date;
  /** The caller's own key of this request, as it was written: with it, nothing is done twice. */
  readonly idempotencyKey?: string | undefined;
  /** JSON pointers to the members of the output that are wanted; left out, all of it. */
  readonly fields?: readonly string[] | undefined;
  /** Of what words ask for by name only that is wanted, where they name anything. */
  readonly least?: boolean;
  /** Fires at the deadline and when the caller hangs up. */
  readonly signal: AbortSignal;
  /** That deadline, in milliseconds by `performance.now()`; backends are told what is left of it. */
  readonly until?: number | undefined;
  /** Given the items of a list as they come, where the contract streams it and the door can; resolves when there is room. */
  readonly items?: (item: unknown) => Promise<void>;
  /** Told how far the understanding of words is, where the door can pass it on to a caller that waits. */
  readonly progress?: (so: Progress) => void;
  /** Told how far the backend is, likewise. */
  readonly callProgress?: (so: CallProgress) => void;
}

/** One step of the road, as `explain` and the record show it. */
export interface Mark {
  readonly step: string;
  readonly ms: number;
  /** What the step found, caller-safe. */
  readonly note: () => string;
}

/** A word of the request, and how much it spoke for an intent. */
export interface Telling {
  readonly text: string;
  readonly weight: number;
}

/** The context grows: each step's parameter type says what the steps before it have added. */
export interface Start {
  readonly request: Request;
  /** Where a decision alone was asked for: by whom, and what they were told. */
  readonly evaluation?: {
    readonly asker: { readonly type: string; readonly id: string; readonly credential: string };
    readonly answered: string;
  };
}
export interface Authenticated extends Start {
  readonly principal: Principal;
  readonly purpose: Purpose | undefined;
  /** The key that this request holds, until it ends. */
  readonly claim?: { readonly id: string; readonly request: string };
  /** Where the answer is that of an earlier request with the same key. */
  readonly replayed?: { readonly request: string; readonly at: string; readonly session: string | undefined };
  /** What the caller signed of this very request. */
  readonly possession?: Possession;
  /** What was said before, where the request goes on with a session. */
  readonly conversation?: Conversation;
  /** What the words were in that conversation. */
  readonly turn?: TurnKind;
}
export type TurnKind =
  | 'fresh'
  | 'reference'
  | 'answer'
  | 'choice'
  | 'change'
  | 'confirmation'
  | 'dismissed'
  | 'unanswered';
export interface Resolved extends Authenticated {
  readonly compiled: CompiledIntent;
  /** Where the caller called an earlier major, which that one takes over. */
  readonly forwarded?: {
    readonly from: string;
    readonly deprecated?: Deprecation;
    /** The output that they know, and what makes one of it; left out, they get that of the major that serves them. */
    readonly back?: { readonly output: JsonSchema; readonly make: (output: unknown) => unknown };
  };
  readonly input: Input;
  readonly provenance: Readonly<Record<string, Provenance>>;
  readonly resolution: Asked['resolution'];
  readonly candidates: readonly Candidate[];
  /** What the resolver had to say, caller-safe. */
  readonly notes: readonly string[];
  /** The tiers that were asked, with what each took and cost. */
  readonly trail?: readonly Visit[];
  /** Which words spoke for or against the first candidate; asked for by `explain` alone. */
  readonly telling?: readonly Telling[];
  /** What the caller answers, where this request is the answer to a confirmation. */
  readonly pending: Pending | undefined;
  /** What was seen of the caller; asked for by `explain` alone. */
  readonly standing?: Standing;
  /** The words the values were read from, and where these stand in them. */
  readonly spoken?: {
    readonly text: string;
    readonly spans: readonly { readonly start: number; readonly end: number }[];
  };
  /** Words that describe what a member means, where they are not its value. */
  readonly described?: {
    readonly pointer: string;
    readonly words: string;
    /** How the request ends where nothing is found by them; left out, with a question for the member. */
    readonly otherwise?: Ending;
  };
}
export interface Authorized extends Resolved {
  readonly asked: Asked;
  readonly decision: Decision;
  /** What the policies read of it, beyond what is recorded in any case. */
  readonly footprint: Readonly<Record<string, Json>>;
  /** What a policy on trial would have decided. */
  readonly shadowed?: Decision;
}
/** What is left of the rate that a request counts in; also told in a problem, so named as there. */
export interface Rated {
  readonly name: string;
  readonly requests: number;
  readonly per_s: number;
  readonly left: number;
  /** Seconds until all of it is free again; where nothing is left, until the next place is. */
  readonly reset_s: number;
}
export interface Admitted extends Authorized {
  readonly rated?: Rated;
  /** The write is recorded ahead, and open until its outcome is. */
  readonly opened?: boolean;
  readonly release: () => void;
  /** Keeps what was reserved of a total, or gives it back. */
  readonly settle?: (kept: boolean) => void;
}
export interface Called extends Authorized {
  readonly answer: unknown;
}
/** Everything any step may have added, for whoever ends the road. */
export type Anywhere = Start &
  Partial<Authenticated & Resolved & Authorized & Admitted & Called> & {
    /** What the expressions of the binding make of the input; for `explain` alone. */
    readonly prepared?: { readonly input: Input } | { readonly refused: string };
  };

/** A field the caller is asked for. */
export interface Question {
  readonly pointer: string;
  readonly title: string;
  readonly detail: string;
  /** So that a client can draw the right control. */
  readonly schema: Json;
}

/** One of several requests that stood in one text, with the intents it may mean. */
export interface Part {
  readonly text: string;
  readonly candidates: readonly Intent[];
}

/** How a request ends. */
export type Outcome =
  | { readonly kind: 'completed'; readonly output: unknown }
  | {
      readonly kind: 'clarify';
      /** Why words in a conversation were no answer. */
      readonly reason?: Unanswered;
      readonly question: string;
      /** The intent whose fields are asked for; undefined: the intent itself is the question. */
      readonly intent: Intent | undefined;
      readonly fields: readonly Question[];
      readonly candidates: readonly Intent[];
      /** The words held several requests: each is to be asked for by itself, and nothing was run by half. */
      readonly parts?: readonly Part[];
      /** Values that a backend knows, to choose from for the one field. */
      readonly options?: readonly Option[];
      /** What is already known, to be sent back with the answer; never a value that a model made up. */
      readonly known: Input;
    }
  | {
      readonly kind: 'confirm';
      readonly pending: Pending;
      readonly text: string;
      readonly values: readonly ShownValue[];
    }
  /** Another person said yes; whoever asked can go on. */
  | { readonly kind: 'approved' }
  | { readonly kind: 'declined' }
  | { readonly kind: 'denied'; readonly error: OstiaryError }
  | { readonly kind: 'out_of_scope'; readonly suggestions: readonly Intent[] }
  | { readonly kind: 'explained' }
  | { readonly kind: 'failed'; readonly error: OstiaryError; readonly log?: string }
  /** The backend may have acted. */
  | { readonly kind: 'unknown'; readonly error: OstiaryError; readonly log?: string };

/** What a step gives back to end the road, with what it found out where that is more than it was handed. */
export interface Ending {
  readonly outcome: Outcome;
  readonly context?: Anywhere;
}

/** What leaves the road: the outcome, and what was known when it ended. */
export interface Ended {
  readonly outcome: Outcome;
  readonly context: Anywhere;
  readonly road: readonly Mark[];
  /** For the caller to send along with the next ask. */
  readonly session?: string;
}
