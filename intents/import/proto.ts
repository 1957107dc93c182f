import type { Effect } from '../contract.ts';
import { type DraftIntent, type GrpcCall, type Imported, type Lossy, type Reach, Untranslatable } from './draft.ts';
import { applyHint, hintedNames, type NamesTaken, undoneByKnown } from './hint.ts';
import { kebab, nameWords } from './naming.ts';
import { plainText } from './plain-text.ts';
import { type ProtoSchemas, protoSchemas } from './proto-schemas.ts';
import type { ProtoMethod, ProtoView } from './proto-view.ts';
import { effectOfName, rpcUtterances, sinksOf, titleOf } from './rpc-naming.ts';

/** Of the server, and not of what it serves. */
const own = /^grpc\.(reflection|health|channelz|binarylog)\./;
const maxBytes = 1_000_000;

/**
 * Makes a draft intent of each method that is asked once; what it answers one by one becomes a list. What protos say of themselves is a hint: nothing that comes out can be called
 * before a policy allows it.
 * @param options.reach address of the server, where it is known, and its descriptors, where they came from files
 * @param options.files those descriptors
 */
export const importProto = (
  view: ProtoView,
  {
    backend,
    sourceName,
    reach = {},
    files,
  }: {
    backend: string;
    sourceName: string;
    reach?: Omit<Reach & { kind: 'grpc' }, 'kind'>;
    files?: Imported['files'];
  },
): Imported<GrpcCall> => {
  const types = protoSchemas(view);
  const names = hintedNames(view.methods.map(({ hint }) => hint));
  const groups = groupsOf(view.methods);
  const skipped: { operation: string; reason: string }[] = [];
  const lossy: Lossy[] = [];
  const drafts: DraftIntent<GrpcCall>[] = [];
  for (const method of view.methods) {
    const operation = `${method.service}/${method.name}`;
    try {
      if (own.test(method.service)) throw new Untranslatable('', 'it belongs to the server itself');
      if (method.streams === 'client' || method.streams === 'both')
        throw new Untranslatable('', 'it takes a stream, and an intent is asked once');
      drafts.push(draft(method, operation, types, groups.get(method.service) ?? 'api', { backend, names, lossy }));
    } catch (error) {
      if (!(error instanceof Untranslatable)) throw error;
      skipped.push({ operation, reason: error.message });
    }
  }
  const undone = undoneByKnown(drafts);
  return {
    backend,
    reach: { kind: 'grpc', ...reach },
    sourceName,
    ...(files === undefined ? {} : { files }),
    intents: undone.intents,
    schemas: types.schemas,
    skipped,
    lossy: [...lossy, ...undone.lossy],
    servers: [],
    credentialHeaders: { authorization: `Bearer \${${backend.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}_TOKEN:-}` },
  };
};

const draft = (
  method: ProtoMethod,
  operation: string,
  types: ProtoSchemas,
  group: string,
  { backend, names, lossy }: { backend: string; names: NamesTaken; lossy: Lossy[] },
): DraftIntent<GrpcCall> => {
  const input = types.whole(method.input, 'input');
  if (input.type !== 'object') throw new Untranslatable(method.input, 'the input of an intent is an object');
  const answer = types.whole(method.output, 'output');
  const output = method.streams === 'server' ? { type: 'array', items: answer } : answer;
  if (JSON.stringify([input, output]).length > maxBytes) throw new Untranslatable(method.input, 'it is too large');
  const { description: _ofMessage, ...members } = input;
  const note = (place: string, reason: string) => lossy.push({ operation, place, reason });
  const rest = kebab(method.name) || 'call';
  const words = rest.includes('-') ? rest.replaceAll('-', ' ') : nameWords(group, rest);
  const sentence = titleOf(method.comment);
  // "Gets a topic." names the method; "Only while it is open." speaks of something else.
  const spoken = sentence.toLowerCase().startsWith(words.slice(0, 3));
  const title = spoken ? sentence : words.charAt(0).toUpperCase() + words.slice(1);
  const said = plainText(method.comment, 500);
  const effect = effectOf(method);
  return applyHint<GrpcCall>(
    {
      operation,
      group,
      name: `${group}.${rest}`,
      version: '1.0.0',
      title,
      description: method.deprecated ? `Deprecated. ${said}`.trim() : said,
      effect,
      sinks: effect === 'read' ? [] : sinksOf(input),
      examples: rpcUtterances(title, words, input),
      input: { properties: {}, ...members },
      output,
      call: { backend, grpc: operation },
    },
    { raw: method.hint, place: `${operation}(ostiary.v1.intent)`, at: operation, note, names },
  );
};

const effectOf = ({ name, pure, http }: ProtoMethod): Effect => {
  if (pure || http === 'GET') return 'read';
  if (http === 'DELETE') return 'destructive';
  const effect = effectOfName(name, 'write');
  // A body is sent to be kept, unless the name says that it is only asked about.
  return http === 'PUT' || http === 'PATCH' ? 'write' : effect;
};

/** `OrdersService` is `orders`; where two services would share a name, their packages stand in front. */
const groupsOf = (methods: readonly ProtoMethod[]): ReadonlyMap<string, string> => {
  const services = [...new Set(methods.map(({ service }) => service))];
  const short = (service: string) =>
    kebab(
      service
        .split('.')
        .at(-1)
        ?.replace(/(?<=.)Service$/, '') ?? '',
      40,
    ) || 'api';
  const shared = Map.groupBy(services, short);
  return new Map(
    services.map((service) => {
      const name = short(service);
      const alone = (shared.get(name) ?? []).length < 2;
      return [service, alone ? name : kebab(service.replaceAll('.', '-'), 60)];
    }),
  );
};
