import { readFileSync } from 'node:fs';
import { createFileRegistry, type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

let registry: FileRegistry | undefined;

/**
 * The protos that are the same for every set-up: intents/proto/ and server reflection, compiled. With no code made of
 * them. intents/proto/README.md says how they are compiled.
 */
export const fixedProtos = (): FileRegistry => {
  registry ??= createFileRegistry(
    fromBinary(FileDescriptorSetSchema, readFileSync(new URL('../proto/descriptors.binpb', import.meta.url))),
  );
  return registry;
};
