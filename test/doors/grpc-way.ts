import { isDeepStrictEqual } from 'node:util';
import { create, createFileRegistry, fromBinary, fromJson, type JsonValue, toBinary, toJson } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { Catalogue } from '../../intents/catalogue.ts';
import { toProto } from '../../intents/project/proto.ts';
import { protoDescriptors } from '../../intents/project/proto-descriptors.ts';
import { fixedProtos } from '../../intents/project/proto-fixed.ts';
import type { ProtoMessage } from '../../intents/project/proto-model.ts';
import { protoValues } from '../../intents/project/proto-values.ts';
import { fromStruct, type StockClient, stockClient } from '../gateway/grpc-client.ts';
import type { Answer } from '../gateway/start-shop.ts';
import type { Call } from './random-calls.ts';
import { answered, problemOf, type Told, type Way } from './ways.ts';

type Raw = Awaited<ReturnType<StockClient['raw']>>;

const clients = (address: string) => {
  const made = new Map<string, StockClient>();
  return {
    of(key: string): StockClient {
      const known = made.get(key) ?? stockClient(address, key);
      made.set(key, known);
      return known;
    },
    close: () => {
      for (const client of made.values()) client.close();
    },
  };
};

const headersOf = ({ purpose }: Call): Record<string, string> =>
  purpose === undefined ? {} : { 'ostiary-purpose': purpose };

const told = ({ more }: Raw): Told => problemOf(fromStruct(more.Problem?.problem) as Answer);

/** Goes on from what the first call said, with a yes or no where one is wanted. */
const goOn = async (call: Call, address: ReturnType<typeof clients>, first: Raw, output: () => unknown) => {
  if (first.code === 0) return { told: [{ kind: 'output', output: output() } as const], requests: [first.request] };
  const problem = told(first);
  if (problem.kind !== 'confirm') return { told: [problem], requests: [first.request] };
  const { confirmation } = fromStruct(first.more.Problem?.problem) as Answer;
  const body = { id: confirmation.id, confirm: call.yes };
  const second = await intents(address, call, 'Confirm', body);
  const ok = second.raw.code === 0;
  const end = ok ? answered(true, second.json() as Answer) : told(second.raw);
  return { told: [problem, end], requests: [first.request, second.raw.request] };
};

const intents = async (
  address: ReturnType<typeof clients>,
  call: Call,
  method: 'Call' | 'Confirm',
  body: JsonValue,
) => {
  const registry = fixedProtos();
  const found = registry.getService('ostiary.v1.Intents')?.methods.find(({ name }) => name === method);
  if (found === undefined) throw new Error(`there is no ${method}`);
  const bytes = Buffer.from(toBinary(found.input, fromJson(found.input, body, { registry })));
  const raw = await address.of(call.key).raw(`/ostiary.v1.Intents/${method}`, bytes, { headers: headersOf(call) });
  return {
    raw,
    json: () =>
      toJson(found.output, fromBinary(found.output, raw.bytes ?? Buffer.alloc(0)), {
        registry,
        alwaysEmitImplicit: true,
      }),
  };
};

/** ostiary.v1.Intents/Call, where values are Structs. */
export const openGrpcWay = (address: string): Way => {
  const all = clients(address);
  return {
    name: 'ostiary.v1.Intents',
    async go(call) {
      const first = await intents(all, call, 'Call', { intent: call.intent, input: call.input as JsonValue });
      return goOn(call, all, first.raw, () => (first.json() as { output?: unknown }).output ?? null);
    },
    close: all.close,
  };
};

/** The rpcs that are made of the contracts. What a message cannot say is not sent. */
export const typedGrpcWay = (address: string, { intents: contracts, library }: Catalogue): Way => {
  const all = clients(address);
  const model = toProto(contracts, library, 'shop');
  const file = [...[...fixedProtos().files].map(({ proto }) => proto), ...protoDescriptors(model)];
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file }));
  const typeOf = ({ fullName }: ProtoMessage) => {
    const type = registry.getMessage(fullName);
    if (type === undefined) throw new Error(`there is no ${fullName}`);
    return type;
  };
  const valuesOf = (message: ProtoMessage) =>
    protoValues(message, (schema) => {
      const validate = library.validator(schema);
      return (value) => validate(value);
    });
  return {
    name: 'gRPC',
    async go(call) {
      const rpc = model.rpcs.find(({ intent: { name, id } }) => [name, id].includes(call.intent));
      if (rpc === undefined) return undefined;
      const requests = valuesOf(rpc.request);
      let whole = true;
      const lose = () => {
        whole = false;
      };
      const json = requests.toProto(call.input, lose);
      const request = typeOf(rpc.request);
      const bytes = Buffer.from(toBinary(request, fromJson(request, json as JsonValue, { registry })));
      const sent = toJson(request, fromBinary(request, bytes), { registry, useProtoFieldName: true });
      if (!isDeepStrictEqual(requests.fromProto(sent, lose), call.input) || !whole) return undefined;
      const first = await all.of(call.key).raw(rpc.path, bytes, { headers: headersOf(call) });
      return goOn(call, all, first, () => {
        const response = typeOf(rpc.response);
        const answer = fromBinary(response, first.bytes ?? Buffer.alloc(0));
        const written = toJson(response, answer, { registry, useProtoFieldName: true });
        return valuesOf(rpc.response).fromProto(written, ({ pointer, detail }) => {
          throw new Error(`${pointer} ${detail}`);
        });
      });
    },
    close: all.close,
  };
};
