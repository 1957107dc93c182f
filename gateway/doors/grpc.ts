import { once } from 'node:events';
import type { Writable } from 'node:stream';
import {
  type handleBidiStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  ServerCredentials,
} from '@grpc/grpc-js';
import { OstiaryError } from '../../intents/problems.ts';
import type { Gate } from '../gate.ts';
import { attend, type Bases, type GrpcCaller, type Room } from './grpc-call.ts';
import { healthCheck, healthWatch } from './grpc-health.ts';
import { askWithProgress, intentsMethod } from './grpc-intents.ts';
import { projectionOf } from './grpc-projection.ts';
import { reflect } from './grpc-reflection.ts';
import { callNothing, callTyped, streamTyped } from './grpc-typed.ts';

export interface GrpcDoor {
  /** `127.0.0.1:50051` */
  readonly address: string;
  /** Answers what is under way, until the deadline of requests at most. */
  close(): Promise<void>;
}

/** Certificates and key in PEM. */
export interface GrpcTls {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly clientCa: Buffer | undefined;
}

type Unary = (bytes: Buffer, caller: GrpcCaller) => Promise<Buffer>;
/**
 * @param send false where there is no room for more
 * @param drained resolves when there is some again, or the caller is gone
 */
type Streaming = (
  bytes: Buffer,
  caller: GrpcCaller,
  send: (bytes: Buffer) => boolean,
  drained: () => Promise<void>,
) => Promise<void>;
type Handler = {
  readonly path: string;
  readonly serialize: (bytes: Buffer) => Buffer;
  readonly deserialize: (bytes: Buffer) => Buffer;
} & (
  | { readonly type: 'unary'; readonly func: handleUnaryCall<Buffer, Buffer> }
  | { readonly type: 'serverStream'; readonly func: handleServerStreamingCall<Buffer, Buffer> }
  | { readonly type: 'bidi'; readonly func: handleBidiStreamingCall<Buffer, Buffer> }
);

/** Streams that stay open for as long as their callers want: they must not take the room of calls. */
const maxOpen = 64;
const maxConnectionMs = 3_600_000;

/**
 * The gRPC door: bytes to a request, an outcome to bytes, and no rule in between. Every method is looked up when it is
 * called, so that a reload changes what there is without a new server, and one that is hidden is like one that is not there.
 * @param gate asked for at each call
 * @throws Error where the contracts cannot be projected or the port cannot be had
 */
