import {
  type DescEnum,
  type DescExtension,
  type DescField,
  type DescMessage,
  type DescMethod,
  type FileRegistry,
  getOption,
  isMessage,
  type JsonValue,
  ScalarType,
  toJson,
} from '@bufbuild/protobuf';
import {
  type DescriptorProto,
  type FileDescriptorProto,
  type MethodDescriptorProto,
  MethodOptions_IdempotencyLevel,
} from '@bufbuild/protobuf/wkt';
import { fixedProtos } from '../project/proto-fixed.ts';
import {
  httpMethodOf,
  knownOptions,
  type ProtoField,
  type ProtoMethod,
  type ProtoType,
  type ProtoView,
} from './proto-view.ts';

/** Reads protos that came as descriptors. Comments are there only where whoever compiled them kept them. */
export const protoRegistryView = (registry: FileRegistry): ProtoView => {
  const comments = new Map<object, string>();
  for (const file of registry.files) gatherComments(file.proto, comments);
  const commentOf = ({ proto }: { readonly proto: object }) => comments.get(proto) ?? '';
  const options: Options = {
    intent: registry.getExtension(knownOptions.intent) ?? fixedProtos().getExtension(knownOptions.intent),
    http: registry.getExtension(knownOptions.http),
    behaviour: registry.getExtension(knownOptions.behaviour),
  };
  const services = [...registry].filter((type) => type.kind === 'service');
  return {
    methods: services.flatMap(({ typeName, methods }) =>
      methods.map((method) => methodOf(typeName, method, commentOf(method), options)),
    ),
    message(fullName) {
      const type = registry.getMessage(fullName);
      return type === undefined
        ? undefined
        : {
            fullName,
            comment: commentOf(type),
            fields: type.fields.map((field) => fieldOf(field, commentOf(field), options)),
          };
    },
    enumeration(fullName) {
      const type = registry.getEnum(fullName);
      return type === undefined
        ? undefined
        : { fullName, comment: commentOf(type), values: type.values.map(({ name }) => name) };
    },
  };
};

interface Options {
  readonly intent: DescExtension | undefined;
  readonly http: DescExtension | undefined;
  readonly behaviour: DescExtension | undefined;
}

const methodOf = (service: string, method: DescMethod, comment: string, options: Options): ProtoMethod => ({
  service,
  name: method.name,
  input: method.input.typeName,
  output: method.output.typeName,
  streams: ({ unary: 'no', client_streaming: 'client', server_streaming: 'server', bidi_streaming: 'both' } as const)[
    method.methodKind
  ],
  comment,
  deprecated: method.deprecated,
  pure:
    (method.proto as MethodDescriptorProto).options?.idempotencyLevel ===
    MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS,
  http: httpMethodOf(optionOf(method, options.http)),
  hint: optionOf(method, options.intent),
});

const fieldOf = (field: DescField, comment: string, options: Options): ProtoField => {
  const behaviour = [optionOf(field, options.behaviour)].flat();
  return {
    name: field.name,
    comment,
    type: typeOf(field),
    shape: field.fieldKind === 'list' ? 'list' : field.fieldKind === 'map' ? 'map' : 'one',
    key: field.fieldKind === 'map' ? ScalarType[field.mapKey].toLowerCase() : undefined,
    oneof: field.oneof?.name,
    required: field.proto.label === 2 || behaviour.includes('REQUIRED'),
    outputOnly: behaviour.includes('OUTPUT_ONLY'),
    deprecated: field.deprecated,
  };
};

const typeOf = (field: DescField): ProtoType => {
  const { message, enum: options } = field as { message?: DescMessage | undefined; enum?: DescEnum | undefined };
  if (message !== undefined) return { kind: 'message', name: message.typeName };
  if (options !== undefined) return { kind: 'enum', name: options.typeName };
  return { kind: 'scalar', name: ScalarType[(field as { readonly scalar: ScalarType }).scalar].toLowerCase() };
};

/** An option as JSON; undefined where it is not set, or cannot be read. */
const optionOf = (from: DescMethod | DescField, extension: DescExtension | undefined): unknown => {
  if (extension === undefined) return undefined;
  try {
    const { options } = from.proto as { options?: { $unknown?: readonly { readonly no: number }[] } };
    if (!options?.$unknown?.some(({ no }) => no === extension.number)) return undefined;
    const value: unknown = getOption(from as never, extension as never);
    if (extension.message !== undefined && isMessage(value))
      return toJson(extension.message, value, { useProtoFieldName: true }) as JsonValue;
    const names = new Map(extension.enum?.values.map(({ number, name }) => [number, name]) ?? []);
    return [value].flat().map((item) => names.get(item as number) ?? item);
  } catch {
    return undefined;
  }
};

/** By the paths of descriptor.proto: 4 and 3 messages, 2 their fields and the methods, 5 and 4 enumerations, 6 services. */
const gatherComments = (file: FileDescriptorProto, comments: Map<object, string>): void => {
  const said = new Map(
    (file.sourceCodeInfo?.location ?? [])
      .filter(({ leadingComments, trailingComments }) => leadingComments !== '' || trailingComments !== '')
      .map(({ path, leadingComments, trailingComments }) => [path.join('.'), leadingComments || trailingComments]),
  );
  if (said.size === 0) return;
  const keep = (path: string, proto: object) => {
    const comment = said.get(path);
    if (comment !== undefined) comments.set(proto, comment.trim());
  };
  const keepMessage = (message: DescriptorProto, path: string): void => {
    keep(path, message);
    message.field.forEach((field, index) => void keep(`${path}.2.${index}`, field));
    message.nestedType.forEach((inner, index) => void keepMessage(inner, `${path}.3.${index}`));
    message.enumType.forEach((inner, index) => void keep(`${path}.4.${index}`, inner));
  };
  file.messageType.forEach((message, index) => void keepMessage(message, `4.${index}`));
  file.enumType.forEach((options, index) => void keep(`5.${index}`, options));
  file.service.forEach((service, index) => {
    service.method.forEach((method, at) => void keep(`6.${index}.2.${at}`, method));
  });
};
