import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Telemetry, Trace } from './telemetry.ts';
import { carriedTrace } from './trace-context.ts';

const traces = new WeakMap<IncomingMessage, Trace>();
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'QUERY']);
/** What looks after the process asks these every few seconds: they are measured, and no trace is made of them. */
const probes = new Set(['/livez', '/readyz']);

/** The trace that an HTTP request belongs to: its span here, or else what its caller brought along. */
export const traceOf = ({ raw }: Pick<FastifyRequest, 'raw'>): Trace | undefined =>
  traces.get(raw) ?? carriedTrace(raw.headers.traceparent, raw.headers.tracestate);

/**
 * Makes a span of every request of an HTTP server, and measures it, from its headers to the last byte of its answer.
 * What a caller writes into an address is in neither. Where nothing is exported it does nothing.
 * Source: the semantic conventions for HTTP spans and metrics.
 */
export const observeHttp = (app: FastifyInstance, telemetry: Telemetry): void => {
  if (telemetry.spans === undefined && telemetry.meters === undefined) return;
  app.addHook('onRequest', ({ raw, routeOptions }, reply, done) => {
    observeRequest(telemetry, raw, reply.raw, routeOptions.url);
    done();
  });
};

/**
 * The same of one request, for those who answer it before the server's hooks run.
 * @param route as it was declared (`/v1/intents/:name`); left out, there is none at that address
 */
export const observeRequest = (
  { spans, meters }: Telemetry,
  request: IncomingMessage,
  response: ServerResponse,
  route: string | undefined,
): void => {
  if (spans === undefined && meters === undefined) return;
  const started = performance.now();
  const { headers } = request;
  const method = methods.has(request.method ?? '') ? (request.method ?? '') : '_OTHER';
  const about = {
    'http.request.method': method,
    'url.scheme': 'http',
    'network.protocol.version': request.httpVersion,
    ...(route === undefined ? {} : { 'http.route': route }),
  };
  const trace = probes.has(route ?? '')
    ? undefined
    : spans?.begin(
        route === undefined ? method : `${method} ${route}`,
        'server',
        about,
        carriedTrace(headers.traceparent, headers.tracestate),
      );
  if (trace !== undefined) traces.set(request, trace);
  response.once('close', () => {
    const { headersSent, statusCode, writableFinished } = response;
    const error = !writableFinished ? 'client.closed' : statusCode >= 500 ? String(statusCode) : undefined;
    const attributes = headersSent ? { 'http.response.status_code': statusCode } : {};
    if (trace !== undefined) spans?.end(trace, { attributes, error });
    meters?.took('http.server.request.duration', performance.now() - started, {
      ...about,
      ...attributes,
      ...(error && { 'error.type': error }),
    });
  });
};
