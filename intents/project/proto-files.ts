import type { ProtoEnum, ProtoMessage, ProtoModel, ProtoRpc } from './proto-model.ts';

/** One .proto file of a model. */
export interface ProtoFile {
  /** `intents/orders/service.proto` */
  readonly path: string;
  readonly package: string;
  /** Paths. */
  readonly imports: readonly string[];
  /** At most one: a file without any holds what is shared. */
  readonly service: string | undefined;
  readonly rpcs: readonly ProtoRpc[];
  readonly messages: readonly ProtoMessage[];
  readonly enums: readonly ProtoEnum[];
}

const struct = 'google/protobuf/struct.proto';
export const intentOption = 'ostiary/v1/intent.proto';

/**
 * Lays a model out in files: one per service, and one for what they share.
 * @param shown which intents are in it; what only others need is left out
 */
export const protoFiles = ({ base, rpcs }: ProtoModel, shown: (rpc: ProtoRpc) => boolean = () => true): ProtoFile[] => {
  const sharedPath = `${base.replaceAll('.', '/')}/types.proto`;
  const shared = new Map<string, ProtoMessage | ProtoEnum>();
  const packages = new Map<string, ProtoRpc[]>();
  for (const rpc of rpcs) if (shown(rpc)) packages.set(rpc.package, [...(packages.get(rpc.package) ?? []), rpc]);

  const fileOf = (of: Pick<ProtoFile, 'path' | 'package' | 'service' | 'rpcs' | 'messages' | 'enums'>): ProtoFile => {
    const imports = new Set<string>(of.rpcs.length > 0 ? [intentOption] : []);
    for (const message of of.messages)
      for (const { type } of fieldsOf(message)) {
        if (type.kind === 'open') imports.add(struct);
        if ((type.kind === 'message' || type.kind === 'enum') && type.of.shared && of.path !== sharedPath)
          imports.add(sharedPath);
      }
    return { ...of, imports: [...imports].sort() };
  };

  const services = [...packages.values()].map((all) => {
    const { package: home, service } = all[0] as ProtoRpc;
    const messages = all.flatMap(({ request, response }) => [request, response]);
    for (const message of messages) reach(message, shared);
    return fileOf({
      path: `${home.replaceAll('.', '/')}/service.proto`,
      package: home,
      service,
      rpcs: all,
      messages,
      enums: [],
    });
  });
  if (shared.size === 0) return services;
  const types = [...shared.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return [
    fileOf({
      path: sharedPath,
      package: base,
      service: undefined,
      rpcs: [],
      messages: types.filter((one) => 'fields' in one),
      enums: types.filter((one) => 'values' in one),
    }),
    ...services,
  ];
};

const fieldsOf = function* (message: ProtoMessage): Generator<ProtoMessage['fields'][number]> {
  yield* message.fields;
  for (const inner of message.messages) yield* fieldsOf(inner);
};

const reach = (message: ProtoMessage, shared: Map<string, ProtoMessage | ProtoEnum>): void => {
  for (const { type } of fieldsOf(message)) {
    if ((type.kind !== 'message' && type.kind !== 'enum') || !type.of.shared || shared.has(type.of.fullName)) continue;
    shared.set(type.of.fullName, type.of);
    if (type.kind === 'message') reach(type.of, shared);
  }
};

/** The utterances of an intent as a contract writes them, at most three: they show callers what it is for. */
export const shownExamples = ({ intent }: ProtoRpc): string[] =>
  intent.examples.slice(0, 3).map(({ text, annotations }) => {
    let written = '';
    let from = 0;
    for (const { slot, start, end } of [...annotations].sort((a, b) => a.start - b.start)) {
      written += `${text.slice(from, start)}[${slot}: ${text.slice(start, end)}]`;
      from = end;
    }
    return written + text.slice(from);
  });
