import { afterAll, beforeAll } from 'vitest';
import { connectPostgres } from '../../../adapters/stores/postgres-connection.ts';
import {
  postgresReplays,
  postgresRevocations,
  postgresScores,
  postgresSecrets,
  postgresTotals,
} from '../../../adapters/stores/postgres-counters.ts';
import { countersContract } from '../../support/counters-contract.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.remove());

countersContract('PostgreSQL', async () => {
  const url = await server.database();
  return {
    async open() {
      const connection = await connectPostgres(url);
      return {
        totals: postgresTotals(connection),
        revocations: postgresRevocations(connection),
        replays: postgresReplays(connection),
        scores: postgresScores(connection),
        secrets: postgresSecrets(connection),
        close: connection.close,
      };
    },
    remove: () => server.drop(url),
  };
});
