import type { Effect } from '../intents/contract.ts';
import type { Pending } from './confirmations.ts';
import type { Addition, Band, Principal, Rate, Reading } from './types.ts';

/** An entry as it lies in the log. The hash of each covers the one before: SHA-256 of `previous hash, newline, body`. */
export interface StoredEntry {
  /** From 1, without gaps. */
  readonly sequence: number;
  /** One JSON object, exactly as it was appended. */
  readonly body: string;
  /** Lower-case hex; the first entry follows 64 zeros. */
  readonly hash: string;
}

export interface AuditStore {
  /**
   * Resolves once the entry is durable; entries appended together share one sync. Rejects where it could not be kept.
   * @param patience `some` where nobody waits for it: it may wait some milliseconds for others; left out, none
   */
  append(body: string, patience?: 'none' | 'some'): Promise<void>;
  /** Entries after `sequence`, oldest first, at most `limit`. */
  read(afterSequence: number, limit: number): Promise<readonly StoredEntry[]>;
  /** The newest entries, oldest first. */
  tail(limit: number): Promise<readonly StoredEntry[]>;
  /** How many appended entries are not yet durable. */
  backlog(): number;
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
   * @returns whether they were added
   */
  reserve(id: string, additions: readonly Addition[], nowMs: number): Promise<boolean>;
  /** Makes what was reserved final, or gives it back. An id that is not known is no fault. */
  settle(id: string, kept: boolean): Promise<void>;
}

/** How often something is asked, in each rate. */
export interface RateStore {
  /** Takes one place. @returns milliseconds to wait where there is none, else 0 */
  take(key: string, rate: Rate, nowMs: number): Promise<number>;
}

/** What the gateway has seen of a caller. It narrows what policies permit, and grants nothing. */
export interface Reputation {
  bandOf(principal: Principal, effect: Effect, nowMs: number): Band;
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
  /** Why the store cannot be written, or undefined. */
  fault(): string | undefined;
  close(): Promise<void>;
}
