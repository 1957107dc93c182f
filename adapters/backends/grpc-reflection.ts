import { createRequire } from 'node:module';
import { type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { type Client, type ClientDuplexStream, type Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { loadSync, type MethodDefinition, type ServiceDefinition } from '@grpc/proto-loader';
import { linkDescriptors, wellKnownFiles } from './grpc-descriptors.ts';

/** The server has no such service; it did answer. */
export class UnknownService extends Error {
  override readonly name = 'UnknownService';
}

interface ReflectionResponse {
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Uint8Array[] } | null;
  readonly errorResponse?: { readonly errorCode: number; readonly errorMessage: string } | null;
}
type Question = { readonly fileContainingSymbol: string } | { readonly fileByFilename: string };
type ReflectionStream = ClientDuplexStream<Question, ReflectionResponse>;

/**
 * Asks a server for the descriptors of one service and of all that they import, by server reflection v1, else v1alpha.
 * Source: gRPC Server Reflection Protocol, https://grpc.io/docs/guides/reflection/
 * @param deadline in ms since the epoch
 * @throws UnknownService where the server does not know it; a ServiceError where it cannot be asked
 */
export const loadDescriptors = async (
  client: Client,
  service: string,
  metadata: Metadata,
  deadline: number,
): Promise<FileRegistry> => {
  try {
    return await ask(client, 'v1', service, metadata, deadline);
  } catch (error) {
    if ((error as ServiceError).code !== status.UNIMPLEMENTED) throw error;
    return ask(client, 'v1alpha', service, metadata, deadline);
  }
};

const ask = async (
  client: Client,
  version: 'v1' | 'v1alpha',
  service: string,
  metadata: Metadata,
  deadline: number,
): Promise<FileRegistry> => {
  const { path, requestSerialize, responseDeserialize } = reflectionMethod(version);
  const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata, { deadline });
  // The iterator reports errors while it is read; this takes those that come after.
  stream.on('error', () => {});
  try {
    return linkDescriptors(await readFiles(stream, service));
  } finally {
    stream.end();
    stream.cancel();
  }
};

const readFiles = async (stream: ReflectionStream, service: string): Promise<FileDescriptorProto[]> => {
  const responses = stream[Symbol.asyncIterator]() as AsyncIterator<ReflectionResponse>;
  const files = new Map<string, FileDescriptorProto>();
  const read = async (question: Question): Promise<boolean> => {
    stream.write(question);
    const { value } = await responses.next();
    const { fileDescriptorResponse, errorResponse } = (value ?? {}) as ReflectionResponse;
    if (errorResponse?.errorCode === status.NOT_FOUND) return false;
    if (!fileDescriptorResponse)
      throw new Error(`No descriptors were given: ${errorResponse?.errorMessage ?? 'the stream ended early'}.`);
    for (const bytes of fileDescriptorResponse.fileDescriptorProto) {
      const file = fromBinary(FileDescriptorProtoSchema, bytes);
      files.set(file.name, file);
    }
    return true;
  };

  if (!(await read({ fileContainingSymbol: service })))
    throw new UnknownService(`The server has no service "${service}".`);
  // A map gives what is added to it while it is walked, so that imports of imports come too.
  for (const { name: importer, dependency } of files.values())
    for (const name of dependency) {
      if (files.has(name) || (await read({ fileByFilename: name }))) continue;
      const file = wellKnownFiles.get(name);
      if (file === undefined) throw new Error(`The server does not give "${name}", which "${importer}" imports.`);
      files.set(name, file);
    }
  return [...files.values()];
};

/** The one method of server reflection, with its messages as objects. */
export const reflectionMethod = (version: 'v1' | 'v1alpha'): MethodDefinition<Question, ReflectionResponse> => {
  const file = `@grpc/reflection/build/proto/grpc/reflection/${version}/reflection.proto`;
  const loaded = loadSync(createRequire(import.meta.url).resolve(file));
  const { ServerReflectionInfo } = loaded[`grpc.reflection.${version}.ServerReflection`] as ServiceDefinition;
  return ServerReflectionInfo as unknown as MethodDefinition<Question, ReflectionResponse>;
};
