import type { ServerContext } from '@modelcontextprotocol/server';
import type { Telemetry, Trace } from './telemetry.ts';
import { carriedTrace } from './trace-context.ts';

/** The trace that a message belongs to: its own, as MCP has it in `_meta`, or else that of the HTTP request it came with. */
export const messageTrace = ({ mcpReq }: ServerContext, http: Trace | undefined): Trace | undefined =>
  carriedTrace(mcpReq._meta?.traceparent, mcpReq._meta?.tracestate) ?? http;

/**
 * Makes a span of a message at the MCP door, and measures it. Source: the semantic conventions for MCP.
 * @param method one of those that the door knows
 */
export const serveMessage = async <T>(
  { spans, meters }: Telemetry,
  method: string,
  parent: Trace | undefined,
  answer: () => T | Promise<T>,
): Promise<T> => {
  if (spans === undefined && meters === undefined) return answer();
  const started = performance.now();
  const about = { 'mcp.method.name': method };
  const trace = spans?.begin(method, 'server', about, parent);
  let error: string | undefined;
  try {
    return await (trace === undefined || spans === undefined ? answer() : spans.within(trace, answer));
  } catch (thrown) {
    const { code } = thrown as { code?: unknown };
    error = typeof code === 'number' ? String(code) : '_OTHER';
    throw thrown;
  } finally {
    if (trace !== undefined) spans?.end(trace, { error });
    meters?.took('mcp.server.operation.duration', performance.now() - started, {
      ...about,
      ...(error && { 'error.type': error }),
    });
  }
};
