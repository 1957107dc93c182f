// The whole road in front of a REST and a gRPC backend, with a language model for words.
import { fileURLToPath } from 'node:url';
import { createLogger, serve } from '../../../gateway/serve.ts';
import { loadSetup } from '../../../gateway/setup.ts';

const { setup, findings } = await loadSetup(fileURLToPath(new URL('./setup', import.meta.url)), process.env);
if (setup === undefined) throw new Error(JSON.stringify(findings));
const { url } = await serve(setup, {}, createLogger('error'));
process.send?.({ url });

// Ends with the run that started it.
process.once('disconnect', () => process.exit());
