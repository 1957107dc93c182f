import { type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { type ClientDuplexStream, type ServiceError, status } from '@grpc/grpc-js';
import { type GrpcClient, type GrpcOptions, grpcClient } from '../backends/grpc-client.ts';
import { linkDescriptors, wellKnownFiles } from '../backends/grpc-descriptors.ts';
import { reflectionMethod } from '../backends/grpc-reflection.ts';

interface Answer {
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] } | null;
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Uint8Array[] } | null;
  readonly errorResponse?: { readonly errorCode: number; readonly errorMessage: string } | null;
}
type Question =
  | { readonly listServices: string }
  | { readonly fileContainingSymbol: string }
  | { readonly fileByFilename: string };

const maxFiles = 5_000;

/**
 * Asks a gRPC server for everything that it serves, by server reflection v1, else v1alpha.
 * Source: gRPC Server Reflection Protocol, https://grpc.io/docs/guides/reflection/
 * @throws Error that says why there is no answer: nobody there, too slow, too large, no reflection, something left out
 */
export const reflectGrpc = async (options: GrpcOptions): Promise<FileRegistry> => {
  const client = grpcClient(options);
  const deadline = Date.now() + options.timeoutMs;
  try {
    for (const version of ['v1', 'v1alpha'] as const)
      try {
        return await ask(client, version, deadline, options.maxBytes);
      } catch (error) {
        if (version === 'v1alpha' || (error as ServiceError).code !== status.UNIMPLEMENTED) throw error;
      }
    throw new Error('unreachable');
  } catch (error) {
    const { code, message } = error as ServiceError;
    throw new Error(
      code === status.UNIMPLEMENTED
        ? 'The server has no reflection, neither v1 nor v1alpha. Import its .proto files or a descriptor set.'
        : client.logText(message),
    );
  } finally {
    client.close();
  }
};

const ask = async (
  { channel, metadata }: GrpcClient,
  version: 'v1' | 'v1alpha',
  deadline: number,
  maxBytes: number,
): Promise<FileRegistry> => {
  const { path, requestSerialize, responseDeserialize } = reflectionMethod(version);
  const stream = channel.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata, {
    deadline,
  }) as unknown as ClientDuplexStream<Question, Answer>;
  // The iterator reports errors while it is read; this takes those that come after.
  stream.on('error', () => {});
  const answers = stream[Symbol.asyncIterator]() as AsyncIterator<Answer>;
  const asked = async (question: Question): Promise<Answer> => {
    stream.write(question);
    return ((await answers.next()).value ?? {}) as Answer;
  };
  try {
    const { listServicesResponse, errorResponse } = await asked({ listServices: '' });
    if (!listServicesResponse)
      throw new Error(`The server lists no services: ${errorResponse?.errorMessage ?? 'the stream ended early'}.`);
    const files = await readFiles(asked, listServicesResponse.service, maxBytes);
    return linkDescriptors([...files.values()]);
  } finally {
    stream.end();
    stream.cancel();
  }
};

const readFiles = async (
  asked: (question: Question) => Promise<Answer>,
  services: readonly { readonly name: string }[],
  maxBytes: number,
): Promise<Map<string, FileDescriptorProto>> => {
  const files = new Map<string, FileDescriptorProto>();
  let left = maxBytes;
  const take = ({ fileDescriptorResponse, errorResponse }: Answer, what: string): boolean => {
    if (errorResponse?.errorCode === status.NOT_FOUND) return false;
    if (!fileDescriptorResponse)
      throw new Error(`${what} is not described: ${errorResponse?.errorMessage ?? 'the stream ended early'}.`);
    for (const bytes of fileDescriptorResponse.fileDescriptorProto) {
      left -= bytes.length;
      const file = fromBinary(FileDescriptorProtoSchema, bytes);
      files.set(file.name, file);
    }
    if (left < 0 || files.size > maxFiles)
      throw new Error(`The descriptors have more than ${maxBytes} bytes, or are more than ${maxFiles} files.`);
    return true;
  };
  for (const { name } of services)
    if (!take(await asked({ fileContainingSymbol: name }), name))
      throw new Error(`The server lists "${name}" and does not know it.`);
  // A map gives what is added to it while it is walked, so that imports of imports come too.
  for (const { name: importer, dependency } of files.values())
    for (const name of dependency) {
      if (files.has(name) || take(await asked({ fileByFilename: name }), name)) continue;
      const file = wellKnownFiles.get(name);
      if (file === undefined) throw new Error(`The server does not give "${name}", which "${importer}" imports.`);
      files.set(name, file);
    }
  return files;
};
