import { isIP } from 'node:net';
import type { FileRegistry } from '@bufbuild/protobuf';
import {
  type ChannelCredentials,
  Client,
  type ClientUnaryCall,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import type { CallContext, Failure } from '../../intents/ports.ts';
import { failure, logText } from './failure.ts';
import { grpcFailure } from './grpc-status.ts';

export interface GrpcOptions {
  /** How the configuration calls the backend. */
  readonly name: string;
  /** `host:port`, where every address that the name has is called in turn; or several of IP addresses. */
  readonly address: string | readonly string[];
  /** True: with the certificates that this machine trusts. */
  readonly tls: boolean | GrpcClientTls;
  /** Of one call; reflection, before the first, has as long again. */
  readonly timeoutMs: number;
  /** Of one answer. */
  readonly maxBytes: number;
  /** What it offers; left out, it is asked by server reflection. */
  readonly descriptors?: FileRegistry | undefined;
  /** Sent with every call, credentials among them; never shown. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** All in PEM. */
export interface GrpcClientTls {
  /** Who may have signed the certificate of the backend; left out, whom this machine trusts. */
  readonly ca?: Buffer | undefined;
  /** Of this gateway, where the backend asks for it. */
  readonly cert?: Buffer | undefined;
  readonly key?: Buffer | undefined;
  /** The name in the backend's certificate, where it is not the one that is called. */
  readonly serverName?: string | undefined;
}

export interface GrpcClient {
  readonly channel: Client;
  /** As configured. */
  readonly metadata: Metadata;
  /** Never rejects. @param path `/package.Service/Method` */
  unary(path: string, message: Buffer, context: CallContext): Promise<{ ok: true; bytes: Buffer } | Failure>;
  /**
   * Takes the answers of a server that streams, one by one, and reads no further until each is taken.
   * @param take rejects where it ends here; so does this, then
   */
  stream(
    path: string,
    message: Buffer,
    context: CallContext,
    take: (bytes: Buffer) => Promise<void>,
  ): Promise<{ ok: true } | Failure>;
  /** Cuts a text for the log and takes the configured credentials out of it. */
  readonly logText: (text: string) => string;
  close(): void;
}

/** Descriptors come over the same channel and can be larger than any answer; 4 MiB is what gRPC allows by default. */
const descriptorBytes = 4 * 1024 * 1024;

/**
 * A channel to an address, or to several, which take turns.
 * @throws Error on metadata that cannot be sent, or addresses that cannot take turns
 */
export const grpcClient = ({ address, tls, timeoutMs, maxBytes, metadata: configured }: GrpcOptions): GrpcClient => {
  const channel = new Client(targetOf(address), credentialsOf(tls), {
    'grpc.max_receive_message_length': Math.max(maxBytes, descriptorBytes),
    // Whether a call is made again is for the gateway to say, not for a DNS record of the backend.
    'grpc.enable_retries': 0,
    // Nobody asks for its counts, and each call would keep them.
    'grpc.enable_channelz': 0,
    'grpc.service_config_disable_resolution': 1,
    'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
    ...(typeof tls === 'object' && tls.serverName !== undefined
      ? { 'grpc.ssl_target_name_override': tls.serverName, 'grpc.default_authority': tls.serverName }
      : {}),
    // The configured address is the one that is called, whatever the environment says of proxies.
    'grpc.enable_http_proxy': 0,
    // A backend that was restarted is found again soon; the default grows to two minutes.
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 2000,
    // Connections end with the backend that opened them.
    'grpc.use_local_subchannel_pool': 1,
  });
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(configured)) metadata.set(key, value);
  const tooLarge = `The answer has more than ${maxBytes} bytes.`;
  const toLog = logText(Object.values(configured));
  let closed = false;
  return {
    channel,
    metadata,
    logText: toLog,
    close: () => {
      closed = true;
      channel.close();
    },
    unary: (path, message, { signal, leftMs = timeoutMs, headers, answered }) =>
      new Promise((resolve) => {
        const refused = refusal(signal, closed);
        if (refused !== undefined) return resolve(refused);
        const options = { deadline: Date.now() + Math.min(timeoutMs, leftMs) };
        const onAbort = (): void => call.cancel();
        const call: ClientUnaryCall = channel.makeUnaryRequest(
          path,
          asIs,
          asIs,
          message,
          withHeaders(metadata, headers),
          options,
          (error, bytes) => {
            signal.removeEventListener('abort', onAbort);
            answered?.(error?.code ?? 0);
            if (error !== null || bytes === undefined) resolve(grpcFailure(error, toLog));
            else if (bytes.length > maxBytes) resolve(failure('upstream.invalid', 'yes', tooLarge));
            else resolve({ ok: true, bytes });
          },
        );
        signal.addEventListener('abort', onAbort);
      }),
    async stream(path, message, { signal, leftMs = timeoutMs, headers, answered }, take) {
      const refused = refusal(signal, closed);
      if (refused !== undefined) return refused;
      const options = { deadline: Date.now() + Math.min(timeoutMs, leftMs) };
      const call = channel.makeServerStreamRequest(path, asIs, asIs, message, withHeaders(metadata, headers), options);
      const onAbort = (): void => call.cancel();
      signal.addEventListener('abort', onAbort);
      // The iterator reports errors while it is read; this takes those that come after.
      call.on('error', () => {});
      let taking = false;
      try {
        for await (const bytes of call as AsyncIterable<Buffer>) {
          if (bytes.length > maxBytes) return failure('upstream.invalid', 'yes', tooLarge);
          taking = true;
          await take(bytes);
          taking = false;
        }
        answered?.(0);
        return { ok: true };
      } catch (error) {
        if (taking) throw error;
        answered?.((error as ServiceError).code ?? 2);
        return grpcFailure(error as ServiceError, toLog);
      } finally {
        signal.removeEventListener('abort', onAbort);
        call.cancel();
      }
    },
  };
};

/** Why nothing is sent at all. */
const refusal = (signal: AbortSignal, closed: boolean): Failure | undefined => {
  if (signal.aborted) return failure('upstream.timeout', 'no', 'Given up before it was sent.');
  return closed ? failure('upstream.unreachable', 'no', 'The backend has been closed.') : undefined;
};

/** One name is resolved and all its addresses are called; of several each must be an address, all of one kind. */
const targetOf = (address: string | readonly string[]): string => {
  const all = [address].flat();
  if (all.length === 1) return all[0] ?? '';
  const kinds = new Set(all.map((one) => isIP(one.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1'))));
  const [kind = 0] = kinds;
  if (kinds.size !== 1 || kind === 0)
    throw new Error('Several addresses are all IPv4, like 10.0.0.1:50051, or all IPv6; of a name there is one.');
  return `ipv${kind}:${all.join(',')}`;
};

const credentialsOf = (tls: GrpcOptions['tls']): ChannelCredentials => {
  if (typeof tls === 'boolean') return tls ? credentials.createSsl() : credentials.createInsecure();
  return credentials.createSsl(tls.ca ?? null, tls.key ?? null, tls.cert ?? null);
};

const asIs = (bytes: Buffer): Buffer => bytes;

/** Adds what can be metadata (gRPC over HTTP/2, "Custom-Metadata") and is not configured. */
const withHeaders = (configured: Metadata, headers: Readonly<Record<string, string>>): Metadata => {
  const metadata = configured.clone();
  for (const [name, value] of Object.entries(headers)) {
    const key = name.toLowerCase();
    if (!/^(?!grpc-)[\da-z_.-]+(?<!-bin)$/.test(key) || !/^[ -~]*$/.test(value)) continue;
    if (configured.get(key).length === 0) metadata.set(key, value);
  }
  return metadata;
};
