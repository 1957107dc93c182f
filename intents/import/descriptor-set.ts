import { createFileRegistry, type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

/**
 * Reads a descriptor set, as `protoc --include_imports --descriptor_set_out` and `buf build` write it.
 * @throws Error where it is none, or leaves out what it imports
 */
export const readDescriptorSet = (bytes: Uint8Array): FileRegistry => {
  const set = decoded(bytes);
  if (set.file.length === 0) throw new Error('The descriptor set holds no files.');
  const names = new Set(set.file.map(({ name }) => name));
  for (const { name, dependency } of set.file) {
    const missing = dependency.find((path) => !names.has(path));
    if (missing !== undefined)
      throw new Error(`${name} imports "${missing}", which the set leaves out; make it with --include_imports.`);
  }
  try {
    return createFileRegistry(set);
  } catch (error) {
    throw new Error(`The files of the descriptor set do not fit together: ${(error as Error).message}`);
  }
};

const decoded = (bytes: Uint8Array) => {
  try {
    return fromBinary(FileDescriptorSetSchema, bytes);
  } catch (error) {
    throw new Error(`This is no descriptor set: ${(error as Error).message}`);
  }
};
