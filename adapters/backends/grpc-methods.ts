import {
  type DescMethod,
  type FileRegistry,
  fromBinary,
  fromJson,
  type JsonValue,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { type Client, type Metadata, status } from '@grpc/grpc-js';
import type { Json } from '../../intents/json.ts';
import { Unsendable } from './failure.ts';
import { loadDescriptors } from './grpc-reflection.ts';

/** A method, ready to be called. */
export interface GrpcMethod {
  /** Whether its answer is a list of messages, one after another. */
  readonly streams: boolean;
  /** @throws Unsendable where the JSON does not fit the message */
  readonly encode: (message: Json) => Buffer;
  /** @throws Error where the bytes are no such message */
  readonly decode: (bytes: Buffer) => JsonValue;
}

/** The method is not there, or cannot be called in this way. */
export class UnusableMethod extends Error {
  override readonly name = 'UnusableMethod';
}

export interface GrpcMethods {
  /**
   * Asks the server once for each service, however many wait for it; a failure is not kept.
   * @throws UnusableMethod, UnknownService, or an error with a gRPC `code` where the server cannot be asked in time
   */
  find(service: string, method: string, signal: AbortSignal): Promise<GrpcMethod>;
}

/** @param timeoutMs for one service's descriptors, whoever waits for them and for how long */
export const grpcMethods = (client: Client, metadata: Metadata, timeoutMs: number): GrpcMethods => {
  const services = new Map<string, Promise<FileRegistry>>();
  const descriptorsOf = (service: string): Promise<FileRegistry> => {
    const known = services.get(service);
    if (known !== undefined) return known;
    const loading = loadDescriptors(client, service, metadata, Date.now() + timeoutMs);
    services.set(service, loading);
    loading.catch(() => services.delete(service));
    return loading;
  };
  return {
    async find(service, method, signal) {
      return methodIn(await orAborted(descriptorsOf(service), signal), service, method);
    },
  };
};

/** Looks a method up in descriptors. @throws UnusableMethod */
export const methodIn = (registry: FileRegistry, service: string, method: string): GrpcMethod => {
  const found = registry.getService(service);
  if (found === undefined) {
    const names = [...registry].flatMap((one) => (one.kind === 'service' ? [one.typeName] : []));
    throw new UnusableMethod(`There is no service "${service}"; there is ${names.join(', ') || 'none'}.`);
  }
  const { methods } = found;
  const descriptor = methods.find(({ name }) => name === method);
  if (descriptor === undefined)
    throw new UnusableMethod(
      `Service "${service}" has no method "${method}"; it has ${methods.map(({ name }) => name).join(', ') || 'none'}.`,
    );
  if (descriptor.methodKind !== 'unary' && descriptor.methodKind !== 'server_streaming')
    throw new UnusableMethod(
      `"${service}/${method}" takes a stream (${descriptor.methodKind}); only those that take one message are called.`,
    );
  return codec(descriptor, registry);
};

const codec = ({ input, output, methodKind }: DescMethod, registry: FileRegistry): GrpcMethod => {
  const writing = { registry, useProtoFieldName: true, alwaysEmitImplicit: true };
  return {
    streams: methodKind === 'server_streaming',
    encode: (message) => {
      try {
        const bytes = toBinary(input, fromJson(input, message as JsonValue, { registry }));
        return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      } catch (error) {
        throw new Unsendable(`The message does not fit ${input.typeName}: ${(error as Error).message}`);
      }
    },
    decode: (bytes) => toJson(output, fromBinary(output, bytes), writing),
  };
};

/** One caller giving up must not take the answer from the others who wait for it. */
const orAborted = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const onAbort = (): void => reject(Object.assign(new Error('Given up.'), { code: status.CANCELLED }));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
