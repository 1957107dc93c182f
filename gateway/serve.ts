import { readFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { resolve as resolvePath } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pino, { type Logger } from 'pino';
import { watchLoad } from './admission/watch-load.ts';
import { type GrpcDoor, grpcDoor } from './doors/grpc.ts';
import { projectionOf } from './doors/grpc-projection.ts';
import { httpDoor } from './doors/http.ts';
import type { Gate } from './gate.ts';
import { keep } from './keeping.ts';
import type { Setup } from './setup.ts';
import { noTelemetry, type Telemetry, type Trace } from './telemetry/telemetry.ts';
import { auditKeyOf, type Wired, wire } from './wire.ts';

export interface Serving {
  /** `http://127.0.0.1:8080` */
  readonly url: string;
  /** `127.0.0.1:50051`, where there is a gRPC door. */
  readonly grpc: string | undefined;
  /** Backends that could not be asked, or that do not know what is bound to them. */
  readonly troubles: readonly string[];
  /**
   * Takes over another reading of the same folder, once all of it stands, without a dropped request. Where it listens, its
   * store and its limits of size stay as they were until a restart.
   * @throws Error where the set-up cannot work; what serves goes on serving
   */
  reload(setup: Setup): Promise<void>;
  /**
   * Says at /readyz that it stops, for as long as the configuration wants that to be heard; then takes nothing new,
   * answers what is under way until its deadline, sends what telemetry is still here, and closes the store.
   */
  close(): Promise<void>;
}

/** JSON lines on standard error, without credentials, and with the trace that they belong to. */
export const createLogger = (level: string, { spans, logs }: Telemetry = noTelemetry): Logger => {
  const stderr = pino.destination(2);
  return pino(
    {
      level,
      redact: ['req.headers.authorization', 'req.headers["x-api-key"]', 'headers.authorization'],
      ...(spans && { mixin: () => traced(spans.current()) }),
    },
    logs === undefined
      ? stderr
      : {
          write(line) {
            stderr.write(line);
            logs(line);
          },
        },
  );
};

const traced = (trace: Trace | undefined): object => {
  const known = trace?.span?.spanContext();
  return known === undefined
    ? {}
    : { trace_id: known.traceId, span_id: known.spanId, trace_flags: `0${known.traceFlags & 1}` };
};

/** A collector that is down must not keep a gateway that stops. */
const flushMs = 3_000;

/**
 * Opens the store, connects the backends and listens.
 * @param overrides of what the config says, from the command line
 * @param telemetry is closed with the gateway
 * @throws Error where the store or the port cannot be had, or a backend does not know what is bound to it
 */
export const serve = async (
  setup: Setup,
  overrides: { host?: string; port?: number },
  logger: Logger,
  telemetry: Telemetry = noTelemetry,
): Promise<Serving> => {
  const log: Gate['log'] = (level, message, facts) => logger[level](facts ?? {}, message);
  const auditKey = auditKeyOf(setup);
  telemetry.tell(log);
  let draining = false;
  let wired = await wire(setup, log, undefined, telemetry);
  try {
    const troubles = await wired.probe(AbortSignal.timeout(5_000));
    for (const trouble of troubles) logger.warn(trouble);
    const door = httpDoor(
      () => wired.gate,
      logger,
      () => draining,
    );
    const connections = new Set<Socket>();
    const retiring = new Set<Wired>();
    door.server.on('connection', (socket) => {
      connections.add(socket);
      socket.once('close', () => connections.delete(socket));
    });
    await door.listen({
      host: overrides.host ?? setup.config.listen.host,
      port: overrides.port ?? setup.config.listen.port,
    });
    const grpc = await openGrpc(
      setup,
      () => wired.gate,
      () => draining,
    ).catch(async (error: unknown) => {
      await door.close();
      throw error;
    });
    telemetry.meters?.watch(() => wired.gate);
    const unwatch = watchLoad(wired.gate.shedder);
    const keeping = keep(() => wired.gate, auditKey, Date.now);
    const { address, port, family } = door.server.address() as AddressInfo;
    return {
      url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
      grpc: grpc?.address,
      troubles,
      async reload(next) {
        const old = wired;
        const ready = await wire(next, log, old.gate);
        try {
          if (grpc !== undefined) projectionOf(ready.gate);
        } catch (error) {
          await ready.retire();
          throw error;
        }
        wired = ready;
        // Doors whose clients wait to hear of it.
        door.server.emit('reloaded');
        // Requests under way still call the backends of the gate they started with, until their deadline at most.
        retiring.add(old);
        setTimeout(() => {
          if (retiring.delete(old)) void old.retire();
        }, setup.config.limits.deadline).unref();
      },
      async close() {
        draining = true;
        await wait(setup.config.listen.drain);
        const closed = door.close();
        // Node waits for every connection that it does not know to be idle: those that never sent a byte (browsers open
        // some ahead), and those that are still sending when every request under way has had its deadline.
        for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
        const late = setTimeout(() => door.server.closeAllConnections(), setup.config.limits.deadline + 1_000);
        await Promise.all([closed, grpc?.close()]);
        clearTimeout(late);
        await Promise.all([...retiring].map((old) => old.retire()));
        retiring.clear();
        unwatch();
        await keeping.stop();
        await telemetry.close(flushMs);
        await wired.close();
      },
    };
  } catch (error) {
    await wired.close();
    await telemetry.close(flushMs);
    throw error;
  }
};

/** @returns undefined where the set-up names none */
const openGrpc = async (
  { config, folder }: Setup,
  gate: () => Gate,
  draining: () => boolean,
): Promise<GrpcDoor | undefined> => {
  const { grpc } = config.doors;
  if (grpc === undefined) return undefined;
  const read = (path: string) => readFileSync(resolvePath(folder, path));
  const { tls } = grpc;
  return grpcDoor(
    gate,
    grpc,
    tls && {
      cert: read(tls.cert),
      key: read(tls.key),
      clientCa: tls.client_ca === undefined ? undefined : read(tls.client_ca),
    },
    draining,
  );
};