export const grpcDoor = async (
  gate: () => Gate,
  {
    host,
    port,
    url,
    concurrency,
  }: { readonly host: string; readonly port: number; readonly url?: string | undefined; readonly concurrency: number },
  tls: GrpcTls | undefined,
  stopping: () => boolean = () => false,
): Promise<GrpcDoor> => {
  const { limits } = gate().config;
  projectionOf(gate());
  const [calls, streams]: [Room, Room] = [
    { limit: concurrency, active: 0 },
    { limit: maxOpen, active: 0 },
  ];
  let bases: Bases = [];
  const closing = new AbortController();
  const draining = () => closing.signal.aborted || stopping();
  const sized = (bytes: Buffer): Buffer => {
    if (bytes.length <= limits.body) return bytes;
    throw new OstiaryError('request.too_large', 'The message is larger than this gateway takes.');
  };

  const unary = (path: string, answer: Unary, room = calls): Handler => ({
    ...asBytes(path),
    type: 'unary',
    func: (call, reply) =>
      void attend(
        call,
        gate(),
        { room, bases },
        async (caller) => reply(null, await answer(sized(call.request), caller), caller.trailer),
        (error) => reply(error),
      ),
  });
  const streaming = (path: string, answer: Streaming, open?: AbortSignal): Handler => ({
    ...asBytes(path),
    type: 'serverStream',
    func: (call) =>
      void attend(
        call,
        gate(),
        { room: open === undefined ? calls : streams, open, bases },
        async (caller) => {
          const send = (bytes: Buffer) => !call.destroyed && call.write(bytes);
          await answer(sized(call.request), caller, send, () => drained(call, caller.signal));
          call.end();
        },
        (error) => call.emit('error', error),
      ),
  });
  const reflection = (version: 'v1' | 'v1alpha'): Handler => ({
    ...asBytes(`/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`),
    type: 'bidi',
    func: (call) =>
      void attend(
        call,
        gate(),
        { room: streams, open: closing.signal, bases },
        async (caller) => {
          caller.signal.addEventListener('abort', () => call.end(), { once: true });
          // At its end a stream that is read otherwise would be destroyed, before the status is sent.
          for await (const bytes of call.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
            const answer = await reflect(version, sized(bytes), { ...caller, gate: gate() });
            if (!call.write(answer)) await drained(call, caller.signal);
          }
          call.end();
        },
        (error) => call.emit('error', error),
      ),
  });
  const fixed = new Map(
    [
      ...(['Ask', 'Call', 'Explain', 'List', 'Confirm'] as const).map((name) =>
        unary(`/ostiary.v1.Intents/${name}`, intentsMethod(name)),
      ),
      streaming('/ostiary.v1.Intents/AskWithProgress', askWithProgress),
      unary('/grpc.health.v1.Health/Check', (bytes, caller) => healthCheck(bytes, caller, draining), streams),
      streaming(
        '/grpc.health.v1.Health/Watch',
        (bytes, caller, send) => healthWatch(bytes, caller, send, draining),
        closing.signal,
      ),
      reflection('v1'),
      reflection('v1alpha'),
    ].map((handler) => [handler.path, handler]),
  );
  const handlerOf = (path: string): Handler =>
    fixed.get(path) ??
    (projectionOf(gate()).rpcs.get(path)?.streams
      ? streaming(path, async (bytes, caller, send, room) => {
          const rpc = projectionOf(caller.gate).rpcs.get(path);
          if (rpc === undefined) return callNothing(caller);
          return streamTyped(rpc, bytes, caller, async (item) => {
            if (!send(item)) await room();
          });
        })
      : unary(path, (bytes, caller) => {
          const rpc = projectionOf(caller.gate).rpcs.get(path);
          return rpc === undefined ? callNothing(caller) : callTyped(rpc, bytes, caller);
        }));

  const server = new Server({
    // Twice: what is too large is refused in our words and recorded; what is far too large ends before it is all here.
    'grpc.max_receive_message_length': limits.body * 2,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': concurrency,
    'grpc.enable_channelz': 0,
    // A call that was begun and never sent has no deadline: it ends with its connection, which is not for ever.
    'grpc.max_connection_age_ms': maxConnectionMs,
    'grpc.max_connection_age_grace_ms': limits.deadline + 1_000,
  });
  lookUp(server, handlerOf);
  const bound = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`${host.includes(':') ? `[${host}]` : host}:${port}`, credentialsOf(tls), (error, chosen) =>
      error === null ? resolve(chosen) : reject(portError(error, port)),
    ),
  );
  bases = url === undefined ? basesOf(host, bound, tls !== undefined) : [url];
  return {
    address: `${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        closing.abort();
        const late = setTimeout(() => server.forceShutdown(), limits.deadline + 1_000);
        server.tryShutdown(() => {
          clearTimeout(late);
          resolve();
        });
      }),
  };
};

/** What a call says of its own host is not asked. */
const basesOf = (host: string, port: number, secure: boolean): Bases =>
  [host.includes(':') ? `[${host}]` : host, ...(host === '127.0.0.1' || host === '::1' ? ['localhost'] : [])].map(
    (name) => `http${secure ? 's' : ''}://${name}:${port}`,
  );

/** Resolves when a stream has room again; at once where nobody reads it any more. */
const drained = (stream: Writable, signal: AbortSignal): Promise<void> =>
  once(stream, 'drain', { signal }).then(
    () => {},
    () => {},
  );

const asBytes = (path: string) => ({ path, serialize: same, deserialize: same });
const same = (bytes: Buffer): Buffer => bytes;

const credentialsOf = (tls: GrpcTls | undefined): ServerCredentials =>
  tls === undefined
    ? ServerCredentials.createInsecure()
    : ServerCredentials.createSsl(
        tls.clientCa ?? null,
        [{ private_key: tls.key, cert_chain: tls.cert }],
        tls.clientCa !== undefined,
      );

/** grpc-js has no door for methods that were not registered by name; this is where it looks them up. */
const lookUp = (server: Server, handlerOf: (path: string) => Handler): void => {
  const inner = server as unknown as { _retrieveHandler?: (path: string) => Handler };
  if (typeof inner._retrieveHandler !== 'function')
    throw new Error('This version of @grpc/grpc-js looks methods up in another way; the gRPC door needs 1.14.');
  inner._retrieveHandler = handlerOf;
};

/** What the command line knows a taken port by. */
const portError = (error: Error, port: number): Error =>
  /EADDRINUSE/.test(error.message) ? Object.assign(error, { code: 'EADDRINUSE', port }) : error;
