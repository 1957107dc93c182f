import { Client, type ClientUnaryCall, credentials, Metadata } from '@grpc/grpc-js';
import type { CallContext, Failure } from '../../intents/ports.ts';
import { failure, logText } from './failure.ts';
import { grpcFailure } from './grpc-status.ts';

export interface GrpcOptions {
  /** How the configuration calls the backend. */
  readonly name: string;
  /** `host:port` */
  readonly address: string;
  readonly tls: boolean;
  /** Of one call; reflection, before the first, has as long again. */
  readonly timeoutMs: number;
  /** Of one answer. */
  readonly maxBytes: number;
  /** Sent with every call, credentials among them; never shown. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface GrpcClient {
  readonly channel: Client;
  /** As configured. */
  readonly metadata: Metadata;
  /** Never rejects. @param path `/package.Service/Method` */
  unary(path: string, message: Buffer, context: CallContext): Promise<{ ok: true; bytes: Buffer } | Failure>;
  /** Cuts a text for the log and takes the configured credentials out of it. */
  readonly logText: (text: string) => string;
  close(): void;
}

/** Descriptors come over the same channel and can be larger than any answer; 4 MiB is what gRPC allows by default. */
const descriptorBytes = 4 * 1024 * 1024;

/**
 * One HTTP/2 channel to one address.
 * @throws Error on metadata that cannot be sent
 */
export const grpcClient = ({ address, tls, timeoutMs, maxBytes, metadata: configured }: GrpcOptions): GrpcClient => {
  const channel = new Client(address, tls ? credentials.createSsl() : credentials.createInsecure(), {
    'grpc.max_receive_message_length': Math.max(maxBytes, descriptorBytes),
    // Whether a call is made again is for the gateway to say, not for a DNS record of the backend.
    'grpc.enable_retries': 0,
    'grpc.service_config_disable_resolution': 1,
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
    unary: (path, message, { signal, headers }) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve(failure('upstream.timeout', 'no', 'Given up before it was sent.'));
        if (closed) return resolve(failure('upstream.unreachable', 'no', 'The backend has been closed.'));
        const deadline = Date.now() + timeoutMs;
        const onAbort = (): void => call.cancel();
        const call: ClientUnaryCall = channel.makeUnaryRequest(
          path,
          asIs,
          asIs,
          message,
          withHeaders(metadata, headers),
          { deadline },
          (error, bytes) => {
            signal.removeEventListener('abort', onAbort);
            if (error !== null || bytes === undefined) resolve(grpcFailure(error, toLog));
            else if (bytes.length > maxBytes) resolve(failure('upstream.invalid', 'yes', tooLarge));
            else resolve({ ok: true, bytes });
          },
        );
        signal.addEventListener('abort', onAbort);
      }),
  };
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
