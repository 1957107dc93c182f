import { randomUUID } from 'node:crypto';
// A gateway has loaded it when it probes; the time limit of a call here is shorter than the loading.
import '@modelcontextprotocol/client';
import { createMcpHandler, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import fastify, { type FastifyRequest } from 'fastify';
import { mcpBackend } from '../../../adapters/backends/mcp.ts';
import type { McpBinding } from '../../../intents/contract.ts';
import { type Kind, limits } from './contract.ts';
import { servedTools } from './mcp-tools-served.ts';
import { listen, misbehave, options } from './rest-world.ts';

export const overHttp = (url: string, timeoutMs = limits.timeoutMs) => {
  const { name, maxBytes, url: address, headers } = options(url);
  return mcpBackend({ name, timeoutMs, maxBytes, server: { url: address, headers } });
};

export const tool = (name: string, more: Partial<McpBinding> = {}): McpBinding => ({
  kind: 'mcp',
  backend: 'echo',
  tool: name,
  members: [],
  ...more,
});

type Serve = (request: Request, parsedBody: unknown) => Promise<Response>;

/** A server of today, or one that keeps a session as those of 2025 did and can lose it. */
const serving = (sessions: boolean, headers: () => Readonly<Record<string, unknown>>) => {
  const open = new Map<string, WebStandardStreamableHTTPServerTransport>();
  const { fetch } = createMcpHandler(() => servedTools(headers));
  const withSessions: Serve = async (request, parsedBody) => {
    const id = request.headers.get('mcp-session-id');
    const known = id === null ? undefined : open.get(id);
    if (known !== undefined) return known.handleRequest(request, { parsedBody });
    if (id !== null) return Response.json({ error: 'no such session' }, { status: 404 });
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (opened) => {
        open.set(opened, transport);
      },
    });
    const server = servedTools(headers);
    await server.connect(transport);
    return transport.handleRequest(request, { parsedBody });
  };
  const stateless: Serve = (request, parsedBody) => fetch(request, { parsedBody });
  return { serve: sessions ? withSessions : stateless, sessions: open };
};

export const startMcp = async (sessions = false) => {
  const app = fastify({ forceCloseConnections: true });
  let received: Readonly<Record<string, unknown>> = {};
  const ended: string[] = [];
  const { serve, sessions: open } = serving(sessions, () => received);
  const toRequest = ({ method, headers, raw }: FastifyRequest): Request => {
    const gone = new AbortController();
    raw.socket.once('close', () => gone.abort());
    return new Request('http://127.0.0.1/mcp', {
      method,
      headers: headers as Record<string, string>,
      signal: gone.signal,
    });
  };
  app.all<{ Body?: { method?: string; params?: { arguments?: { say?: string } } } }>('/mcp', async (request, reply) => {
    const { body } = request;
    if (request.method === 'DELETE') ended.push(String(request.headers['mcp-session-id']));
    if (body?.method === 'tools/call') {
      received = request.headers;
      const say = body.params?.arguments?.say ?? '';
      if (['garbage', 'huge', 'silence', 'reset'].includes(say) && misbehave(say, reply, request.headers)) return reply;
    }
    return reply.send(await serve(toRequest(request), body));
  });
  const { origin, openSockets, stop } = await listen(app);
  return { url: `${origin}/mcp`, openSockets, received: () => received, sessions: open, ended: () => ended, stop };
};

const kind = (name: string, sessions: boolean): Kind => ({
  kind: name,
  handshake: true,
  alsoSends: ['mcp-protocol-version', 'mcp-method', 'mcp-name', 'mcp-session-id'],
  nowhere: (port) => overHttp(`http://127.0.0.1:${port}/mcp`),
  async start() {
    const { url, openSockets, received, stop } = await startMcp(sessions);
    const backend = overHttp(url);
    return {
      backend,
      binding: tool('echo', { members: [{ name: 'say', required: true }] }),
      received,
      openSockets,
      stop: async () => {
        await stop();
        await backend.close();
      },
    };
  },
});

export const mcpKind = kind('MCP', false);
export const mcpOf2025 = kind('MCP of 2025, with a session', true);
/** Long enough for a program to start on a busy machine. */
export const patient = { timeoutMs: 20_000, maxBytes: limits.maxBytes };
