import type { FileRegistry } from '@bufbuild/protobuf';
import type { Input } from '../../intents/json.ts';
import type { Problem } from '../../intents/problems.ts';
import { fixedProtos } from '../../intents/project/proto-fixed.ts';
import type { Progress } from '../../intents/resolve/types.ts';
import type { Ended, Request } from '../road/context.ts';
import { askOf, bodies } from './bodies.ts';
import { type GrpcCaller, principalOf, take, trimmed } from './grpc-call.ts';
import { type messageOf, projectionOf, readMessage, writeMessage } from './grpc-projection.ts';
import { Refusal } from './grpc-status.ts';
import { type Printed, printConversation, printIntent, printTyped } from './http-print.ts';
import { named, readBody } from './http-read.ts';
import { trimConversation } from './http-trim.ts';

type Json = Readonly<Record<string, unknown>>;
type Method = (body: Json, caller: GrpcCaller) => Promise<Json>;
type Told = Parameters<NonNullable<Request['progress']>>[0];

/** A model's tokens come faster than anybody reads how many there are. */
const progressEveryMs = 100;

/** A method of ostiary.v1.Intents with one answer. */
export const intentsMethod = (
  name: 'Ask' | 'Call' | 'Explain' | 'List' | 'Confirm',
): ((bytes: Buffer, caller: GrpcCaller) => Promise<Buffer>) => {
  const { request, response } = methodTypes(name);
  return async (bytes, caller) =>
    writeMessage(response, await methods[name](read(request, bytes, caller), caller), fixedProtos());
};

/** The one that tells on the way how far it is. */
export const askWithProgress = async (
  bytes: Buffer,
  caller: GrpcCaller,
  send: (bytes: Buffer) => boolean,
): Promise<void> => {
  const { request, response } = methodTypes('AskWithProgress');
  const event = (json: Json) => send(writeMessage(response, json, fixedProtos()));
  let [tier, at, drained] = ['', 0, true];
  const progress = (so: Progress | Told) => {
    const now = performance.now();
    if (!drained || (so.tier === tier && now - at < progressEveryMs)) return;
    [tier, at] = [so.tier, now];
    drained = event({ progress: { tier: so.tier, ...(so.tokens === undefined ? {} : { tokens: so.tokens }) } });
  };
  event({ answer: await ask(read(request, bytes, caller), caller, progress) });
};

const methods: Readonly<Record<'Ask' | 'Call' | 'Explain' | 'List' | 'Confirm', Method>> = {
  Ask: (body, caller) => ask(body, caller),
  async Call(body, caller) {
    const { explainCall } = bodies(caller.gate.config.limits);
    const { intent, input, purpose } = readBody(explainCall, body);
    const ended = await take(caller, { what: typed(intent, input), explain: false, purpose });
    return { output: plain(trimmed(printTyped(ended), ended, caller)) };
  },
  async Explain(body, caller) {
    const { explainCall, explainWords } = bodies(caller.gate.config.limits);
    if (Object.hasOwn(body, 'intent')) {
      const { intent, input, purpose } = readBody(explainCall, body);
      return answer(await take(caller, { what: typed(intent, input), explain: true, purpose }), true);
    }
    const words = readBody(explainWords, body);
    return answer(await take(caller, { what: askOf(words), explain: true, purpose: words.purpose }), true);
  },
  async List(_body, caller) {
    const { gate } = caller;
    const principal = await principalOf(caller);
    const paths = new Map([...projectionOf(gate).rpcs.values()].map(({ intent, path }) => [intent.id, path]));
    const intents = gate.catalogue.intents.filter((one) => gate.bundle.visibility(principal, one) === 'callable');
    return {
      intents: intents.map((intent) => ({
        ...printIntent(intent, gate.bundle.purposesFor(principal, intent)),
        call: paths.get(intent.id),
      })),
    };
  },
  async Confirm({ id, ...body }, caller) {
    const { confirm, trace } = readBody(bodies(caller.gate.config.limits).confirmation, body);
    const what = { kind: 'confirmation', id: String(id ?? ''), confirm } as const;
    return answer(await take(caller, { what, explain: false }), trace);
  },
};

const ask = async (body: Json, caller: GrpcCaller, progress?: Request['progress']): Promise<Json> => {
  const asked = readBody(bodies(caller.gate.config.limits).ask, body);
  const rest = { what: askOf(asked), explain: false, purpose: asked.purpose };
  const ended = await take(caller, progress === undefined ? rest : { ...rest, progress });
  return answer(ended, asked.trace, caller.budget);
};

const typed = (written: string, input: Input): Request['what'] => ({ kind: 'typed', ...named(written), input });

/** The members that have fields of their own, and the rest. */
const answer = (ended: Ended, trace: boolean, budget?: number): Json => {
  const printed = trimConversation(printConversation(ended, trace), ended, budget);
  const { outcome, request, session, message, output, ...more } = plain(printed) as Json;
  return withoutUndefined({ outcome, request, session, message, output, more });
};

/** @throws Refusal where it is a problem */
const plain = ({ problem, body }: Printed): unknown => {
  if (problem) throw new Refusal(body as Problem);
  return JSON.parse(JSON.stringify(body ?? null));
};

const withoutUndefined = (value: Json): Json =>
  Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined));

const methodTypes = (name: string) => {
  const registry: FileRegistry = fixedProtos();
  const method = registry.getService('ostiary.v1.Intents')?.methods.find((one) => one.name === name);
  if (method === undefined) throw new Error(`ostiary.v1.Intents has no ${name}`);
  return { request: method.input, response: method.output };
};

const read = (type: ReturnType<typeof messageOf>, bytes: Buffer, { gate }: GrpcCaller): Json =>
  readMessage(type, bytes, fixedProtos(), gate.config.limits.depth) as unknown as Json;
