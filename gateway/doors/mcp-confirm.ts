import { hkdfSync } from 'node:crypto';
import type { InputRequiredResult, RequestStateCodec, Server, ServerContext } from '@modelcontextprotocol/server';
import type { Gate } from '../gate.ts';
import type { Ended, Request } from '../road/context.ts';
import type { Mcp } from './mcp-server.ts';
import { callerOf } from './mcp-travel.ts';

/** What a client carries from the question to its answer. */
interface Waiting {
  readonly confirmation: string;
  /** The tool that was called. */
  readonly tool: string;
}

/** Asks the person at the client for the yes that a request is held back for. */
export interface McpConfirm {
  /** Carries the id of what waits, signed and bound to the caller. */
  readonly codec: RequestStateCodec<Waiting>;
  /** @returns undefined where nothing waits for this caller's own yes, or the client cannot ask a person */
  question(
    ended: Ended,
    tool: string,
    context: ServerContext,
    server: Server,
  ): Promise<InputRequiredResult | undefined>;
  /** What the answer to a question stands for; undefined where the request is none, or gives none. */
  answer(tool: string, context: ServerContext): Request['what'] | undefined;
}

const answerKey = 'confirm';
const formOf = (title: string) => ({
  type: 'object' as const,
  properties: { confirm: { type: 'boolean' as const, title, description: 'Left unset, nothing is done.' } },
  required: [answerKey],
});
/** No confirmation lives longer. */
const ttlSeconds = 24 * 3_600;

export const mcpConfirm = (sdk: Mcp, gate: Gate): McpConfirm => {
  const codec = sdk.createRequestStateCodec<Waiting>({
    key: new Uint8Array(hkdfSync('sha256', gate.sessions.key, '', 'ostiary mcp request state 1', 32)),
    ttlSeconds,
    bind(context) {
      const { tenant, type, id } = callerOf(context).principal;
      return JSON.stringify([tenant, type, id]);
    },
  });
  return {
    codec,
    async question({ outcome, context: { compiled } }, tool, context, server) {
      if (outcome.kind !== 'confirm' || outcome.pending.by === 'other-human' || !asksPeople(server)) return undefined;
      return sdk.inputRequired({
        inputRequests: {
          [answerKey]: sdk.inputRequired.elicit({
            message: outcome.text,
            requestedSchema: formOf(`${compiled?.intent.title ?? 'Yes'}: do it`),
          }),
        },
        requestState: await codec.mint({ confirmation: outcome.pending.id, tool }, context),
      });
    },
    answer(tool, { mcpReq }) {
      const waiting = mcpReq.requestState<Waiting>();
      if (waiting === undefined || waiting.tool !== tool) return undefined;
      const given = sdk.inputResponse(mcpReq.inputResponses, answerKey);
      if (given.kind !== 'elicit') return undefined;
      const confirm = given.action === 'accept' && given.content?.confirm === true;
      return { kind: 'confirmation', id: waiting.confirmation, confirm };
    },
  };
};

/** Whether the client can show a form (MCP 2025-11-25, client/elicitation: one that names no mode can). */
const asksPeople = (server: Server): boolean => {
  const elicitation = server.getClientCapabilities()?.elicitation;
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
};
