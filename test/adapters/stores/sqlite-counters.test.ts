import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectSqlite } from '../../../adapters/stores/sqlite-connection.ts';
import {
  sqliteReplays,
  sqliteRevocations,
  sqliteScores,
  sqliteSecrets,
  sqliteTotals,
} from '../../../adapters/stores/sqlite-counters.ts';
import { countersContract } from '../../support/counters-contract.ts';

countersContract('sqlite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-counters-'));
  return {
    async open() {
      const connection = await connectSqlite(folder);
      return {
        totals: sqliteTotals(connection),
        revocations: sqliteRevocations(connection, () => 0),
        replays: sqliteReplays(connection),
        scores: sqliteScores(connection),
        secrets: sqliteSecrets(connection),
        close: connection.close,
      };
    },
    remove: async () => rmSync(folder, { recursive: true }),
  };
});
