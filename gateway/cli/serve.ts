import { Command, InvalidArgumentError, Option } from 'commander';
import type { Logger } from 'pino';
import type { Serving } from '../serve.ts';
import { loadSetup, type Setup } from '../setup.ts';
import { loadTelemetry } from '../telemetry/load.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { setupOrExplain } from './check.ts';
import { CommandError, print } from './terminal.ts';

/** `ostiary serve [DIR]` */
export const serveCommand = (): Command =>
  new Command('serve')
    .summary('serve the set-up of a folder')
    .description(
      'Serves the set-up of a folder until it gets SIGINT or SIGTERM; what is under way is answered first. SIGHUP reads ' +
        'the folder again: where nothing is wrong with it, it takes over without a dropped request.',
    )
    .argument('[dir]', 'folder with ostiary.yaml', '.')
    .option('--host <host>', 'address to listen on, instead of the configured one')
    .option('--port <port>', 'port to listen on, instead of the configured one (0: any)', portNumber)
    .addOption(logLevel('info'))
    .addHelpText(
      'after',
      '\nExample:\n  $ npx ostiary check gateway && npx ostiary serve gateway --port 8080\n\nA second SIGINT or SIGTERM stops at once.',
    )
    .action(async (dir: string, options: { host?: string; port?: number; log: string }) => {
      const setup = await setupOrExplain(dir, process.env);
      const { createLogger, serve } = await import('../serve.ts');
      const { log, ...overrides } = options;
      const telemetry = await telemetryOf(setup);
      const logger = createLogger(log, telemetry);
      const serving = await serve(setup, overrides, logger, telemetry).catch(couldNotServe);
      process.on('SIGHUP', () => void reload(dir, serving, logger, telemetry));
      const grpc = serving.grpc === undefined ? '' : `, and by gRPC at ${serving.grpc}`;
      print(`Ostiary serves ${setup.catalogue.intents.length} intents at ${serving.url}${grpc}. Ctrl-C stops it.`);
      if (telemetry.prometheus !== undefined) print(`Prometheus finds metrics at ${telemetry.prometheus}.`);
      await untilStopped();
      await serving.close();
      // An exporter may still wait for a collector that does not answer.
      setTimeout(() => process.exit(), lingerMs).unref();
    });

const lingerMs = 500;

/** As the set-up and the environment want it. */
export const telemetryOf = ({ config }: Pick<Setup, 'config'>): Promise<Telemetry> =>
  loadTelemetry(config.telemetry, process.env).catch((error: unknown) => {
    throw new CommandError((error as Error).message);
  });

/** Reads the folder again; what is wrong is logged, and what serves goes on serving. */
const reload = async (dir: string, serving: Serving, logger: Logger, { meters }: Telemetry): Promise<void> => {
  let taken = false;
  try {
    const { setup, findings } = await loadSetup(dir, process.env);
    if (setup === undefined) {
      const errors = findings.filter(({ severity }) => severity === 'error');
      logger.error({ errors }, `the folder was read again and not taken over: ${errors.length} errors`);
      return;
    }
    await serving.reload(setup);
    taken = true;
    logger.info({ intents: setup.catalogue.intents.length }, 'the folder was read again and taken over');
  } catch (error) {
    logger.error({ cause: (error as Error).message }, 'the folder was read again and not taken over');
  } finally {
    meters?.reloaded(taken);
  }
};

/** How much is logged. */
export const logLevel = (level: string): Option =>
  new Option('--log <level>', 'how much is logged, as JSON lines on stderr')
    .choices(['fatal', 'error', 'warn', 'info', 'debug', 'silent'])
    .default(level);

export const portNumber = (text: string): number => {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('a port is a number from 0 to 65535');
  return port;
};

/** Says what a person can do about it. */
export const couldNotServe = (error: unknown): Serving => {
  const { code, port, message } = error as Error & { code?: string; port?: number };
  if (code === 'EADDRINUSE')
    throw new CommandError(`Port ${port} is taken. Choose another: --port 0 takes any that is free.`);
  throw new CommandError(`The gateway could not start: ${message}`);
};

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
export const untilStopped = (): Promise<void> =>
  new Promise((resolve) => {
    const stop = () => {
      process.once('SIGINT', () => process.exit(130));
      process.once('SIGTERM', () => process.exit(143));
      resolve();
    };
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  });
