import type { Intent } from '../contract.ts';
import type { SchemaLibrary } from '../schema-library.ts';
import { streamsOutput } from '../shape.ts';
import type { ProtoModel, ProtoRpc } from './proto-model.ts';
import { methodName, pascal } from './proto-names.ts';
import { protoTypes } from './proto-types.ts';

/**
 * Projects intents into protobuf: a service per family (all of the name but its last part), an rpc per intent and major,
 * messages by the schemas. Deterministic, and of an intent's messages nothing moves when another intent comes or goes.
 * @param base in front of every package
 * @throws Error where two members of one message would have one number; the message names all of them and the way out
 */
export const toProto = (intents: readonly Intent[], library: SchemaLibrary, base: string): ProtoModel => {
  const types = protoTypes(library, base);
  const rpcs = [...intents]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((intent): ProtoRpc => {
      const { output = {} } = intent;
      const streams = streamsOutput(intent);
      const parts = intent.name.split('.');
      const last = parts.pop() ?? '';
      const home = [base, ...parts.map((part) => part.replaceAll('-', '_'))].join('.');
      // Messages of a package end with Request or Response, so that a service is never called as one of them.
      const service = `${pascal(parts.at(-1) ?? '')}Service`;
      const method = methodName(last, intent.major);
      return {
        intent,
        package: home,
        service,
        method,
        path: `/${home}.${service}/${method}`,
        request: types.message(intent.input, `${home}.${method}Request`, `${intent.id}, input`, 'input'),
        response: types.message(
          streams ? (output.items ?? {}) : output,
          `${home}.${method}Response`,
          `${intent.id}, output`,
          'output',
          output,
        ),
        streams,
      };
    });
  if (types.faults.length > 0) throw new Error(types.faults.join('\n'));
  return { base, rpcs: rpcs.sort((a, b) => (a.path < b.path ? -1 : 1)), notes: types.notes };
};
