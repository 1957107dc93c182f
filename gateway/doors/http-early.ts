import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Intent } from '../../intents/contract.ts';
import { OstiaryError, toProblem } from '../../intents/problems.ts';
import type { Principal } from '../../policies/types.ts';
import type { Rank } from '../admission/rank.ts';
import type { Gate } from '../gate.ts';
import { type Refused, recordRefusal } from '../road/answer.ts';
import { rankFor } from '../road/rank.ts';
import { tooMuchToDo } from '../road/shed.ts';
import { observeRequest, traceOf } from '../telemetry/serve-http.ts';
import { framingFault } from './http-connections.ts';
import { bearerOf, named } from './http-read.ts';

const typed = /^\/v1\/intents\/([^/?]{1,250})(?:\?|$)/;

/**
 * While there is more to do than can be done, turns typed calls and asks away by their headers alone: to refuse one must
 * cost a small part of what it costs to answer one. What cannot be ranked by its headers goes on, and is ranked on the road.
 * @returns whether a request was let in here, so that it is not asked again
 */
export const refuseEarly = (server: Server, gate: () => Gate): ((request: IncomingMessage) => boolean) => {
  const letIn = new WeakSet<IncomingMessage>();
  const listeners = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    const current = gate();
    // A connection that is kept open would hold up the stop.
    if (request.method === 'POST' && server.listening) {
      const stays = isLetIn(request, current);
      if (typeof stays === 'object') return refuse(request, response, current, stays);
      if (stays) letIn.add(request);
    }
    for (const listener of listeners) listener.call(server, request, response);
  });
  return (request) => letIn.has(request);
};

/** @returns what is known of one that is to be refused; undefined where there is time for everybody, or the road is to say */
const isLetIn = (request: IncomingMessage, gate: Gate): true | Refused | undefined => {
  const { shedder } = gate;
  if (!Number.isFinite(shedder.limit)) return undefined;
  const { url = '' } = request;
  const written = typed.exec(url)?.[1];
  if (written === undefined && url !== '/v1/ask' && !url.startsWith('/v1/ask?')) return undefined;
  const { name, major } = named(written ?? '');
  const intent = written === undefined ? undefined : gate.catalogue.find(name, major);
  // What would be refused at the end of the road is refused here, while there is no time to go it in vain.
  const bulkhead = intent && gate.compiled.get(intent.id)?.guard.bulkhead;
  if (shedder.hasRoom('stranger') && bulkhead?.hasRoom('stranger') !== false) return undefined;
  const caller = callerByHeaders(request, intent, gate);
  const refused: Refused = {
    principal: caller?.principal,
    ...(written === undefined ? { asked: 'ask' } : { asked: 'typed', name: written }),
  };
  if (!shedder.hasRoom('write')) return refused;
  if (caller === undefined) return undefined;
  if (!shedder.hasRoom(caller.rank)) return refused;
  // Whether there is room tells of what is hidden from this caller, as any answer of its own would.
  return caller.hidden || bulkhead?.hasRoom(caller.rank) !== false ? true : refused;
};

/** Whoever asks again on the same connection is who they were a moment ago. */
const callers = new WeakMap<Socket, Caller>();
interface Caller {
  readonly credential: string | readonly string[] | undefined;
  readonly intent: Intent | undefined;
  readonly principal: Principal;
  readonly rank: Rank;
  /** Whether the intent is hidden from them. */
  readonly hidden: boolean;
  readonly untilMs: number;
}
const keptForMs = 1_000;

/** @returns undefined where headers do not say, or something is wrong with them that its sender is to be told */
const callerByHeaders = (request: IncomingMessage, intent: Intent | undefined, gate: Gate): Caller | undefined => {
  const { headers, socket } = request;
  // A proof may be looked at once only. What cannot be told from what follows it must not be passed over.
  if (headers.dpop !== undefined || framingFault(request) !== undefined) return undefined;
  const now = new Date();
  const credential = headers.authorization ?? headers['x-api-key'];
  const before = callers.get(socket);
  if (
    before !== undefined &&
    before.credential === credential &&
    before.intent === intent &&
    now.getTime() < before.untilMs
  )
    return before;
  try {
    const found = gate.authenticator.authenticate(bearerOf({ headers, raw: request }), now);
    if (found instanceof Promise) {
      // It goes on, and finds what was looked up.
      found.catch(() => undefined);
      return undefined;
    }
    const caller = {
      credential,
      intent,
      principal: found,
      rank: rankFor(found, intent?.effect ?? 'read', now, gate),
      hidden: intent !== undefined && gate.bundle.visibility(found, intent) === 'hidden',
      untilMs: now.getTime() + keptForMs,
    };
    callers.set(socket, caller);
    return caller;
  } catch (error) {
    if (error instanceof OstiaryError) return undefined;
    throw error;
  }
};

const refuse = (request: IncomingMessage, response: ServerResponse, gate: Gate, refused: Refused): void => {
  gate.shedder.turnedAway();
  observeRequest(gate.telemetry, request, response, refused.asked === 'typed' ? '/v1/intents/:name' : '/v1/ask');
  const { headers } = request;
  const id = gate.nextId();
  recordRefusal(gate, id, 'http', tooMuchToDo.code, {
    ...refused,
    trace: traceOf({ raw: request })?.id,
  });
  const body = JSON.stringify(toProblem(tooMuchToDo, id));
  // Node passes over what is still to come of it; nobody waits for the end of a long one.
  const long =
    headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > gate.config.limits.body;
  response
    .writeHead(503, [
      'content-type',
      'application/problem+json; charset=utf-8',
      'content-length',
      String(Buffer.byteLength(body)),
      'retry-after',
      '1',
      'ostiary-request-id',
      id,
      ...(long ? ['connection', 'close'] : []),
    ])
    .end(body);
};
