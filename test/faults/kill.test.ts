import { killContract } from './kill-contract.ts';

killContract('sqlite', async () => ({ url: 'file:./data', remove: async () => {} }));
