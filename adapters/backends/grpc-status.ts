import { type ServiceError, status } from '@grpc/grpc-js';
import type { Failure, UpstreamCode } from '../../intents/ports.ts';
import { failure } from './failure.ts';
import { readDetails } from './grpc-details.ts';

const codes: Readonly<Record<number, readonly [UpstreamCode, Failure['reached']]>> = {
  [status.NOT_FOUND]: ['upstream.not_found', 'yes'],
  [status.ALREADY_EXISTS]: ['upstream.conflict', 'yes'],
  [status.ABORTED]: ['upstream.conflict', 'yes'],
  [status.FAILED_PRECONDITION]: ['upstream.conflict', 'yes'],
  [status.INVALID_ARGUMENT]: ['upstream.rejected', 'yes'],
  [status.OUT_OF_RANGE]: ['upstream.rejected', 'yes'],
  [status.UNAUTHENTICATED]: ['upstream.denied', 'yes'],
  [status.PERMISSION_DENIED]: ['upstream.denied', 'yes'],
  [status.RESOURCE_EXHAUSTED]: ['upstream.busy', 'yes'],
  [status.UNAVAILABLE]: ['upstream.unreachable', 'maybe'],
  [status.DEADLINE_EXCEEDED]: ['upstream.timeout', 'maybe'],
  [status.CANCELLED]: ['upstream.timeout', 'maybe'],
  [status.UNIMPLEMENTED]: ['upstream.failed', 'no'],
};

type LogText = (text: string) => string;

/**
 * Makes a failure of a gRPC status. What the client itself reports has no code of its own and is known by its words:
 * should they change, `reached` falls back to the careful side.
 * Source: gRPC status codes, https://grpc.io/docs/guides/status-codes/
 */
export const grpcFailure = (error: ServiceError | null, logText: LogText): Failure => {
  if (error === null) return failure('upstream.invalid', 'yes', 'The answer has no message.');
  const detail = logText(`${status[error.code] ?? error.code}: ${error.details}`);
  if (error.code === status.UNAVAILABLE && /No connection established|Name resolution failed/.test(error.details))
    return failure('upstream.unreachable', 'no', detail);
  if (error.code === status.RESOURCE_EXHAUSTED && error.details.startsWith('Received message larger than max'))
    return failure('upstream.invalid', 'yes', detail);
  const [code, reached] = codes[error.code] ?? ['upstream.failed', 'yes'];
  const { reason, ...told } = readDetails(error.metadata, logText);
  const failed = failure(code, reached, reason === undefined ? detail : logText(`${detail} (${reason})`));
  return Object.keys(told).length === 0 ? failed : { ...failed, told };
};

/** The failure of a call whose method could not be looked up: the call itself was never sent. */
export const lookupFailure = (error: unknown, logText: LogText): Failure => {
  const { code, message } = error as ServiceError;
  const known = typeof code === 'number' ? codes[code]?.[0] : undefined;
  // A NOT_FOUND here speaks of the method, and must not be taken for a missing order.
  const kept = known === 'upstream.timeout' || known === 'upstream.unreachable' || known === 'upstream.denied';
  return failure(kept ? known : 'upstream.failed', 'no', logText(`Server reflection: ${message}`));
};
