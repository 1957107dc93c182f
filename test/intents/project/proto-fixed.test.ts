import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { nestedTypes } from '@bufbuild/protobuf/reflect';
import { type FileDescriptorProto, FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { loadSync } from '@grpc/proto-loader';
import { expect, test } from 'vitest';
import { linkDescriptors } from '../../../adapters/backends/grpc-descriptors.ts';
import { fixedProtos } from '../../../intents/project/proto-fixed.ts';

const protos = join(import.meta.dirname, '../../../intents/proto');
const reflection = join(
  dirname(createRequire(import.meta.url).resolve('@grpc/reflection/package.json')),
  'build/proto',
);
const written = [
  'ostiary/v1/intent.proto',
  'ostiary/v1/intents.proto',
  'google/rpc/status.proto',
  'google/rpc/error_details.proto',
  'grpc/health/v1/health.proto',
  'grpc/reflection/v1/reflection.proto',
  'grpc/reflection/v1alpha/reflection.proto',
];

/** All that decides what goes over the wire. */
const shapes = (registry: ReturnType<typeof fixedProtos>) =>
  Object.fromEntries(
    [...registry.files]
      .flatMap((file) => [...nestedTypes(file)])
      .filter(({ typeName }) => !typeName.startsWith('google.protobuf.'))
      .map((type) => {
        const about =
          type.kind === 'message'
            ? type.fields.map(({ name, number, fieldKind, presence }) => [name, number, fieldKind, presence])
            : type.kind === 'enum'
              ? type.values.map(({ name, number }) => [name, number])
              : type.kind === 'service'
                ? type.methods.map(({ name, methodKind, input, output }) => [
                    name,
                    methodKind,
                    input.typeName,
                    output.typeName,
                  ])
                : [type.number, type.extendee.typeName];
        return [type.typeName, about] as const;
      })
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

test('the compiled protos are what their text says (intents/proto/README.md says how they are compiled)', () => {
  const loaded = loadSync(written, { includeDirs: [protos, reflection], keepCase: true });
  const files = new Map<string, FileDescriptorProto>();
  for (const definition of Object.values(loaded))
    for (const bytes of (definition as { fileDescriptorProtos?: readonly Uint8Array[] }).fileDescriptorProtos ?? []) {
      const file = fromBinary(FileDescriptorProtoSchema, bytes);
      // protobufjs puts an extension among the fields of what it extends, too.
      for (const message of file.messageType) message.field = message.field.filter(({ name }) => !name.startsWith('.'));
      files.set(file.name, file);
    }
  expect(shapes(fixedProtos())).toEqual(shapes(linkDescriptors([...files.values()])));
});
