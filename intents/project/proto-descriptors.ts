import { create, type DescExtension, type Message, setExtension } from '@bufbuild/protobuf';
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  type EnumDescriptorProto,
  EnumDescriptorProtoSchema,
  type FieldDescriptorProto,
  FieldDescriptorProtoSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  type MethodOptions,
  MethodOptionsSchema,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt';
import { type ProtoFile, protoFiles, shownExamples } from './proto-files.ts';
import { fixedProtos } from './proto-fixed.ts';
import type { ProtoEnum, ProtoField, ProtoMessage, ProtoModel, ProtoRpc } from './proto-model.ts';
import { jsonName } from './proto-names.ts';

/** The files of a model as descriptors: what protoc would make of their text, but for the comments. */
export const protoDescriptors = (model: ProtoModel, shown?: (rpc: ProtoRpc) => boolean): FileDescriptorProto[] =>
  protoFiles(model, shown).map(fileOf);

const fileOf = ({ path, package: home, imports, service, rpcs, messages, enums }: ProtoFile): FileDescriptorProto =>
  create(FileDescriptorProtoSchema, {
    name: path,
    package: home,
    syntax: 'proto3',
    dependency: [...imports],
    messageType: messages.map(messageOf),
    enumType: enums.map(enumOf),
    service:
      service === undefined
        ? []
        : [
            {
              name: service,
              method: rpcs.map((rpc) => ({
                name: rpc.method,
                inputType: `.${rpc.request.fullName}`,
                outputType: `.${rpc.response.fullName}`,
                ...(rpc.streams && { serverStreaming: true }),
                options: optionsOf(rpc),
              })),
            },
          ],
  });

const optionsOf = (rpc: ProtoRpc): MethodOptions => {
  const options = create(MethodOptionsSchema);
  const protos = fixedProtos();
  const extension = protos.getExtension('ostiary.v1.intent') as DescExtension;
  const message = protos.getMessage('ostiary.v1.Intent');
  if (message === undefined) throw new Error('ostiary.v1.Intent is not among the compiled protos');
  const { name, version, title, description, effect, sinks } = rpc.intent;
  const said = {
    name,
    version,
    title,
    description,
    effect: { read: 1, write: 2, destructive: 3 }[effect],
    sinks: [...sinks],
    examples: shownExamples(rpc),
  };
  setExtension(options, extension, create(message, said) as Message as never);
  return options;
};

const messageOf = ({ name, fullName, fields, messages, enums, oneof }: ProtoMessage): DescriptorProto => {
  const entries = fields.filter(({ shape }) => shape === 'map').map((field) => entryOf(field));
  // A field that may be left out is the only one of a oneof of its own, after all others (field presence, proto3).
  const optional = oneof ? [] : fields.filter(isOptional);
  return create(DescriptorProtoSchema, {
    name,
    field: fields.map((field) => {
      const made = fieldOf(field, fullName);
      if (oneof) made.oneofIndex = 0;
      else if (isOptional(field)) {
        made.proto3Optional = true;
        made.oneofIndex = optional.indexOf(field);
      }
      return made;
    }),
    nestedType: [...messages.map(messageOf), ...entries],
    enumType: enums.map(enumOf),
    oneofDecl: oneof ? [{ name: 'value' }] : optional.map((field) => ({ name: `_${field.name}` })),
  });
};

const isOptional = ({ shape, type }: ProtoField): boolean =>
  shape === 'one' && (type.kind === 'scalar' || type.kind === 'enum');

const scalars = {
  double: Type.DOUBLE,
  float: Type.FLOAT,
  int64: Type.INT64,
  int32: Type.INT32,
  bool: Type.BOOL,
  string: Type.STRING,
  bytes: Type.BYTES,
} as const;

const typed = ({ type }: ProtoField): { type: Type; typeName?: string } => {
  switch (type.kind) {
    case 'scalar':
      return { type: scalars[type.name] };
    case 'enum':
      return { type: Type.ENUM, typeName: `.${type.of.fullName}` };
    case 'message':
      return { type: Type.MESSAGE, typeName: `.${type.of.fullName}` };
    case 'open':
      return { type: Type.MESSAGE, typeName: `.google.protobuf.${type.name}` };
  }
};

/** By which protoc calls the message of a map's entries. */
const entryName = (name: string): string =>
  `${name.replaceAll(/(?:^|_+)(.?)/g, (_, next: string) => next.toUpperCase())}Entry`;

const fieldOf = (field: ProtoField, parent: string): FieldDescriptorProto =>
  create(FieldDescriptorProtoSchema, {
    name: field.name,
    number: field.number,
    jsonName: jsonName(field.name),
    label: field.shape === 'one' ? Label.OPTIONAL : Label.REPEATED,
    ...(field.shape === 'map' ? { type: Type.MESSAGE, typeName: `.${parent}.${entryName(field.name)}` } : typed(field)),
  });

const entryOf = (field: ProtoField): DescriptorProto =>
  create(DescriptorProtoSchema, {
    name: entryName(field.name),
    field: [
      { name: 'key', number: 1, jsonName: 'key', label: Label.OPTIONAL, type: Type.STRING },
      { name: 'value', number: 2, jsonName: 'value', label: Label.OPTIONAL, ...typed(field) },
    ],
    options: { mapEntry: true },
  });

const enumOf = ({ name, zero, values }: ProtoEnum): EnumDescriptorProto =>
  create(EnumDescriptorProtoSchema, {
    name,
    value: [{ name: zero, number: 0 }, ...values.map(({ name: value, number }) => ({ name: value, number }))],
  });
