import type { CallToolResult, InputRequiredResult, Server, ServerContext } from '@modelcontextprotocol/server';
import type { Intent } from '../../intents/contract.ts';
import { type Input, isObject } from '../../intents/json.ts';
import { toProblem } from '../../intents/problems.ts';
import { intentOfMcpName, isCompact } from '../../intents/project/mcp.ts';
import type { Principal } from '../../policies/types.ts';
import type { Gate } from '../gate.ts';
import type { Ended, Request } from '../road/context.ts';
import { maxTokenLength } from '../sessions.ts';
import { printIntent } from './http-print.ts';
import { named } from './http-read.ts';
import type { McpConfirm } from './mcp-confirm.ts';
import { budgetMeta, ownResult, toToolResult } from './mcp-print.ts';
import type { Mcp } from './mcp-server.ts';
import { callerOf, travelFor } from './mcp-travel.ts';

/** What a caller may call, as `GET /v1/intents` lists it. */
export const callableFor = ({ bundle, catalogue }: Gate, principal: Principal): readonly Intent[] =>
  catalogue.intents.filter((intent) => bundle.visibility(principal, intent) === 'callable');

/**
 * Calls a tool: one of an intent, `ask`, or one of the compact ones. Whatever changes or reads anything goes down the road.
 * @throws ProtocolError where there is no such tool for this caller, or a tool of ours gets no sense
 */
export const callTool = async (
  { name, arguments: given = {} }: { readonly name: string; readonly arguments?: Record<string, unknown> | undefined },
  context: ServerContext,
  { sdk, gate, confirm, server }: { sdk: Mcp; gate: Gate; confirm: McpConfirm; server: Server },
): Promise<CallToolResult | InputRequiredResult> => {
  const answered = confirm.answer(name, context);
  if (answered !== undefined)
    return toToolResult(await travelFor(answered, context, gate), context.mcpReq._meta?.[budgetMeta]);
  const intents = callableFor(gate, callerOf(context).principal);
  const own = isCompact(intents.length, gate.config.doors.mcp.compact_above) ? compact[name] : undefined;
  if (own !== undefined) {
    const what = await own(given, intents, context, gate, wrong(sdk));
    if ('content' in what) return what;
    return road(what, name, context, { sdk, gate, confirm, server });
  }
  const what: Request['what'] =
    name === 'ask'
      ? asked(given, gate, wrong(sdk))
      : { kind: 'typed', ...intentOfMcpName(name), input: given as Input };
  return road(what, name, context, { sdk, gate, confirm, server });
};

const road = async (
  what: Request['what'],
  tool: string,
  context: ServerContext,
  { sdk, gate, confirm, server }: { sdk: Mcp; gate: Gate; confirm: McpConfirm; server: Server },
): Promise<CallToolResult | InputRequiredResult> => {
  const ended = await travelFor(what, context, gate);
  if (what.kind === 'typed' && tool !== 'call') refuseUnknown(ended, tool, sdk);
  const asked = await confirm.question(ended, tool, context, server);
  return asked ?? toToolResult(ended, context.mcpReq._meta?.[budgetMeta]);
};

/** A tool that is not there is an error of the protocol (MCP 2026-07-28, server/tools, "Error Handling"); it is recorded all the same. */
const refuseUnknown = ({ outcome, context }: Ended, tool: string, sdk: Mcp): void => {
  if (outcome.kind !== 'denied' || outcome.error.code !== 'intent.unknown') return;
  const problem = toProblem(outcome.error, context.request.id);
  throw new sdk.ProtocolError(sdk.INVALID_PARAMS, `There is no tool "${tool.slice(0, 150)}" for this caller.`, problem);
};

type Wrong = (message: string) => Error;
const wrong =
  (sdk: Mcp): Wrong =>
  (message) =>
    new sdk.ProtocolError(sdk.INVALID_PARAMS, message);

const asked = (
  { text, input = {}, session }: Record<string, unknown>,
  { config }: Gate,
  no: Wrong,
): Request['what'] => {
  const words = typeof text === 'string' ? text.trim() : '';
  if (words === '' || words.length > config.limits.text)
    throw no(`ask takes "text", of 1 to ${config.limits.text} characters.`);
  if (!isObject(input)) throw no('ask takes "input" as an object.');
  if (session !== undefined && (typeof session !== 'string' || session.length > maxTokenLength))
    throw no('ask takes "session" as an earlier answer gave it.');
  return { kind: 'ask', text: words, given: input as Input, ...(session === undefined ? {} : { session }) };
};

type Own = (
  given: Record<string, unknown>,
  intents: readonly Intent[],
  context: ServerContext,
  gate: Gate,
  no: Wrong,
) => CallToolResult | Request['what'] | Promise<CallToolResult | Request['what']>;

const compact: Readonly<Record<string, Own | undefined>> = {
  __proto__: null as never,
  async search({ query, limit = 5 }, intents, context, gate, no) {
    if (typeof query !== 'string' || query.trim() === '') throw no('search takes "query", a few words.');
    if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1 || limit > 20)
      throw no('search takes "limit" from 1 to 20.');
    const found = await searched(query.trim().slice(0, gate.config.limits.text), intents, context, gate);
    return ownResult({ intents: found.slice(0, limit).map((intent) => short(intent, gate)), of: intents.length });
  },
  describe({ intents: wanted }, intents, context, gate, no) {
    if (!Array.isArray(wanted) || wanted.length < 1 || wanted.length > 10)
      throw no('describe takes "intents", 1 to 10 names.');
    const { principal } = callerOf(context);
    const found = wanted.map((written) => {
      const { name, major } = named(String(written).slice(0, 200));
      const intent = intents.findLast((one) => one.name === name && (major === undefined || one.major === major));
      return intent === undefined
        ? { intent: name, unknown: `There is no intent "${name}" for this caller.` }
        : printIntent(intent, gate.bundle.purposesFor(principal, intent));
    });
    return ownResult({ intents: found });
  },
  call({ intent, input = {} }, _intents, _context, _gate, no) {
    if (typeof intent !== 'string' || intent === '') throw no('call takes "intent", a name.');
    if (!isObject(input)) throw no('call takes "input" as an object.');
    return { kind: 'typed', ...named(intent.slice(0, 200)), input: input as Input };
  },
};

/** Those that hold every word of the query first, then by what they mean. */
const searched = async (
  query: string,
  intents: readonly Intent[],
  { mcpReq: { signal } }: ServerContext,
  gate: Gate,
): Promise<readonly Intent[]> => {
  const words = query.toLowerCase().split(/\s+/);
  const literal = intents.filter(({ name, title, description }) => {
    const text = `${name} ${title} ${description}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const listed = new Set(intents);
  const ranked = await gate.resolver.rank(query, { visible: (intent) => listed.has(intent), signal });
  return [...new Set([...literal, ...ranked.map(({ intent }) => intent)])];
};

const short = (intent: Intent, { catalogue }: Gate): Record<string, unknown> => ({
  intent: catalogue.find(intent.name) === intent ? intent.name : `${intent.name}@${intent.major}`,
  title: intent.title,
  effect: intent.effect,
  needs: intent.input.required ?? [],
  ...(intent.examples[0] === undefined ? {} : { example: intent.examples[0].text }),
});
