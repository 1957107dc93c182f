import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteStore } from '../../../adapters/stores/sqlite.ts';
import { storeContract } from '../../support/store-contract.ts';

storeContract('sqlite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-store-'));
  return {
    open: () => sqliteStore(folder),
    remove: async () => rmSync(folder, { recursive: true }),
  };
});
