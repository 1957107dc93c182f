import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { loadSync } from '@grpc/proto-loader';
import { linkDescriptors, wellKnownFiles } from './grpc-descriptors.ts';

const maxBytes = 64 * 1024 * 1024;

/**
 * Reads what a backend offers from files, in place of asking it: descriptor sets, .proto files, and folders of these.
 * Imports of a .proto file are found from the folder that was named, or from that of the file.
 * @throws Error that names the file
 */
export const descriptorsFrom = (paths: readonly string[]): FileRegistry => {
  const files = new Map<string, FileDescriptorProto>();
  const add = (found: readonly FileDescriptorProto[]) => {
    for (const file of found) if (!files.has(file.name)) files.set(file.name, file);
  };
  const protos: { readonly file: string; readonly root: string }[] = [];
  for (const path of paths) {
    const found = filesAt(path);
    if (found.length === 0) throw new Error(`${path} holds neither .proto files nor descriptor sets.`);
    for (const { file, root } of found) {
      if (file.endsWith('.proto')) protos.push({ file, root });
      else add(readSet(file));
    }
  }
  if (protos.length > 0) add(readProtos(protos));
  // A map gives what is added to it while it is walked.
  for (const { name: importer, dependency } of files.values())
    for (const name of dependency) {
      const known = files.get(name) ?? wellKnownFiles.get(name);
      if (known === undefined) throw new Error(`"${importer}" imports "${name}", which the descriptors leave out.`);
      files.set(name, known);
    }
  try {
    return linkDescriptors([...files.values()]);
  } catch (error) {
    throw new Error(`The descriptors in ${paths.join(', ')} do not fit together: ${(error as Error).message}`);
  }
};

const kinds = /\.(proto|binpb|desc|pb|protoset)$/;

const filesAt = (path: string): { file: string; root: string }[] => {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new Error(`There is no file or folder ${path}.`);
  if (!found.isDirectory()) return [{ file: path, root: dirname(path) }];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => kinds.test(name))
    .sort()
    .map((name) => ({ file: join(path, name), root: path }));
};

const readSet = (file: string): readonly FileDescriptorProto[] => {
  const bytes = readFileSync(file);
  if (bytes.length > maxBytes) throw new Error(`${file} is larger than ${maxBytes / 1024 / 1024} MiB.`);
  try {
    return fromBinary(FileDescriptorSetSchema, bytes).file;
  } catch (error) {
    throw new Error(`${file} is no descriptor set: ${(error as Error).message}`);
  }
};

const readProtos = (protos: readonly { readonly file: string; readonly root: string }[]): FileDescriptorProto[] => {
  const includeDirs = [...new Set(protos.map(({ root }) => root))];
  const names = protos.map(({ file, root }) => relative(root, file).replaceAll('\\', '/'));
  let loaded: ReturnType<typeof loadSync>;
  try {
    loaded = loadSync(names, { includeDirs, keepCase: true });
  } catch (error) {
    throw new Error(`The .proto files in ${includeDirs.join(', ')} cannot be read: ${(error as Error).message}`);
  }
  const bytes = Object.values(loaded).flatMap((definition) =>
    'fileDescriptorProtos' in definition ? (definition.fileDescriptorProtos as Buffer[]) : [],
  );
  return [...new Set(bytes)].map((one) => fromBinary(FileDescriptorProtoSchema, one));
};
