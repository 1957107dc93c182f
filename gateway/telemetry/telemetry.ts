import type { Attributes, Span } from '@opentelemetry/api';
import type { Code } from '../../intents/problems.ts';
import type { Gate } from '../gate.ts';
import type { Ended, Request } from '../road/context.ts';

/** Where something stands in a trace (W3C Trace Context). */
export interface Trace {
  /** 32 hex digits. */
  readonly id: string;
  /** What is sent along to whatever is called from here. */
  readonly headers: Readonly<Record<string, string>>;
  /** Left out where no traces are exported: then the trace of the caller is handed on as it came. */
  readonly span?: Span;
}

/** What is known of how something ended: an error is a short name out of few, never a text. */
export interface End {
  readonly attributes?: Attributes;
  readonly error?: string | undefined;
}

/** The spans of this gateway. No text of a caller, no value and no secret is ever in one. */
export interface Spans {
  /** Begins one below another; without a parent, at the beginning of a trace. */
  begin(name: string, kind: 'server' | 'client' | 'internal', attributes: Attributes, parent: Trace | undefined): Trace;
  end(trace: Trace, end?: End & { readonly name?: string }): void;
  /** Runs what belongs to a trace, so that `current` finds it. */
  within<T>(trace: Trace, run: () => T): T;
  current(): Trace | undefined;
  /** Takes a request down the road below the span of its door, or one of its own where several share that of the door. */
  road(request: Request, travel: (request: Request) => Promise<Ended>): Promise<Ended>;
  /** Runs a step of the road, below a span of its own where it is one that takes time. */
  step<T>(name: string, request: Request, run: () => T): T;
}

/** One operation of a protocol, as its conventions count it. */
export type Operation =
  | 'http.server.request.duration'
  | 'http.client.request.duration'
  | 'rpc.server.call.duration'
  | 'rpc.client.call.duration'
  | 'mcp.server.operation.duration'
  | 'mcp.client.operation.duration'
  | 'gen_ai.client.operation.duration';

/** What this gateway counts and measures. Every attribute has few values: those of contracts, of the configuration or of a fixed list. */
export interface Meters {
  took(operation: Operation, ms: number, attributes: Attributes): void;
  tokens(input: number, output: number, attributes: Attributes): void;
  /** A request that came to its end, on the road or beside it. */
  ended(ended: Ended): void;
  /** One that was refused before it was on the road. */
  refused(door: string, asked: 'typed' | 'ask' | 'unreadable', code: Code): void;
  recorded(): void;
  reloaded(taken: boolean): void;
  /** Looks at a gateway whenever somebody wants to know how it is. */
  watch(gate: () => Gate): void;
}

/** What leaves this process about itself. Nothing of it is there unless somebody wants it. */
export interface Telemetry {
  readonly spans: Spans | undefined;
  readonly meters: Meters | undefined;
  /** Takes lines of the log, as they are written. */
  readonly logs: ((line: string) => void) | undefined;
  /** `http://127.0.0.1:9464/metrics`, where it is served. */
  readonly prometheus: string | undefined;
  /** Where trouble with exporting is told, once somebody listens. */
  tell(log: Gate['log']): void;
  /** Sends what is still here, for so long at most. Never rejects. */
  close(withinMs: number): Promise<void>;
}

export const noTelemetry: Telemetry = {
  spans: undefined,
  meters: undefined,
  logs: undefined,
  prometheus: undefined,
  tell() {},
  async close() {},
};
