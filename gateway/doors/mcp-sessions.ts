import { randomUUID } from 'node:crypto';
import type { AuthInfo, Server, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import { LRUCache } from 'lru-cache';
import { isObject } from '../../intents/json.ts';
import type { Principal } from '../../policies/types.ts';
import type { Mcp } from './mcp-server.ts';

interface Session {
  readonly transport: WebStandardStreamableHTTPServerTransport;
  readonly server: Server;
  readonly holder: string;
}

/** Serves one HTTP request of a session, or begins one. */
export interface McpSessions {
  /** @returns undefined where the request belongs to no session and needs none */
  serve(request: Request, body: unknown, principal: Principal, authInfo: AuthInfo): Promise<Response | undefined>;
  /** Tells every client that listens that the lists are others now. */
  changed(): void;
  close(): Promise<void>;
}

/** A session that rests so long, or is the longest unused of so many, is gone; its client begins another. */
const [maxSessions, restMs] = [1_000, 30 * 60_000];
/** Nobody takes the room of everybody. */
const maxOfHolder = 50;

/**
 * Sessions for clients of the revisions of 2025, which need one to be asked for a yes in the middle of a call. Only those
 * that say they can ask a person get one; everybody else is served without state.
 */
export const mcpSessions = (sdk: Mcp, serverFor: () => Server): McpSessions => {
  const sessions = new LRUCache<string, Session>({
    max: maxSessions,
    ttl: restMs,
    updateAgeOnGet: true,
    dispose: ({ server }) => {
      server.close().catch(() => {});
    },
  });
  const begin = async (holder: string): Promise<Session> => {
    // Most recently used first.
    const theirs = [...sessions.entries()].filter(([, session]) => session.holder === holder);
    for (const [id] of theirs.slice(maxOfHolder - 1)) sessions.delete(id);
    const server = serverFor();
    const session: Session = {
      server,
      holder,
      transport: new sdk.WebStandardStreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (id) => {
          sessions.set(id, session);
        },
        onsessionclosed: (id) => {
          sessions.delete(id);
        },
      }),
    };
    await server.connect(session.transport);
    return session;
  };
  return {
    async serve(request, body, { tenant, type, id }, authInfo) {
      const named = request.headers.get('mcp-session-id');
      if (named === null && !asksPeople(body)) return undefined;
      if (!(await sdk.isLegacyRequest(request, body))) return undefined;
      const holder = JSON.stringify([tenant, type, id]);
      const known = named === null ? undefined : sessions.get(named);
      if (named !== null && known?.holder !== holder)
        // Of somebody else or of nobody: it looks the same from outside.
        return Response.json(
          { jsonrpc: '2.0', id: null, error: { code: -32_001, message: 'There is no such session for this caller.' } },
          { status: 404 },
        );
      const { transport } = known ?? (await begin(holder));
      return transport.handleRequest(request, { parsedBody: body, authInfo });
    },
    changed() {
      for (const { server } of sessions.values())
        for (const told of [
          server.sendToolListChanged(),
          server.sendPromptListChanged(),
          server.sendResourceListChanged(),
        ])
          told.catch(() => {});
    },
    async close() {
      sessions.clear();
    },
  };
};

const asksPeople = (body: unknown): boolean => {
  if (!isObject(body) || body.method !== 'initialize' || !isObject(body.params)) return false;
  const { capabilities } = body.params;
  return isObject(capabilities) && isObject(capabilities.elicitation);
};
