import { createRequire } from 'node:module';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import * as grpc from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer, loadSync, type PackageDefinition } from '@grpc/proto-loader';

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into at any depth, and every look is an assertion
export type Message = Record<string, any>;
export interface Answered {
  readonly message: Message | undefined;
  readonly bytes: Buffer | undefined;
  readonly code: grpc.status;
  readonly details: string;
  /** Of the details of an error, by the last part of their type. */
  readonly more: Readonly<Record<string, Message>>;
  readonly request: string;
  readonly replayed: boolean;
  /** As of `ostiary-trimmed`. */
  readonly trimmed: string | undefined;
}

const require = createRequire(import.meta.url);
const asWritten = { keepCase: true, longs: String, enums: String, oneofs: true } as const;
const rpcTypes = loadSync(['google/rpc/status.proto', 'google/rpc/error_details.proto', 'ostiary/v1/intents.proto'], {
  ...asWritten,
  includeDirs: [new URL('../../intents/proto', import.meta.url).pathname],
});

/** A client of grpc-js and proto-loader alone, which knows nothing but an address: all else it learns by reflection. */
export const stockClient = (
  address: string,
  key: string | null = 'key-writer',
  credentials = grpc.credentials.createInsecure(),
  options: grpc.ClientOptions = {},
) => {
  const wire = new grpc.Client(address, credentials, options);
  const metadata = (more: Readonly<Record<string, string>> = {}) => {
    const made = new grpc.Metadata();
    if (key !== null) made.set('authorization', `Bearer ${key}`);
    for (const [name, value] of Object.entries(more)) made.set(name, value);
    return made;
  };

  /** Asks server reflection one thing. */
  const reflect = (question: Message, version: 'v1' | 'v1alpha' = 'v1'): Promise<Message> => {
    const file = require.resolve(`@grpc/reflection/build/proto/grpc/reflection/${version}/reflection.proto`);
    const service = loadSync(file, asWritten)[`grpc.reflection.${version}.ServerReflection`] as grpc.ServiceDefinition;
    const { path, requestSerialize, responseDeserialize } = service.ServerReflectionInfo as grpc.MethodDefinition<
      Message,
      Message
    >;
    const stream = wire.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata());
    return new Promise((resolve, reject) => {
      stream.on('data', (answer: Message) => {
        stream.end();
        resolve(answer);
      });
      stream.on('error', reject);
      stream.write(question);
    });
  };

  const services = new Map<string, Promise<PackageDefinition>>();
  const definitions = (service: string): Promise<PackageDefinition> => {
    const known = services.get(service) ?? load(service);
    services.set(service, known);
    return known;
  };
  const load = async (service: string): Promise<PackageDefinition> => {
    const answer = await reflect({ file_containing_symbol: service });
    if (answer.error_response) throw new Error(answer.error_response.error_message);
    const file = (answer.file_descriptor_response.file_descriptor_proto as Uint8Array[]).map((bytes) =>
      fromBinary(FileDescriptorProtoSchema, bytes),
    );
    const set = toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file }));
    return loadFileDescriptorSetFromBuffer(Buffer.from(set), asWritten);
  };
  const methodOf = async (service: string, method: string) => {
    const found = ((await definitions(service))[service] as grpc.ServiceDefinition)?.[method];
    if (found === undefined) throw new Error(`${service} has no ${method}`);
    return found as grpc.MethodDefinition<Message, Message>;
  };

  const raw = (
    path: string,
    bytes: Buffer,
    { options = {}, headers = {} }: { options?: grpc.CallOptions; headers?: Readonly<Record<string, string>> } = {},
  ): Promise<Omit<Answered, 'message'>> =>
    new Promise((resolve) => {
      let request = '';
      let answered: Buffer | undefined;
      const call = wire.makeUnaryRequest(
        path,
        (one: Buffer) => one,
        (one: Buffer) => one,
        bytes,
        metadata(headers),
        options,
        (_error, value) => {
          answered = value;
        },
      );
      call.on('metadata', (sent) => {
        request = String(sent.get('ostiary-request-id')[0] ?? '');
      });
      call.on('status', ({ code, details, metadata: trailer }) =>
        // The answer comes before its status, but is told after it.
        setImmediate(() =>
          resolve({
            bytes: answered,
            code,
            details,
            more: detailsOf(trailer),
            request,
            replayed: trailer.get('idempotency-replayed').length > 0,
            trimmed: trailer.get('ostiary-trimmed')[0]?.toString(),
          }),
        ),
      );
    });

  return {
    reflect,
    raw,
    definitions,
    async services(version?: 'v1' | 'v1alpha'): Promise<string[]> {
      const { list_services_response: listed } = await reflect({ list_services: '*' }, version);
      return listed.service.map(({ name }: { name: string }) => name);
    },
    async call(
      service: string,
      method: string,
      message: Message,
      more?: { options?: grpc.CallOptions; headers?: Readonly<Record<string, string>> },
    ): Promise<Answered> {
      const { path, requestSerialize, responseDeserialize } = await methodOf(service, method);
      const answered = await raw(path, requestSerialize(message), more);
      return { ...answered, message: answered.bytes && responseDeserialize(answered.bytes) };
    },
    async stream(service: string, method: string, message: Message) {
      const { path, requestSerialize, responseDeserialize } = await methodOf(service, method);
      return wire.makeServerStreamRequest(path, requestSerialize, responseDeserialize, message, metadata());
    },
    close: () => wire.close(),
  };
};
export type StockClient = ReturnType<typeof stockClient>;

const detailsOf = (metadata: grpc.Metadata): Record<string, Message> => {
  const [bytes] = metadata.get('grpc-status-details-bin');
  if (!Buffer.isBuffer(bytes)) return {};
  const type = (name: string) => rpcTypes[name] as unknown as { deserialize(bytes: Buffer): Message };
  const { details } = type('google.rpc.Status').deserialize(bytes);
  return Object.fromEntries(
    details.map(({ type_url: url, value }: { type_url: string; value: Buffer }) => {
      const name = url.slice(url.indexOf('/') + 1);
      return [name.slice(name.lastIndexOf('.') + 1), type(name).deserialize(value)];
    }),
  );
};

/** A google.protobuf.Value as proto-loader has it, as JSON: of descriptors its names are as written, of a text they are not. */
export const fromValue = (value: Message | undefined): unknown => {
  const inner = value?.[value.kind];
  switch (value?.kind.replace('_', '').toLowerCase()) {
    case 'structvalue':
      return fromStruct(inner);
    case 'listvalue':
      return (inner.values ?? []).map(fromValue);
    case 'nullvalue':
    case undefined:
      return null;
    default:
      return inner;
  }
};
/** What is loaded of descriptors has the entries of a map as a list. */
export const fromStruct = (struct: Message | null | undefined): Message => {
  const fields = struct?.fields ?? {};
  const entries = Array.isArray(fields) ? fields.map(({ key, value }) => [key, value]) : Object.entries(fields);
  return Object.fromEntries(entries.map(([name, value]) => [name, fromValue(value)]));
};
/** For messages of descriptors. */
export const toStruct = (json: Message): Message => ({
  fields: Object.entries(json).map(([key, value]) => ({ key, value: toValue(value) })),
});
const toValue = (json: unknown): Message => {
  if (typeof json === 'object') return { struct_value: toStruct(json as Message) };
  return typeof json === 'string' ? { string_value: json } : { number_value: json };
};
