import type { Tool } from '@modelcontextprotocol/client';
import type { McpBinding } from '../../intents/contract.ts';
import type { Input } from '../../intents/json.ts';
import type { Backend, CallContext, CallProgress, Probing, Reply } from '../../intents/ports.ts';
import { failure, logText } from './failure.ts';
import { type Exchange, toMcpFailure, toMcpReply } from './mcp-answer.ts';
import { mcpConnection } from './mcp-connection.ts';
import { mcpHttp } from './mcp-http.ts';
import { mcpStdio } from './mcp-stdio.ts';
import { checkTool } from './mcp-tools.ts';
import { compileMembers, compileResult } from './template.ts';

export interface McpOptions {
  /** How the configuration calls the backend. */
  readonly name: string;
  /** From the call to the last byte of the answer. */
  readonly timeoutMs: number;
  /** Of one answer. */
  readonly maxBytes: number;
  readonly server:
    | { readonly url: URL; readonly headers: Readonly<Record<string, string>> }
    | {
        readonly command: readonly string[];
        readonly env: Readonly<Record<string, string>>;
        readonly folder: string;
        readonly now: () => number;
      };
}

/**
 * A backend that is an MCP server, over streamable HTTP or started here over standard input and output; each call is a
 * call of a tool. Speaks the revision of 2026-07-28, and those of 2025 with servers that know no later one.
 * @throws Error on options that cannot work
 */
export const mcpBackend = ({ name, timeoutMs, maxBytes, server }: McpOptions): Backend & Probing => {
  const opener =
    'url' in server ? mcpHttp({ name, timeoutMs, maxBytes, ...server }) : mcpStdio({ name, maxBytes, ...server });
  const clean = logText(Object.values('url' in server ? server.headers : server.env));
  const connection = mcpConnection(opener, timeoutMs);
  const compiled: McpBinding[] = [];

  const call = async (tool: string, values: Input, context: CallContext): Promise<Reply> => {
    const { progress } = context;
    if (context.signal.aborted) return failure('upstream.timeout', 'no', 'Given up before it was sent.');
    const signal = AbortSignal.any([context.signal, AbortSignal.timeout(timeoutMs)]);
    const exchange: Exchange = {};
    const failed = (error: unknown, sent: boolean) => {
      const told = toMcpFailure(error, { sent, signal, exchange, logText: clean });
      const said = opener.said();
      return said === '' ? told : { ...told, detail: clean(`${told.detail} It said: ${said}`) };
    };
    for (let first = true; ; first = false) {
      let client: Awaited<ReturnType<typeof connection.client>>;
      try {
        client = await connection.client(signal);
      } catch (error) {
        return failed(error, false);
      }
      const ended = new AbortController();
      const headers = Object.fromEntries(
        Object.entries(context.headers).filter(([header]) => !opener.ownHeaders.has(header.toLowerCase())),
      );
      const known = connection.known(tool);
      try {
        const result = await opener.noting(exchange, () =>
          client.callTool(
            { name: tool, arguments: values, ...traceOf(context) },
            {
              signal: AbortSignal.any([signal, ended.signal]),
              requestSignal: signal,
              timeout: timeoutMs,
              headers,
              ...(progress && { onprogress: ({ progress: far, total }) => progress(farOf(far, total)) }),
              // A stream that ends without an answer leaves nobody else to say so.
              onRequestStreamEnd: () => ended.abort(new Error('The stream ended without an answer.')),
              ...(known === undefined ? {} : { toolDefinition: withoutOutput(known) }),
            },
          ),
        );
        return toMcpReply(result, clean);
      } catch (error) {
        if (!(first && connection.hasSession(client) && (error as { data?: { status?: number } }).data?.status === 404))
          return failed(ended.signal.aborted ? ended.signal.reason : error, true);
        connection.forget(client);
      }
    }
  };

  return {
    compile(binding) {
      if (binding.kind !== 'mcp')
        throw new Error(`Backend "${name}" speaks MCP; the binding must have "mcp", not "${binding.kind}".`);
      const { tool } = binding;
      const valuesFor = binding.arguments === undefined ? (input: Input) => input : compileMembers(binding.arguments);
      const pick = compileResult(binding.result);
      compiled.push(binding);
      return {
        preview: (input) => ({ operation: `tool ${tool}`, payload: valuesFor(input) }),
        call: async (input, context) => {
          const reply = await call(tool, valuesFor(input), context);
          return reply.ok ? { ok: true, value: pick(reply.value) } : reply;
        },
      };
    },
    async probe(signal) {
      if (compiled.length === 0) return [];
      const tools = await connection.tools(signal);
      return compiled.flatMap((binding) => checkTool(binding, tools));
    },
    close: () => connection.close(),
  };
};

/** Where the call stands in a trace, as MCP has it for every transport (2026-07-28, basic, `_meta`). */
const traceOf = ({ headers: { traceparent, tracestate } }: CallContext) =>
  traceparent === undefined ? {} : { _meta: { traceparent, ...(tracestate === undefined ? {} : { tracestate }) } };

const farOf = (progress: number, total: number | undefined): CallProgress => ({
  progress,
  ...(total === undefined ? {} : { total }),
});

/** What a server breaks of its own word is for the contract to judge, as it is for every backend. */
const withoutOutput = ({ outputSchema: _theirs, ...tool }: Tool): Tool => tool;
