import { type Metadata, status } from '@grpc/grpc-js';
import type { Telemetry, Trace } from './telemetry.ts';
import { carriedTrace } from './trace-context.ts';

/** What the server itself is to blame for. Source: the semantic conventions for gRPC, "error.type" of servers. */
const faults: readonly status[] = [
  status.UNKNOWN,
  status.DEADLINE_EXCEEDED,
  status.UNIMPLEMENTED,
  status.INTERNAL,
  status.UNAVAILABLE,
  status.DATA_LOSS,
];
const health = '/grpc.health.v1.Health/';

export interface ServedCall {
  readonly trace: Trace | undefined;
  /** @param code of the status that it is answered with */
  ended(code: status): void;
}

/**
 * Makes a span of a call at the gRPC door, and measures it. Source: the semantic conventions for RPC spans and metrics.
 * @param path `/package.Service/Method`, as the caller wrote it: it is told only where there is such a method
 */
export const serveRpc = ({ spans, meters }: Telemetry, path: string, metadata: Metadata): ServedCall => {
  const text = (key: string) => metadata.get(key)[0];
  const parent = carriedTrace(text('traceparent'), text('tracestate'));
  if (spans === undefined && meters === undefined) return { trace: parent, ended() {} };
  const started = performance.now();
  const system = { 'rpc.system.name': 'grpc' };
  const trace = path.startsWith(health) ? undefined : spans?.begin('grpc', 'server', system, parent);
  return {
    trace: trace ?? parent,
    ended(code) {
      const method = code === status.UNIMPLEMENTED ? '_OTHER' : path.slice(1);
      const error = faults.includes(code) ? status[code] : undefined;
      const attributes = { 'rpc.method': method, 'rpc.status_code': status[code] };
      if (trace !== undefined) spans?.end(trace, { name: method, attributes, error });
      meters?.took('rpc.server.call.duration', performance.now() - started, {
        ...system,
        ...attributes,
        ...(error && { 'error.type': error }),
      });
    },
  };
};
