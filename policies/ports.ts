import type { Effect } from '../intents/contract.ts';
import type { Pending } from './confirmations.ts';
import type { Score, Seen } from './reputation/score.ts';
import type { Addition, Band, Principal, Rate, Reading } from './types.ts';

/** An entry as it lies in the log. The hash of each covers the one before: SHA-256 of `previous hash, newline, body`. */
export interface StoredEntry {
  /** Rises with every entry of the store; from 1, without gaps, where one chain holds all of them. */
  readonly sequence: number;
  /** One JSON object, exactly as it was appended. */
  readonly body: string;
  /** Lower-case hex; the first entry of a writer follows 64 zeros. */
  readonly hash: string;
  /** Whose chain it is in, where several write one store; left out, there is one chain. */
  readonly writer?: string;
}

/** What changes in the same step as an entry: all of it is durable, or nothing. */
export interface Beside {
  /** A write that is about to be done. */
  readonly opens?: OpenWrite;
  /** Id of the request whose write is settled by this entry. One that is not open is no fault. */
  readonly closes?: string;
  /**
   * What became of the request that holds a key: an answer to be given again until then, or none, and the key is free.
   * A key that another request holds by now stays as it is.
   */
  readonly claim?: {
    readonly id: string;
    readonly request: string;
    readonly answer?: { readonly text: string; readonly expiresMs: number };
  };
}

export interface AuditStore {
  /**
   * Resolves once the entry is durable; entries appended together share one sync. Rejects where it could not be kept.
   * @param patience `some` where nobody waits for it: it may wait some milliseconds for others; left out, none
   */
  append(body: string, patience?: 'none' | 'some', beside?: Beside): Promise<void>;
  /** Entries after `sequence`, oldest first, at most `limit`. */
  read(afterSequence: number, limit: number): Promise<readonly StoredEntry[]>;
  /** The newest entries, oldest first. */
  tail(limit: number): Promise<readonly StoredEntry[]>;
  /**
   * Forgets the entries up to and with this one; the rest of the log stays as it is. Nothing else ever takes one away.
   * @returns how many there were
   */
  cut(throughSequence: number): Promise<number>;
  /** How many appended entries are not yet durable. */
  backlog(): number;
}

/** A write that the backend may have heard of, and whose outcome is not recorded. */
export interface OpenWrite {
  /** Id of the request; the backend has it as the key of the write. */
  readonly request: string;
  /** One JSON object: what it takes to find out what became of it. */
  readonly body: string;
  /** Until then somebody may be at it; from then on it is in doubt. */
  readonly untilMs: number;
}

export interface WriteStore {
  /** What is open, the oldest first, at most `limit`. */
  open(limit: number): Promise<readonly OpenWrite[]>;
  /** One of them, or undefined. */
  find(request: string): Promise<OpenWrite | undefined>;
  /**
   * Takes one on that is in doubt, until a later time. Who took it on gives it back with that time as its `nowMs`.
   * @returns true for exactly one caller, however many try
   */
  take(request: string, nowMs: number, untilMs: number): Promise<boolean>;
}

/** A request that wants to be the only one by its key. */
export interface Claim {
  /** Of the key, and of whoever sent it: a hash, so that the key itself is not kept. */
  readonly id: string;
  /** Of all that was asked. */
  readonly fingerprint: string;
  readonly request: string;
  /** Until then the request may be under way. */
  readonly untilMs: number;
}

/** The request that has a key already. */
export interface Claimed {
  readonly fingerprint: string;
  readonly request: string;
  readonly untilMs: number;
  /** Left out while there is none. */
  readonly answer?: string;
}

export interface ClaimStore {
  /**
   * Claims a key, unless another request has it: one that is under way, whose write is open, or whose answer has not
   * expired. What is claimed is durable before anything that is appended later.
   * @returns the other request, or undefined for exactly one caller, however many try
   */
  claim(claim: Claim, nowMs: number): Promise<Claimed | undefined>;
}

export interface ConfirmationStore {
  put(pending: Pending): Promise<void>;
  get(id: string): Promise<Pending | undefined>;
  /** Those that are neither used nor expired, of a tenant; at most `limit`, the oldest first. */
  pending(tenant: string, nowMs: number, limit: number): Promise<readonly Pending[]>;
  /** Puts one in place of another. @returns false where it is no longer what it was, or used up */
  replace(before: Pending, after: Pending): Promise<boolean>;
  /** @returns true for exactly one caller, however many try: the confirmation is used up */
  consume(id: string): Promise<boolean>;
}

