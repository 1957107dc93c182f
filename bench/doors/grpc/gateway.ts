// The whole road: authenticate, validate, authorize, call, shape, record.
import { fileURLToPath } from 'node:url';
import { createLogger, serve } from '../../../gateway/serve.ts';
import { loadSetup } from '../../../gateway/setup.ts';

const { setup, findings } = await loadSetup(fileURLToPath(new URL('./setup', import.meta.url)), process.env);
if (setup === undefined) throw new Error(JSON.stringify(findings));
const { url, grpc } = await serve(setup, {}, createLogger('error'));
process.send?.({ url: `${url}/v1/intents/orders.get`, grpc });

// Ends with the run that started it.
process.once('disconnect', () => process.exit());
