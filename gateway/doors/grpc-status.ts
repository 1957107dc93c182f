import { create, fromJson, type JsonValue, toBinary } from '@bufbuild/protobuf';
import { Metadata, status } from '@grpc/grpc-js';
import type { Code, Problem } from '../../intents/problems.ts';
import { fixedProtos } from '../../intents/project/proto-fixed.ts';

/** What grpc-js sends as a status. */
export interface GrpcError {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;
}

/** Thrown for a request that the road has ended, and recorded, with a problem. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** By the HTTP status of a problem. Source: https://grpc.io/docs/guides/status-codes/ */
const byStatus: Readonly<Record<number, status>> = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.NOT_FOUND,
  408: status.DEADLINE_EXCEEDED,
  409: status.ABORTED,
  410: status.FAILED_PRECONDITION,
  413: status.RESOURCE_EXHAUSTED,
  422: status.INVALID_ARGUMENT,
  428: status.FAILED_PRECONDITION,
  429: status.RESOURCE_EXHAUSTED,
  499: status.CANCELLED,
  503: status.UNAVAILABLE,
  504: status.DEADLINE_EXCEEDED,
};

/** Clients try again on UNAVAILABLE: it is said only where nothing can have been done. */
const byCode: Partial<Record<Code, status>> = {
  'upstream.unknown': status.UNKNOWN,
  'upstream.unreachable': status.UNAVAILABLE,
  'upstream.busy': status.RESOURCE_EXHAUSTED,
};

export const grpcCode = ({ code, status: http }: Pick<Problem, 'code' | 'status'>): status =>
  byCode[code] ?? byStatus[http] ?? status.INTERNAL;

/** Proxies and clients take 8 KB of trailers; base64 makes four bytes of three. */
const maxDetails = 4_000;
const domain = 'ostiary.dev';

/**
 * A problem as a gRPC status, its members as the details that clients know (google.rpc.Status in
 * grpc-status-details-bin), and the whole of it as ostiary.v1.Problem where there is room.
 * @param code another than that of the problem
 */
export const toGrpcError = (problem: Problem, code = grpcCode(problem)): GrpcError => {
  const details = spoken(problem.detail).slice(0, 1_000);
  const {
    errors = [],
    retry_after: retryAfter,
    instance,
  } = problem as Problem & {
    readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
    readonly retry_after?: number;
  };
  const request = instance.slice(instance.lastIndexOf(':') + 1);
  const reason = problem.code.toUpperCase().replaceAll(/[.-]/g, '_');
  const any = (type: string, value: Record<string, JsonValue>): JsonValue => ({
    '@type': `type.googleapis.com/${type}`,
    ...value,
  });
  const all = [
    any('google.rpc.ErrorInfo', { reason, domain, metadata: { code: problem.code, request } }),
    any('google.rpc.RequestInfo', { request_id: request }),
    ...(typeof retryAfter === 'number'
      ? [any('google.rpc.RetryInfo', { retry_delay: `${Math.ceil(retryAfter)}s` })]
      : []),
    ...(errors.length > 0
      ? [
          any('google.rpc.BadRequest', {
            field_violations: errors.map(({ pointer, detail }) => ({ field: pointer, description: detail })),
          }),
        ]
      : []),
    any('ostiary.v1.Problem', { problem: JSON.parse(JSON.stringify(problem)) as JsonValue }),
  ];
  const metadata = new Metadata();
  let bytes = statusBytes(code, details, all);
  // The last say most and matter least.
  while (bytes.length > maxDetails && all.length > 0) {
    all.pop();
    bytes = statusBytes(code, details, all);
  }
  metadata.set('grpc-status-details-bin', bytes);
  return { code, details, metadata };
};

const statusBytes = (code: status, message: string, details: readonly JsonValue[]): Buffer => {
  const registry = fixedProtos();
  const type = registry.getMessage('google.rpc.Status');
  if (type === undefined) throw new Error('google.rpc.Status is not among the compiled protos');
  const bytes = toBinary(type, fromJson(type, { code, message, details: [...details] }, { registry }) ?? create(type));
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
};

/** What the road says in the words of HTTP. */
const spoken = (detail: string): string =>
  detail
    .replace(
      /POST \/v1\/confirmations\/(\S+) \{"confirm": true\}/,
      'ostiary.v1.Intents/Confirm {"id": "$1", "confirm": true}',
    )
    .replace('GET /v1/intents', 'ostiary.v1.Intents/List');