/** Totals over sliding windows. What is reserved counts at once, and leaves its window when its time is over. */
export interface TotalStore {
  /** What each holds now, in their order. Rejects where it cannot be told: whoever asked takes it for unknown. */
  totals(readings: readonly Reading[], nowMs: number): Promise<readonly number[]>;
  /**
   * Adds all of them in one step, or none: each only where it rises to its `atMost` at the most.
   * @param id of the request, unique; what is under it can be given back
   * @param next `recorded`: nothing comes of it before an entry is appended to the log, which makes it durable along with
   * itself; left out, it is durable when this resolves
   * @returns whether they were added
   */
  reserve(id: string, additions: readonly Addition[], nowMs: number, next?: 'recorded'): Promise<boolean>;
  /** Makes what was reserved final, or gives it back. An id that is not known is no fault. */
  settle(id: string, kept: boolean): Promise<void>;
}

/** How often something is asked, in each rate. */
export interface RateStore {
  /** Takes one place, where there is one. */
  take(key: string, rate: Rate, nowMs: number): Promise<Taken>;
}
export interface Taken {
  /** Milliseconds until there is a place; 0 where one was taken. */
  readonly waitMs: number;
  /** Milliseconds until all places are free. */
  readonly fullMs: number;
}

/** What the gateway has seen of a caller. It narrows what policies permit, and grants nothing. */
export interface Reputation {
  /** `unknown` where no scores are kept. */
  bandOf(principal: Principal, effect: Effect, nowMs: number): Band | 'unknown';
  /** The same with the score behind it, for whoever it is about; no score: nothing was seen yet. */
  standingOf(principal: Principal, effect: Effect, nowMs: number): Standing;
  /**
   * Takes note of what was seen of somebody.
   * @param request in which it was seen
   * @returns whose bands it changed
   */
  observe(who: Whom, seen: Seen, effect: Effect, request: string, nowMs: number): readonly BandChange[];
}
export type Whom = Pick<Principal, 'tenant' | 'type' | 'id' | 'token'>;
export interface Standing {
  readonly band: Band | 'unknown';
  readonly score: Score | undefined;
}
export interface BandChange {
  /** A subject, or the key that a token was handed to. */
  readonly who: string;
  readonly effect: Effect;
  readonly from: Band;
  readonly to: Band;
}

/**
 * Where scores lie. They are asked for in the middle of a decision, so they are in memory; a store that outlives the
 * process restores them when it opens, and takes a snapshot from time to time: losing the last minutes loses little.
 */
export interface ReputationStore {
  get(key: string): Score | undefined;
  put(key: string, score: Score): void;
  /** Every score by its key, as JSON can hold it. */
  snapshot(): readonly (readonly [key: string, score: Score])[];
  /** Those that were put since it was last asked. */
  changed(): readonly (readonly [key: string, score: Score])[];
  /** Takes these in place of what is there. */
  restore(scores: readonly (readonly [key: string, score: Score])[]): void;
}

/** A score as it lies in a store. */
export interface KeptScore {
  readonly key: string;
  readonly score: Score;
  /** Rises with each change; 0: there is none yet. */
  readonly version: number;
}

/** Where scores outlive a process, and meet those of other replicas. */
export interface ScoreKeeper {
  /** The newest, at most so many. */
  load(limit: number): Promise<readonly KeptScore[]>;
  /**
   * Puts each in place of the version that it names, as the next one.
   * @param forgetBeforeMs what was last seen before goes
   * @returns what stands in place of those that another process had changed
   */
  save(scores: readonly KeptScore[], forgetBeforeMs: number): Promise<readonly KeptScore[]>;
}

/** What a gateway makes up once, for all its replicas and over restarts. */
export interface SecretStore {
  /** Keeps it, where there is none by this name. @returns the one that is kept */
  keep(name: string, value: string): Promise<string>;
}

/** What is revoked before its time: links of capability tokens and keys, by the ids that `policies/tokens` gives them. */
export interface RevocationStore {
  /** Resolves once it holds. @param untilMs from then on it may be forgotten: nothing by this id is valid any more */
  revoke(id: string, untilMs: number): Promise<void>;
  /** Whether any of them is. Throws or rejects where it cannot be told: whoever asked takes them for revoked. */
  revoked(ids: readonly string[], nowMs: number): boolean | Promise<boolean>;
}

/** Proofs of possession that were seen, so that none is taken twice. */
export interface ReplayStore {
  /**
   * @param holder whose proof it is; one of them alone must not be able to use up all the room there is
   * @param untilMs from then on it is too old in any case
   * @returns true for exactly one caller, however many try; throws or rejects where it cannot be told
   */
  take(holder: string, proof: string, untilMs: number, nowMs: number): boolean | Promise<boolean>;
}

/** What one store offers; several needs, one connection. */
export interface Store {
  readonly audit: AuditStore;
  readonly confirmations: ConfirmationStore;
  readonly writes: WriteStore;
  readonly claims: ClaimStore;
  /** Why the store cannot be written, or undefined. */
  fault(): string | undefined;
  close(): Promise<void>;
}
