import { create, createFileRegistry, type FileRegistry } from '@bufbuild/protobuf';
import * as wellKnown from '@bufbuild/protobuf/wkt';
import {
  type DescriptorProto,
  type FieldDescriptorProto,
  type FileDescriptorProto,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';

/** `google/protobuf/timestamp.proto` and its like, which some servers do not serve. */
export const wellKnownFiles: ReadonlyMap<string, FileDescriptorProto> = new Map(
  Object.values(wellKnown).flatMap((value) =>
    'kind' in value && value.kind === 'file' ? [[value.proto.name, value.proto] as const] : [],
  ),
);

/**
 * Links descriptors as a server gave them. protoc writes full type names, imports and JSON names; the reflection service
 * for Node (grpc/grpc-node issue 2595) writes names relative to where they stand and leaves the rest out, so all three
 * are made good here, by the rules of the language: innermost scope first
 * (https://protobuf.dev/programming-guides/proto3/#name-resolution), lowerCamelCase in JSON.
 * @param files changed in place
 * @throws Error where a type is nowhere to be found
 */
export const linkDescriptors = (files: readonly FileDescriptorProto[]): FileRegistry => {
  const homes = new Map<string, FileDescriptorProto>();
  for (const file of files)
    for (const { scope, message } of messagesOf(file.messageType, file.package)) {
      homes.set(scope, file);
      for (const { name } of message.enumType) homes.set(`${scope}.${name}`, file);
    }
  for (const file of files) for (const { name } of file.enumType) homes.set(join(file.package, name), file);

  for (const file of files) {
    const imports = new Set(file.dependency);
    const complete = (scope: string, field: FieldDescriptorProto): void => {
      field.jsonName ||= field.name.replace(/_+(.?)/g, (_, next: string) => next.toUpperCase());
      for (const key of ['typeName', 'extendee'] as const) {
        if (field[key] === '') continue;
        const name = fullName(field[key], scope, homes);
        const home = homes.get(name);
        if (home !== undefined && home !== file) imports.add(home.name);
        field[key] = `.${name}`;
      }
    };
    for (const { scope, message } of messagesOf(file.messageType, file.package))
      for (const field of [...message.field, ...message.extension]) complete(scope, field);
    for (const field of file.extension) complete(file.package, field);
    for (const { method } of file.service)
      for (const type of method.flatMap(({ inputType, outputType }) => [inputType, outputType])) {
        const home = homes.get(type.replace(/^\./, ''));
        if (home !== undefined && home !== file) imports.add(home.name);
      }
    file.dependency = [...imports];
  }
  return createFileRegistry(create(FileDescriptorSetSchema, { file: importedFirst(files) }));
};

const join = (scope: string, name: string): string => (scope === '' ? name : `${scope}.${name}`);

const messagesOf = function* (
  messages: readonly DescriptorProto[],
  parent: string,
): Generator<{ scope: string; message: DescriptorProto }> {
  for (const message of messages) {
    const scope = join(parent, message.name);
    yield { scope, message };
    yield* messagesOf(message.nestedType, scope);
  }
};

const fullName = (name: string, scope: string, homes: ReadonlyMap<string, unknown>): string => {
  if (name.startsWith('.')) return name.slice(1);
  for (let here = scope; here !== ''; here = here.slice(0, Math.max(0, here.lastIndexOf('.'))))
    if (homes.has(`${here}.${name}`)) return `${here}.${name}`;
  return name;
};

const importedFirst = (files: readonly FileDescriptorProto[]): FileDescriptorProto[] => {
  const byName = new Map(files.map((file) => [file.name, file]));
  const sorted = new Set<FileDescriptorProto>();
  const seen = new Set<FileDescriptorProto>();
  const add = (file: FileDescriptorProto): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const name of file.dependency) {
      const imported = byName.get(name);
      if (imported !== undefined) add(imported);
    }
    sorted.add(file);
  };
  for (const file of files) add(file);
  return [...sorted];
};
