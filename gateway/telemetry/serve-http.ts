import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Telemetry, Trace } from './telemetry.ts';
import { carriedTrace } from './trace-context.ts';

const traces = new WeakMap<IncomingMessage, Trace>();
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'QUERY']);
/** What looks after the process asks these every few seconds: they are measured, and no trace is made of them. */
const probes = new Set(['/livez', '/readyz']);

/** The trace that an HTTP request belongs to: its span here, or else what its caller brought along. */
export const traceOf = ({ raw, headers }: FastifyRequest): Trace | undefined =>
  traces.get(raw) ?? carriedTrace(headers.traceparent, headers.tracestate);

/**
 * Makes a span of every request of an HTTP server, and measures it, from its headers to the last byte of its answer.
 * What a caller writes into an address is in neither. Where nothing is exported it does nothing.
 * Source: the semantic conventions for HTTP spans and metrics.
 */
export const observeHttp = (app: FastifyInstance, { spans, meters }: Telemetry): void => {
  if (spans === undefined && meters === undefined) return;
  app.addHook('onRequest', (request, reply, done) => {
    const { raw, routeOptions, headers } = request;
    const started = performance.now();
    const route = routeOptions.url;
    const method = methods.has(raw.method ?? '') ? (raw.method ?? '') : '_OTHER';
    const about = {
      'http.request.method': method,
      'url.scheme': 'http',
      'network.protocol.version': raw.httpVersion,
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
    if (trace !== undefined) traces.set(raw, trace);
    reply.raw.once('close', () => {
      const { headersSent, statusCode, writableFinished } = reply.raw;
      const error = !writableFinished ? 'client.closed' : statusCode >= 500 ? String(statusCode) : undefined;
      const attributes = headersSent ? { 'http.response.status_code': statusCode } : {};
      if (trace !== undefined) spans?.end(trace, { attributes, error });
      meters?.took('http.server.request.duration', performance.now() - started, {
        ...about,
        ...attributes,
        ...(error && { 'error.type': error }),
      });
    });
    done();
  });
};
