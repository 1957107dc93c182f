import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import { TraceState } from '@opentelemetry/core';
import { ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions';
import type { Ended, Request } from '../road/context.ts';
import { describe } from './describe.ts';
import type { Spans, Trace } from './telemetry.ts';
import { headersOf, readParent } from './trace-context.ts';

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const;

/** Steps that take time or decide; the others are between them. */
const stepsOfNote: ReadonlySet<string> = new Set(['resolve', 'authorize', 'record']);

/** @param tracer of a provider with an exporter */
export const openSpans = (tracer: Tracer): Spans => {
  const here = new AsyncLocalStorage<Trace>();
  const spans: Spans = {
    begin(name, kind, attributes, parent) {
      const span = tracer.startSpan(name, { kind: kinds[kind], attributes }, contextOf(parent));
      return new Traced(span);
    },
    end({ span }, { name, attributes, error } = {}) {
      if (span === undefined) return;
      if (name !== undefined) span.updateName(name);
      if (attributes !== undefined) span.setAttributes(attributes);
      if (error !== undefined) span.setAttribute(ATTR_ERROR_TYPE, error).setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
    within: (trace, run) => here.run(trace, run),
    current: () => here.getStore(),
    road: (request, travel) => along(request, travel),
    step(name, request, run) {
      if (!stepsOfNote.has(name) || request.trace?.span === undefined) return run();
      // A typed call is resolved from nothing, and a read is recorded with its outcome.
      if (name === 'resolve' && request.what.kind === 'typed') return run();
      const trace = spans.begin(name, 'internal', {}, request.trace);
      let result: ReturnType<typeof run>;
      try {
        result = here.run(trace, run);
      } catch (error) {
        spans.end(trace, { error: '_OTHER' });
        throw error;
      }
      // What is done at once needs no span, but for the decision.
      if (!(result instanceof Promise)) {
        if (name === 'authorize') spans.end(trace);
        return result;
      }
      const over = () => spans.end(trace);
      result.then(over, () => spans.end(trace, { error: '_OTHER' }));
      return result;
    },
  };

  const along = async (request: Request, travel: (request: Request) => Promise<Ended>): Promise<Ended> => {
    const { trace: door } = request;
    if (door?.span === undefined) return travel(request);
    // Several requests share the span of their operation, or of the request that they are made for.
    const own = request.parent !== undefined || request.door === 'graphql';
    const trace = own ? spans.begin('request', 'internal', {}, door) : door;
    const ended = await here.run(trace, () => travel(own ? { ...request, trace } : request));
    const { attributes, error } = describe(ended);
    if (own) spans.end(trace, { attributes, error });
    else trace.span?.setAttributes(attributes);
    return ended;
  };
  return spans;
};

class Traced implements Trace {
  readonly span: Span;
  constructor(span: Span) {
    this.span = span;
  }
  get id(): string {
    return this.span.spanContext().traceId;
  }
  get headers(): Readonly<Record<string, string>> {
    const { traceId, spanId, traceFlags, traceState } = this.span.spanContext();
    return headersOf({ traceId, spanId, flags: traceFlags & 1, state: traceState?.serialize() || undefined });
  }
}

const contextOf = (parent: Trace | undefined) => {
  if (parent === undefined) return ROOT_CONTEXT;
  if (parent.span !== undefined) return trace.setSpan(ROOT_CONTEXT, parent.span);
  const found = readParent(parent.headers.traceparent, parent.headers.tracestate);
  if (found === undefined) return ROOT_CONTEXT;
  const { traceId, spanId, flags, state } = found;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: flags,
    isRemote: true,
    ...(state === undefined ? {} : { traceState: new TraceState(state) }),
  });
};
