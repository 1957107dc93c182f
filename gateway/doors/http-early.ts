import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Effect } from '../../intents/contract.ts';
import { OstiaryError, toProblem } from '../../intents/problems.ts';
import type { Rank } from '../admission/shedder.ts';
import type { Gate } from '../gate.ts';
import { recordRefusal } from '../road/answer.ts';
import { rankFor } from '../road/rank.ts';
import { tooMuchToDo } from '../road/shed.ts';
import { carriedTrace } from '../telemetry/trace-context.ts';
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
      if (stays === false) return refuse(request, response, current);
      if (stays) letIn.add(request);
    }
    for (const listener of listeners) listener.call(server, request, response);
  });
  return (request) => letIn.has(request);
};

/** @returns undefined where there is time for everybody, or it is for the road to say */
const isLetIn = (request: IncomingMessage, gate: Gate): boolean | undefined => {
  if (gate.shedder.pressure === 0) return undefined;
  const { url = '' } = request;
  const written = typed.exec(url)?.[1];
  if (written === undefined && url !== '/v1/ask' && !url.startsWith('/v1/ask?')) return undefined;
  const { name, major } = named(written ?? '');
  const intent = written === undefined ? undefined : gate.catalogue.find(name, major);
  const rank = rankByHeaders(request, intent?.effect, gate);
  return rank === undefined ? undefined : gate.shedder.admits(rank);
};

/** @returns undefined where headers do not say, or something is wrong with them that its sender is to be told */
const rankByHeaders = (request: IncomingMessage, effect: Effect | undefined, gate: Gate): Rank | undefined => {
  // A proof may be looked at once only. What cannot be told from what follows it must not be passed over.
  if (request.headers.dpop !== undefined || framingFault(request) !== undefined) return undefined;
  try {
    const now = new Date();
    const found = gate.authenticator.authenticate(bearerOf({ headers: request.headers, raw: request }), now);
    if (!(found instanceof Promise)) return rankFor(found, effect, now, gate);
    // It goes on, and finds what was looked up.
    found.catch(() => undefined);
    return undefined;
  } catch (error) {
    if (error instanceof OstiaryError) return undefined;
    throw error;
  }
};

const refuse = ({ headers }: IncomingMessage, response: ServerResponse, gate: Gate): void => {
  const id = gate.nextId();
  recordRefusal(gate, id, 'http', tooMuchToDo.code, {
    trace: carriedTrace(headers.traceparent, headers.tracestate)?.id,
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
