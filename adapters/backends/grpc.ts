import type { Input, Json } from '../../intents/json.ts';
import type { Backend, Probing } from '../../intents/ports.ts';
import { failure, unsendable } from './failure.ts';
import { type GrpcOptions, grpcClient } from './grpc-client.ts';
import { type GrpcMethod, grpcMethods, UnusableMethod } from './grpc-methods.ts';
import { UnknownService } from './grpc-reflection.ts';
import { lookupFailure } from './grpc-status.ts';
import { compileResult, compileTemplate } from './template.ts';

/**
 * A backend that speaks gRPC and describes itself by server reflection; unary methods alone. Messages are ProtoJSON:
 * 64-bit integers are strings, bytes are base64, enums are names. Answers use the field names of the proto and show
 * zero values.
 * @throws Error on options that cannot work
 */
export const grpcBackend = (options: GrpcOptions): Backend & Probing => {
  const { name, timeoutMs } = options;
  const client = grpcClient(options);
  const methods = grpcMethods(client.channel, client.metadata, timeoutMs);
  const compiled: { service: string; method: string }[] = [];
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
      compiled.push({ service, method });
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
          const answer = await client.unary(path, message, context);
          if (!answer.ok) return answer;
          try {
            return { ok: true, value: pick(found.decode(answer.bytes)) };
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
