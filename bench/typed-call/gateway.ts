// The whole road: authenticate, validate, authorize, call, shape, record.
import { fileURLToPath } from 'node:url';
import { createLogger, serve } from '../../gateway/serve.ts';
import { loadSetup } from '../../gateway/setup.ts';
import { loadTelemetry } from '../../gateway/telemetry/load.ts';

const { setup, findings } = await loadSetup(fileURLToPath(new URL('./setup', import.meta.url)), process.env);
if (setup === undefined) throw new Error(JSON.stringify(findings));
const telemetry = await loadTelemetry(setup.config.telemetry, process.env);
const { url } = await serve(setup, {}, createLogger('error', telemetry), telemetry);
process.send?.({ url: `${url}/v1/intents/orders.get` });

// Ends with the run that started it.
process.once('disconnect', () => process.exit());
