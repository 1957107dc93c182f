import { memoryRates } from '../adapters/stores/memory-rates.ts';
import { memoryReputation } from '../adapters/stores/memory-reputation.ts';
import { postgresStore } from '../adapters/stores/postgres.ts';
import { connectPostgres } from '../adapters/stores/postgres-connection.ts';
import {
  postgresReplays,
  postgresRevocations,
  postgresScores,
  postgresSecrets,
  postgresTotals,
} from '../adapters/stores/postgres-counters.ts';
import { redisRates } from '../adapters/stores/redis-rates.ts';
import { sqliteStore, sqliteStoreOn } from '../adapters/stores/sqlite.ts';
import { connectSqlite } from '../adapters/stores/sqlite-connection.ts';
import {
  sqliteReplays,
  sqliteRevocations,
  sqliteScores,
  sqliteSecrets,
  sqliteTotals,
} from '../adapters/stores/sqlite-counters.ts';
import type { RateStore, ReplayStore, RevocationStore, SecretStore, Store, TotalStore } from '../policies/ports.ts';
import type { Config } from './config-document.ts';
import type { Gate } from './gate.ts';
import { type KeptScores, keptScores } from './kept-scores.ts';
import { pathIn } from './paths.ts';

/** What outlives a request, and the process; with PostgreSQL and Redis it is shared by every replica. */
export interface Stores {
  /** Closed, it closes all of them. */
  readonly store: Store;
  readonly totals: TotalStore;
  readonly rates: RateStore;
  readonly revocations: RevocationStore;
  readonly replays: ReplayStore;
  readonly scores: KeptScores;
  readonly secrets: SecretStore;
}
interface Kept {
  readonly config: Pick<Config, 'store' | 'hot'>;
  readonly folder: string;
}

/**
 * Opens the stores that a set-up names: everything but rates in one file, or in PostgreSQL for all replicas. Rates are
 * this process's alone, or shared where there is a Redis.
 * @throws Error that says which of them cannot be opened, and why
 */
export const openStores = async (kept: Kept, log: Gate['log']): Promise<Stores> => {
  const { hot } = kept.config;
  const redis = hot === undefined ? undefined : await redisRates(hot.url, log);
  let lasting: Awaited<ReturnType<typeof openLasting>> | undefined;
  try {
    lasting = await openLasting(kept);
    const { store, scores, ...others } = lasting;
    return {
      ...others,
      scores: await keptScores(memoryReputation(), scores, Date.now),
      rates: redis ?? memoryRates(),
      store: {
        ...store,
        async close() {
          await store.close();
          await redis?.close();
        },
      },
    };
  } catch (error) {
    await lasting?.store.close();
    await redis?.close();
    throw error;
  }
};

const openLasting = async ({ config, folder }: Kept) => {
  if (config.store.url.startsWith('file:')) {
    const connection = await connectSqlite(pathIn(folder, config.store.url));
    return {
      store: sqliteStoreOn(connection),
      totals: sqliteTotals(connection),
      revocations: sqliteRevocations(connection, Date.now),
      replays: sqliteReplays(connection),
      scores: sqliteScores(connection),
      secrets: sqliteSecrets(connection),
    };
  }
  const connection = await connectPostgres(config.store.url);
  return {
    store: postgresStore(connection),
    totals: postgresTotals(connection),
    revocations: postgresRevocations(connection),
    replays: postgresReplays(connection),
    scores: postgresScores(connection),
    secrets: postgresSecrets(connection),
  };
};

/** The store of a set-up, without a gateway: for the commands that read the log. */
export const openStore = async ({ config, folder }: Kept): Promise<Store> =>
  config.store.url.startsWith('file:')
    ? sqliteStore(pathIn(folder, config.store.url))
    : postgresStore(await connectPostgres(config.store.url));
