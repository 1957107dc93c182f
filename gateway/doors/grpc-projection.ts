import {
  create,
  createFileRegistry,
  type DescMessage,
  type FileRegistry,
  fromBinary,
  fromJson,
  type JsonValue,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { type Input, isObject, type JsonSchema } from '../../intents/json.ts';
import { type FieldError, OstiaryError } from '../../intents/problems.ts';
import { toProto } from '../../intents/project/proto.ts';
import { protoDescriptors } from '../../intents/project/proto-descriptors.ts';
import { fixedProtos } from '../../intents/project/proto-fixed.ts';
import type { ProtoMessage, ProtoModel, ProtoRpc } from '../../intents/project/proto-model.ts';
import { protoValues } from '../../intents/project/proto-values.ts';
import type { Gate } from '../gate.ts';

/** An rpc of an intent, with both of its messages ready. */
export interface TypedRpc extends ProtoRpc {
  /** @throws OstiaryError where the bytes are no such message, or hold what JSON cannot */
  readonly read: (bytes: Buffer) => Input;
  /** What does not fit the message is left out. @param lost told where */
  readonly write: (output: unknown, lost: (pointer: string) => void) => Buffer;
}

export interface Projection {
  readonly model: ProtoModel;
  /** By path. */
  readonly rpcs: ReadonlyMap<string, TypedRpc>;
}

const projections = new WeakMap<Gate, Projection>();

/**
 * What a gate's contracts are at this door; made once for each gate.
 * @throws Error where they cannot be projected
 */
export const projectionOf = (gate: Gate): Projection => {
  const known = projections.get(gate);
  if (known !== undefined) return known;
  const { catalogue, config } = gate;
  const model = toProto(catalogue.intents, catalogue.library, config.doors.grpc?.package ?? 'intents');
  const fixed = [...fixedProtos().files].map(({ proto }) => proto);
  const registry = createFileRegistry(
    create(FileDescriptorSetSchema, { file: [...fixed, ...protoDescriptors(model)] }),
  );
  const typed = (rpc: ProtoRpc): [string, TypedRpc] => [rpc.path, { ...rpc, ...codecs(rpc, registry, gate) }];
  const made = { model, rpcs: new Map(model.rpcs.map(typed)) };
  projections.set(gate, made);
  return made;
};

/** Built at the first call, so that a thousand contracts cost nothing at start. */
const codecs = (
  { request, response }: ProtoRpc,
  registry: FileRegistry,
  { catalogue, config }: Gate,
): Pick<TypedRpc, 'read' | 'write'> => {
  const fits = (schema: JsonSchema) => {
    const validate = catalogue.library.validator(schema);
    return (value: unknown) => validate(value);
  };
  const lazily = (message: ProtoMessage) => {
    let made: { values: ReturnType<typeof protoValues>; type: DescMessage } | undefined;
    return () => {
      made ??= { values: protoValues(message, fits), type: messageOf(registry, message.fullName) };
      return made;
    };
  };
  const [requests, responses] = [lazily(request), lazily(response)];
  return {
    read: (bytes) => {
      const { type, values } = requests();
      const json = readMessage(type, bytes, registry, config.limits.depth);
      const errors: FieldError[] = [];
      const input = values.fromProto(json, (error) => errors.push(error));
      if (errors.length > 0)
        throw new OstiaryError(
          'input.invalid',
          `The message cannot be taken: ${errors.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; ')}.`,
          { errors: errors.slice(0, 20) },
        );
      return isObject(input) ? (input as Input) : {};
    },
    write: (output, lost) => {
      const { type, values } = responses();
      return writeMessage(type, values.toProto(output, lost), registry);
    },
  };
};

export const messageOf = (registry: FileRegistry, name: string): DescMessage => {
  const found = registry.getMessage(name);
  if (found === undefined) throw new Error(`${name} is not among the protos`);
  return found;
};

/**
 * A message as ProtoJSON, with the names of the proto.
 * @throws OstiaryError where the bytes are no such message, or nested too deeply
 */
export const readMessage = (type: DescMessage, bytes: Buffer, registry: FileRegistry, depth: number): JsonValue => {
  let json: JsonValue;
  try {
    // An open value takes three messages for each level of its JSON.
    const message = fromBinary(type, bytes, { readUnknownFields: false, recursionLimit: 3 * depth + 4 });
    json = toJson(type, message, { registry, useProtoFieldName: true });
  } catch (error) {
    const { message } = error as Error;
    if (message.includes('recursion')) throw tooDeep(depth);
    throw new OstiaryError('request.malformed', `The bytes are no ${type.typeName}: ${message.slice(0, 200)}.`);
  }
  if (isDeeper(json, depth)) throw tooDeep(depth);
  return json;
};

export const writeMessage = (type: DescMessage, json: unknown, registry: FileRegistry): Buffer => {
  const bytes = toBinary(type, fromJson(type, json as JsonValue, { registry }));
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
};

const tooDeep = (depth: number): OstiaryError =>
  new OstiaryError('request.too_deep', `The message is nested deeper than ${depth} levels.`);

const isDeeper = (value: unknown, left: number): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  if (left === 0) return true;
  return (Array.isArray(value) ? value : Object.values(value)).some((inner) => isDeeper(inner, left - 1));
};
