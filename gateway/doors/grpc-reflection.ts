import { create, createFileRegistry, type FileRegistry, toBinary } from '@bufbuild/protobuf';
import { nestedTypes } from '@bufbuild/protobuf/reflect';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { status } from '@grpc/grpc-js';
import { LRUCache } from 'lru-cache';
import { protoDescriptors } from '../../intents/project/proto-descriptors.ts';
import { fixedProtos } from '../../intents/project/proto-fixed.ts';
import { type GrpcCaller, principalOf } from './grpc-call.ts';
import { messageOf, projectionOf, readMessage, writeMessage } from './grpc-projection.ts';

/** What one set of intents looks like to reflection. */
interface Index {
  readonly services: readonly string[];
  /** Full name -> path of its file. */
  readonly symbols: ReadonlyMap<string, string>;
  /** `extendee number` -> path, and extendee -> numbers. */
  readonly extensions: ReadonlyMap<string, string>;
  readonly numbers: ReadonlyMap<string, readonly number[]>;
  /** A file and all that it imports, as bytes. */
  files(path: string): Uint8Array[] | undefined;
}

const indexes = new WeakMap<object, LRUCache<string, Index>>();
const maxIndexes = 50;

interface Question {
  readonly host?: string;
  readonly file_by_filename?: string;
  readonly file_containing_symbol?: string;
  readonly file_containing_extension?: { readonly containing_type?: string; readonly extension_number?: number };
  readonly all_extension_numbers_of_type?: string;
  readonly list_services?: string;
}

/**
 * Answers one question of server reflection: what the caller may call, and what is no secret. Without a credential that
 * is the services that every gateway has.
 * Source: https://github.com/grpc/grpc/blob/master/doc/server-reflection.md
 * @throws OstiaryError on a credential that is not valid
 */
export const reflect = async (version: 'v1' | 'v1alpha', bytes: Buffer, caller: GrpcCaller): Promise<Buffer> => {
  const registry = fixedProtos();
  const name = `grpc.reflection.${version}.ServerReflection`;
  const question = readMessage(
    messageOf(registry, `${name}Request`),
    bytes,
    registry,
    caller.gate.config.limits.depth,
  ) as unknown as Question;
  const answer = answerOf(question, await indexFor(caller));
  const whole = { valid_host: question.host ?? '', original_request: question, ...answer };
  return writeMessage(messageOf(registry, `${name}Response`), whole, registry);
};

const answerOf = (question: Question, index: Index): Record<string, unknown> => {
  const of = (path: string | undefined, what: string) => {
    const files = path === undefined ? undefined : index.files(path);
    return files === undefined
      ? notFound(what)
      : {
          file_descriptor_response: {
            file_descriptor_proto: files.map((file) => Buffer.from(file).toString('base64')),
          },
        };
  };
  if (question.list_services !== undefined)
    return { list_services_response: { service: index.services.map((name) => ({ name })) } };
  if (question.file_by_filename !== undefined) return of(question.file_by_filename, question.file_by_filename);
  if (question.file_containing_symbol !== undefined)
    return of(index.symbols.get(question.file_containing_symbol), question.file_containing_symbol);
  if (question.file_containing_extension !== undefined) {
    const { containing_type: type = '', extension_number: number = 0 } = question.file_containing_extension;
    return of(index.extensions.get(`${type} ${number}`), `${type} ${number}`);
  }
  const type = question.all_extension_numbers_of_type;
  if (type === undefined)
    return { error_response: { error_code: status.INVALID_ARGUMENT, error_message: 'No question was asked.' } };
  if (!index.symbols.has(type)) return notFound(type);
  const numbers = index.numbers.get(type) ?? [];
  return { all_extension_numbers_response: { base_type_name: type, extension_number: numbers } };
};

const notFound = (what: string) => ({
  error_response: { error_code: status.NOT_FOUND, error_message: `There is no ${what.slice(0, 200)} for this caller.` },
});

const indexFor = async (caller: GrpcCaller): Promise<Index> => {
  const { gate, bearer } = caller;
  const { model } = projectionOf(gate);
  const principal = bearer === undefined ? undefined : await principalOf(caller);
  const visible = new Set(
    principal === undefined
      ? []
      : gate.catalogue.intents
          .filter((intent) => gate.bundle.visibility(principal, intent) === 'callable')
          .map(({ id }) => id),
  );
  let known = indexes.get(model);
  if (known === undefined) {
    known = new LRUCache({ max: maxIndexes });
    indexes.set(model, known);
  }
  const key = [...visible].join(' ');
  let index = known.get(key);
  if (index === undefined) {
    const fixed = [...fixedProtos().files].map(({ proto }) => proto);
    const shown = protoDescriptors(model, ({ intent }) => visible.has(intent.id));
    index = indexOf(createFileRegistry(create(FileDescriptorSetSchema, { file: [...fixed, ...shown] })));
    known.set(key, index);
  }
  return index;
};

const indexOf = (registry: FileRegistry): Index => {
  const services: string[] = [];
  const symbols = new Map<string, string>();
  const extensions = new Map<string, string>();
  const numbers = new Map<string, number[]>();
  const files = new Map<string, { readonly bytes: Uint8Array; readonly imports: readonly string[] }>();
  for (const file of registry.files) {
    const path = file.proto.name;
    files.set(path, {
      bytes: toBinary(FileDescriptorProtoSchema, file.proto),
      imports: file.dependencies.map(({ proto }) => proto.name),
    });
    for (const type of nestedTypes(file)) {
      symbols.set(type.typeName, path);
      if (type.kind === 'service') {
        services.push(type.typeName);
        for (const { name } of type.methods) symbols.set(`${type.typeName}.${name}`, path);
      }
      if (type.kind === 'message') for (const { name } of type.fields) symbols.set(`${type.typeName}.${name}`, path);
      if (type.kind === 'extension') {
        const { typeName } = type.extendee;
        extensions.set(`${typeName} ${type.number}`, path);
        numbers.set(typeName, [...(numbers.get(typeName) ?? []), type.number]);
      }
    }
  }
  return {
    services: services.sort(),
    symbols,
    extensions,
    numbers,
    files(path) {
      if (!files.has(path)) return undefined;
      const found = new Set([path]);
      // A set gives what is added to it while it is walked, so that imports of imports come too.
      for (const one of found) for (const name of files.get(one)?.imports ?? []) found.add(name);
      return [...found].flatMap((one) => files.get(one)?.bytes ?? []);
    },
  };
};
