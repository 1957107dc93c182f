import { memoryReplays } from '../adapters/keys/memory-replays.ts';
import { memoryRevocations } from '../adapters/keys/memory-revocations.ts';
import { memoryRates } from '../adapters/stores/memory-rates.ts';
import { memoryTotals } from '../adapters/stores/memory-totals.ts';
import { postgresStore } from '../adapters/stores/postgres.ts';
import { connectPostgres } from '../adapters/stores/postgres-connection.ts';
import { postgresReplays, postgresRevocations, postgresTotals } from '../adapters/stores/postgres-counters.ts';
import { redisRates } from '../adapters/stores/redis-rates.ts';
import { sqliteStore } from '../adapters/stores/sqlite.ts';
import type { RateStore, ReplayStore, RevocationStore, Store, TotalStore } from '../policies/ports.ts';
import type { Config } from './config-document.ts';
import type { Gate } from './gate.ts';
import { pathIn } from './paths.ts';

/** What outlives a request, and with PostgreSQL and Redis a process, for every replica. */
export interface Stores {
  /** Closed, it closes all of them. */
  readonly store: Store;
  readonly totals: TotalStore;
  readonly rates: RateStore;
  readonly revocations: RevocationStore;
  readonly replays: ReplayStore;
}
interface Kept {
  readonly config: Pick<Config, 'store' | 'hot'>;
  readonly folder: string;
}

/**
 * Opens the stores that a set-up names: embedded, totals, revocations and proofs are this process's alone; in PostgreSQL
 * they are shared by all replicas. Rates are shared where there is a Redis.
 * @throws Error that says which of them cannot be opened, and why
 */
export const openStores = async ({ config, folder }: Kept, log: Gate['log']): Promise<Stores> => {
  const rates = config.hot === undefined ? undefined : await redisRates(config.hot.url, log);
  const closing = (store: Store): Store => ({
    ...store,
    async close() {
      await store.close();
      await rates?.close();
    },
  });
  try {
    if (config.store.url.startsWith('file:'))
      return {
        store: closing(await sqliteStore(pathIn(folder, config.store.url))),
        totals: memoryTotals(),
        rates: rates ?? memoryRates(),
        revocations: memoryRevocations(),
        replays: memoryReplays(),
      };
    const connection = await connectPostgres(config.store.url);
    return {
      store: closing(postgresStore(connection)),
      totals: postgresTotals(connection),
      rates: rates ?? memoryRates(),
      revocations: postgresRevocations(connection),
      replays: postgresReplays(connection),
    };
  } catch (error) {
    await rates?.close();
    throw error;
  }
};

/** The store of a set-up, without a gateway: for the commands that read the log. */
export const openStore = async ({ config, folder }: Kept): Promise<Store> =>
  config.store.url.startsWith('file:')
    ? sqliteStore(pathIn(folder, config.store.url))
    : postgresStore(await connectPostgres(config.store.url));
