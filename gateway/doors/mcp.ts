import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { OstiaryError, toProblem } from '../../intents/problems.ts';
import type { Gate } from '../gate.ts';
import { recordRefusal } from '../road/answer.ts';
import { traceOf } from '../telemetry/serve-http.ts';
import { bearerOf, idempotencyKeyOf, presentedBy, purposeHeader } from './http-read.ts';
import { toOstiaryError } from './http-refusals.ts';
import { challengeOf, letIn, protectedResource, resourceOf } from './mcp-guard.ts';
import { type Mcp, mcpServer } from './mcp-server.ts';
import { mcpSessions } from './mcp-sessions.ts';
import { countedStreams, opensStream } from './mcp-streams.ts';
import type { McpCaller } from './mcp-travel.ts';

const path = '/mcp';
const metadataPath = '/.well-known/oauth-protected-resource';

/**
 * The MCP door: streamable HTTP of the revision of 2026-07-28 and, for clients that know no later one, those of 2025.
 * Every request shows a credential; the host it is sent to and the page it is sent from must be known.
 * @param gateNow asked for at each request, so that a reload needs no restart
 */
export const mcpDoor = (app: FastifyInstance, gateNow: () => Gate): void => {
  let opened: Promise<Opened> | undefined;
  const open = () => {
    opened ??= openDoor(gateNow);
    return opened;
  };
  app.addHook('preClose', async () => {
    const { handler, sessions } = (await opened) ?? {};
    await Promise.all([handler?.close(), sessions?.close()]);
  });

  app.server.on('reloaded', () => {
    void opened?.then(({ handler: { notify }, sessions }) => {
      notify.toolsChanged();
      notify.promptsChanged();
      notify.resourcesChanged();
      sessions.changed();
    });
  });
  const streams = countedStreams();

  const serve = async (request: FastifyRequest, reply: FastifyReply) => {
    const { sdk, handler, sessions } = await open();
    const gate = gateNow();
    letIn(request, gate.config, sdk);
    const bearer = bearerOf(request);
    // One object for the whole request: a proof is taken once, here and on the road.
    const presented = presentedBy(request, gate.config.listen.url);
    const principal = await gate.authenticator.authenticate(bearer, new Date(), presented);
    if (Array.isArray(request.body))
      throw new OstiaryError('request.invalid', 'One message a request: batches are not taken.');
    if (opensStream(request.body))
      reply.raw.once('close', streams.enter(JSON.stringify([principal.tenant, principal.type, principal.id])));
    const gone = new AbortController();
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) gone.abort();
    });
    const caller: McpCaller = {
      principal,
      bearer,
      presented,
      purpose: purposeHeader(request),
      idempotencyKey: idempotencyKeyOf(request),
      ip: request.ip,
      trace: traceOf(request),
      signal: gone.signal,
    };
    const authInfo = { token: '', clientId: principal.id, scopes: [], extra: { caller } };
    const web = new Request(resourceOf(request, gate.config), {
      method: request.method,
      headers: plainHeaders(request),
      signal: gone.signal,
    });
    const body = request.method === 'POST' ? request.body : undefined;
    const inSession = await sessions.serve(web, body, principal, authInfo);
    const response = inSession ?? (await handler.fetch(web, { authInfo, parsedBody: body }));
    if (!reply.server.server.listening) reply.header('connection', 'close');
    return reply.header('ostiary-request-id', request.id).send(response);
  };

  /** What this door itself refuses is an error of JSON-RPC, with the problem in it. */
  const refuse = async (thrown: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const error = toOstiaryError(thrown);
    const gate = gateNow();
    if (error.code === 'internal') request.log.error({ err: thrown, request: request.id }, 'the MCP door failed');
    recordRefusal(gate, request.id, 'mcp', error.code, { trace: traceOf(request)?.id });
    const problem = toProblem(error, request.id);
    if (problem.status === 401)
      reply.header(
        'www-authenticate',
        challengeOf(resourceOf(request, gate.config), gate.config, error.code, (await open()).sdk),
      );
    return reply
      .code(problem.status)
      .header('content-type', 'application/json; charset=utf-8')
      .header('ostiary-request-id', request.id)
      .send(
        JSON.stringify({
          jsonrpc: '2.0',
          id: null,
          error: { code: rpcCode(error), message: problem.detail, data: problem },
        }),
      );
  };
  const errorHandler = (error: unknown, request: FastifyRequest, reply: FastifyReply) => refuse(error, request, reply);
  app.post(path, { errorHandler }, serve);
  app.get(path, { errorHandler }, serve);
  app.delete(path, { errorHandler }, serve);

  // Both are asked for: by the path of the resource, and without it (RFC 9728, section 3.1).
  for (const url of [metadataPath, metadataPath + path])
    app.get(url, async (request) => {
      const gate = gateNow();
      letIn(request, gate.config, (await open()).sdk);
      return protectedResource(resourceOf(request, gate.config), gate.config);
    });
};

interface Opened {
  readonly sdk: Mcp;
  readonly handler: ReturnType<Mcp['createMcpHandler']>;
  readonly sessions: ReturnType<typeof mcpSessions>;
}

/** The library takes a moment and some memory: a gateway that nobody speaks MCP to goes without. */
const openDoor = async (gateNow: () => Gate): Promise<Opened> => {
  const sdk = await import('@modelcontextprotocol/server');
  const serverFor = () => mcpServer(sdk, gateNow);
  return {
    sdk,
    handler: sdk.createMcpHandler(serverFor, { maxSubscriptions: 1_000 }),
    sessions: mcpSessions(sdk, serverFor),
  };
};

/** Source: JSON-RPC 2.0, section 5.1. */
const rpcCode = ({ code }: OstiaryError): number => {
  if (code === 'request.malformed' || code === 'request.too_deep') return -32_700;
  if (code === 'internal') return -32_603;
  return code.startsWith('request.') ? -32_600 : -32_000;
};

const plainHeaders = ({ headers }: FastifyRequest): Headers => {
  const plain = new Headers();
  // The credential stays here.
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && name !== 'authorization' && name !== 'x-api-key') plain.set(name, String(value));
  return plain;
};
