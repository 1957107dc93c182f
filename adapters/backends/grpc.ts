import type { Template } from '../../intents/contract.ts';
import type { Input, Json } from '../../intents/json.ts';
import type { Backend, CallContext, Failure, Probing, Reply } from '../../intents/ports.ts';
import { failure, unsendable } from './failure.ts';
import { type GrpcOptions, grpcClient } from './grpc-client.ts';
import { type GrpcMethod, grpcMethods, methodIn, UnusableMethod } from './grpc-methods.ts';
import { UnknownService } from './grpc-reflection.ts';
import { lookupFailure } from './grpc-status.ts';
import { compileResult, compileTemplate } from './template.ts';

/** Of one list: as many as a person ever looks at, and small ones add up in memory. */
const maxMessages = 10_000;

/**
 * A backend that speaks gRPC and describes itself by server reflection, unless its descriptors are at hand; unary methods, and those that stream their
 * answer, which becomes a list. Messages are ProtoJSON: 64-bit integers are strings, bytes are base64, enums are names.
 * Answers use the field names of the proto and show zero values.
 * @throws Error on options that cannot work
 */
export const grpcBackend = (options: GrpcOptions): Backend & Probing => {
  const { name, timeoutMs } = options;
  const client = grpcClient(options);
  const { descriptors } = options;
  const methods = grpcMethods(client.channel, client.metadata, timeoutMs);
  const compiled: { service: string; method: string }[] = [];
  /** A list of all that comes; or an empty one, where each is passed on as it comes. */
  const streamed = async (
    path: string,
    message: Buffer,
    context: CallContext,
    read: (bytes: Buffer) => unknown,
  ): Promise<Reply> => {
    const all: unknown[] = [];
    let size = 0;
    let broken: Failure | undefined;
    const stop = (detail: string): never => {
      broken = failure('upstream.invalid', 'yes', client.logText(detail));
      throw new Error(detail);
    };
    const take = async (bytes: Buffer): Promise<void> => {
      size += bytes.length;
      if (context.items === undefined && size > options.maxBytes)
        stop(`The answer has more than ${options.maxBytes} bytes.`);
      if (context.items === undefined && all.length === maxMessages)
        stop(`The answer has more than ${maxMessages} messages.`);
      let value: unknown;
      try {
        value = read(bytes);
      } catch (error) {
        stop(`The answer cannot be read: ${error}`);
      }
      if (context.each !== undefined) value = await context.each(value);
      if (context.items === undefined) all.push(value);
      else await context.items(value);
    };
    try {
      const ended = await client.stream(path, message, context, take);
      return ended.ok ? { ok: true, value: all } : ended;
    } catch (error) {
      if (broken !== undefined) return broken;
      throw error;
    }
  };
  return {
    compile(binding) {
      if (binding.kind !== 'grpc')
        throw new Error(`Backend "${name}" speaks gRPC; the binding must have "grpc", not "${binding.kind}".`);
      const { service, method } = binding;
      const path = `/${service}/${method}`;
      const fill = binding.message === undefined ? (input: Input) => input : compileTemplate(binding.message);
      const messageFor = (input: Input): Json => fill(input) ?? {};
      const pick = compileResult(binding.result);
      let found: GrpcMethod | undefined;
      // What is known at load is checked then; else at the probe.
      if (descriptors === undefined) compiled.push({ service, method });
      else found = methodIn(descriptors, service, method);
      return {
        preview: (input) => ({ operation: `${service}/${method}`, payload: messageFor(input) }),
        call: async (input, context) => {
          try {
            found ??= await methods.find(service, method, context.signal);
          } catch (error) {
            return lookupFailure(error, client.logText);
          }
          let message: Buffer;
          try {
            message = found.encode(messageFor(input));
          } catch (error) {
            return unsendable(error);
          }
          const { decode, streams } = found;
          if (streams)
            return withPointers(await streamed(path, message, context, (bytes) => pick(decode(bytes))), binding);
          const answer = await client.unary(path, message, context);
          if (!answer.ok) return withPointers(answer, binding);
          try {
            return { ok: true, value: pick(decode(answer.bytes)) };
          } catch (error) {
            return failure('upstream.invalid', 'yes', client.logText(`The answer cannot be read: ${error}`));
          }
        },
      };
    },
    async probe(signal) {
      const messages: string[] = [];
      for (const { service, method } of compiled)
        try {
          await methods.find(service, method, signal);
        } catch (error) {
          if (!(error instanceof UnknownService || error instanceof UnusableMethod))
            throw new Error(`Backend "${name}" cannot be asked what it offers: ${(error as Error).message}`);
          messages.push(error.message);
        }
      return messages;
    },
    close: async () => client.close(),
  };
};

/** Fields of the backend's message as the members of the input that filled them; others stay what they are. */
const withPointers = (reply: Reply, { message }: { readonly message?: Template }): Reply => {
  if (reply.ok || reply.told?.errors === undefined) return reply;
  const { told } = reply;
  const errors = reply.told.errors.map(({ pointer, detail }) => {
    const source = message === undefined ? undefined : valueAt(message, pointer.slice(1).split('/'));
    const from =
      typeof source === 'string' && source.startsWith('$.') ? `/${source.slice(2).replaceAll('.', '/')}` : pointer;
    return { pointer: from, detail };
  });
  return { ...reply, told: { ...told, errors } };
};

/** Own members alone. */
const valueAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (here, name) =>
      typeof here === 'object' && here !== null && Object.hasOwn(here, name)
        ? (here as Record<string, unknown>)[name]
        : undefined,
    value,
  );
