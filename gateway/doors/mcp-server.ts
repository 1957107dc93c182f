import type { Server, ServerContext, Tool } from '@modelcontextprotocol/server';
import { mcpTools } from '../../intents/project/mcp.ts';
import type { Gate } from '../gate.ts';
import { messageTrace, serveMessage } from '../telemetry/serve-mcp.ts';
import { callableFor, callTool } from './mcp-call.ts';
import { completeName, intentPrefix, listResources, readResource, resourceTemplates } from './mcp-catalogue.ts';
import { type McpConfirm, mcpConfirm } from './mcp-confirm.ts';
import { completeArgument, getPrompt, listPrompts } from './mcp-prompts.ts';
import { callerOf } from './mcp-travel.ts';

/** The library, which is loaded when the first client comes. */
export type Mcp = typeof import('@modelcontextprotocol/server');

const instructions =
  'Each tool is one thing that can be done here, decided on and recorded for whoever holds the credential. A refusal ' +
  'says why; do not try another way around it. What needs a yes is asked of the person.';
/** Of values that complete what somebody types (MCP 2026-07-28, server/utilities/completion). */
const maxCompleted = 100;
/** A person takes their time. */
const roundTimeoutMs = 10 * 60_000;

const confirms = new WeakMap<Gate, McpConfirm>();
/** The same for all requests of a gate: to derive a key takes longer than to use it. */
const confirmFor = (sdk: Mcp, gate: Gate): McpConfirm => {
  const confirm = confirms.get(gate) ?? mcpConfirm(sdk, gate);
  confirms.set(gate, confirm);
  return confirm;
};

/** A server for one request, or one session of 2025: parses and prints, and sends every call down the road. */
export const mcpServer = (sdk: Mcp, gateNow: () => Gate): Server => {
  const confirm = confirmFor(sdk, gateNow());
  const server = new sdk.Server(
    { name: 'ostiary', title: 'Ostiary', version: '1' },
    {
      instructions,
      capabilities: {
        tools: { listChanged: true },
        resources: { listChanged: true },
        prompts: { listChanged: true },
        completions: {},
      },
      requestState: { verify: confirm.codec.verify },
      inputRequired: { roundTimeoutMs, maxRounds: 2 },
    },
  );
  const onePage = ({ params }: { readonly params?: { readonly cursor?: string | undefined } | undefined }) => {
    if (params?.cursor !== undefined)
      throw new sdk.ProtocolError(sdk.INVALID_PARAMS, 'Every list is one page: there is no cursor.');
  };
  /** Handlers of messages, each seen to be traced and measured. */
  const on = ((method: string, handler: (request: never, context: ServerContext) => unknown) =>
    server.setRequestHandler(
      method as 'tools/list',
      (request, context) =>
        serveMessage(gateNow().telemetry, method, messageTrace(context, callerOf(context).trace), () =>
          handler(request as never, context),
        ) as never,
    )) as unknown as typeof server.setRequestHandler;
  on('tools/list', (request, context) => {
    onePage(request);
    const { catalogue, config } = gateNow();
    const tools = mcpTools(
      callableFor(gateNow(), callerOf(context).principal),
      catalogue,
      config.doors.mcp.compact_above,
    );
    return { tools: [...tools] as Tool[] };
  });
  on('tools/call', ({ params }, context) => callTool(params, context, { sdk, gate: gateNow(), confirm, server }));
  on('resources/list', (request, context) => {
    onePage(request);
    return listResources(context, gateNow());
  });
  on('resources/templates/list', (request) => {
    onePage(request);
    return resourceTemplates;
  });
  on('resources/read', ({ params }, context) => readResource(params.uri, context, gateNow(), sdk));
  on('prompts/list', (request, context) => {
    onePage(request);
    return listPrompts(context, gateNow());
  });
  on('prompts/get', ({ params }, context) => getPrompt(params, context, gateNow(), sdk));
  on('completion/complete', ({ params: { ref, argument } }, context) => {
    const gate = gateNow();
    const all =
      ref.type === 'ref/prompt'
        ? completeArgument(ref.name, argument.name, argument.value, context, gate)
        : ref.uri === `${intentPrefix}{name}`
          ? completeName(argument.value, context, gate)
          : [];
    const values = all.slice(0, maxCompleted);
    return { completion: { values, total: all.length, hasMore: all.length > values.length } };
  });
  return server;
};
