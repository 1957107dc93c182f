import type { Catalogue } from '../intents/catalogue.ts';
import type { Ran } from '../intents/project/ran.ts';
import type { describedReader } from '../intents/resolve/described.ts';
import type { Learned } from '../intents/resolve/learn/types.ts';
import type { Resolver } from '../intents/resolve/resolve.ts';
import type { Authenticator } from '../policies/credentials.ts';
import type { RateStore, Reputation, Store, TotalStore } from '../policies/ports.ts';
import type { Bundle } from '../policies/types.ts';
import type { Shedder } from './admission/shedder.ts';
import type { Directory } from './authzen-directory.ts';
import type { CompiledCatalogue } from './compile.ts';
import type { Config } from './config-document.ts';
import type { Taggers } from './kept-taggers.ts';
import type { Sessions } from './sessions.ts';
import type { Telemetry } from './telemetry/telemetry.ts';
import type { Tokens } from './tokens.ts';
import type { ModelMemory } from './wire.ts';
import type { Stores } from './wire-stores.ts';

/** What the steps of the road stand on. Built in `wire.ts`, immutable while it serves. */
export interface Gate {
  readonly config: Config;
  readonly catalogue: Catalogue;
  readonly compiled: CompiledCatalogue;
  readonly bundle: Bundle;
  /** Policies on trial: they decide on every request, and nothing comes of it but a record. */
  readonly shadow: Bundle | undefined;
  /** Calls that ran, to be shown in documents. */
  readonly ran?: readonly Ran[];
  readonly authenticator: Authenticator;
  readonly resolver: Resolver;
  /** What the resolver's built-in tier learned, for the next reload. */
  readonly learned: Learned;
  /** What language models have cost and how they fared, likewise. */
  readonly models: ModelMemory;
  /** What it learned of free text, likewise. */
  readonly taggers: Taggers;
  /** Understands words that describe a thing where its identifier is wanted. */
  readonly described: ReturnType<typeof describedReader>;
  /** All that is kept, for the next reload. */
  readonly stores: Stores;
  readonly store: Store;
  readonly totals: TotalStore;
  readonly rates: RateStore;
  readonly reputation: Reputation;
  /** Turns requests away while there is more to do than can be done. */
  readonly shedder: Shedder;
  readonly sessions: Sessions;
  /** Whom and what others may ask about; undefined: nobody may ask. */
  readonly directory: Directory | undefined;
  /** What capability tokens and proofs of possession need. */
  readonly tokens: Tokens;
  /** Spans and measures, where somebody wants them. */
  readonly telemetry: Telemetry;
  /** Of requests: unique over restarts and replicas, in order within one process, not secret. */
  readonly nextId: () => string;
  /** Of confirmations: random and unguessable. */
  readonly newSecretId: () => string;
  /** For what a caller must not see. */
  readonly log: (level: 'info' | 'warn' | 'error', message: string, facts?: Readonly<Record<string, unknown>>) => void;
}
