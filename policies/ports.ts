import type { Pending } from './confirmations.ts';

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
  /** @returns true for exactly one caller, however many try: the confirmation is used up */
  consume(id: string): Promise<boolean>;
}

/** What one store offers; several needs, one connection. */
export interface Store {
  readonly audit: AuditStore;
  readonly confirmations: ConfirmationStore;
  /** Why the store cannot be written, or undefined. */
  fault(): string | undefined;
  close(): Promise<void>;
}
