import { startPostgres } from '../support/postgres.ts';
import { killContract } from './kill-contract.ts';

killContract('postgres', async () => {
  const server = await startPostgres();
  return { url: await server.database(), remove: () => server.remove() };
});
