import { logText } from '../backends/failure.ts';
import type { McpOptions } from '../backends/mcp.ts';
import { mcpConnection } from '../backends/mcp-connection.ts';
import { mcpHttp } from '../backends/mcp-http.ts';
import { mcpStdio } from '../backends/mcp-stdio.ts';

/** A tool as a server lists it. */
export interface ListedTool {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly inputSchema: unknown;
  readonly outputSchema?: unknown;
  readonly annotations?: unknown;
}

/**
 * Asks an MCP server for all its tools.
 * @throws Error that says why there is no answer: nobody there, too slow, too large, a program that does not start
 */
export const listMcpTools = async (
  { name, timeoutMs, maxBytes, server }: McpOptions,
  signal: AbortSignal,
): Promise<readonly ListedTool[]> => {
  const opener =
    'url' in server ? mcpHttp({ name, timeoutMs, maxBytes, ...server }) : mcpStdio({ name, maxBytes, ...server });
  const connection = mcpConnection(opener, timeoutMs);
  const clean = logText(Object.values('url' in server ? server.headers : server.env));
  try {
    return [...(await connection.tools(AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]))).values()];
  } catch (error) {
    const said = opener.said();
    throw new Error(clean(`${(error as Error).message}${said === '' ? '' : ` It said: ${said}`}`));
  } finally {
    await connection.close();
  }
};
