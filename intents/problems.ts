/** Every code there is, once. Codes are stable and never reused; docs/problems.md is generated from this table. */
export const problems = {
  'request.malformed': { status: 400, title: 'The request is not well-formed' },
  'request.invalid': { status: 422, title: 'The request body has the wrong shape' },
  'request.fields': { status: 400, title: 'The request asks for members that the output does not have' },
  'request.too_large': { status: 413, title: 'The request body is too large' },
  'request.too_costly': { status: 400, title: 'The request asks for too much at once' },
  'request.too_deep': { status: 400, title: 'The request body is nested too deeply' },
  'request.headers_too_large': { status: 431, title: 'The headers of the request are too large' },
  'request.timeout': { status: 408, title: 'The request did not arrive in time' },
  'request.media_type': { status: 415, title: 'The request body must be application/json' },
  'request.not_found': { status: 404, title: 'There is nothing at this address' },
  'request.method': { status: 405, title: 'This address does not take that method' },
  'request.origin': { status: 403, title: 'The request was sent to, or from, a place that is not let in' },
  'credentials.missing': { status: 401, title: 'A credential is required' },
  'credentials.invalid': { status: 401, title: 'The credential is not valid' },
  'credentials.unavailable': { status: 503, title: 'The credential cannot be checked at the moment' },
  'credentials.step_up': { status: 401, title: 'A stronger or more recent login is required' },
  'credentials.proof': { status: 401, title: 'A stronger proof of the request is required' },
  'token.refused': { status: 400, title: 'No token is given, or revoked, for this request' },
  'purpose.not_allowed': { status: 403, title: 'This credential may not act for that purpose' },
  'authzen.not_allowed': { status: 403, title: 'This caller may not ask for decisions about others' },
  'subject.unknown': { status: 404, title: 'There is no such subject' },
  'intent.unknown': { status: 404, title: 'There is no such intent' },
  'input.invalid': { status: 422, title: 'The input does not fit the contract' },
  'policy.denied': { status: 403, title: 'No policy permits this' },
  'confirm.required': { status: 428, title: 'This must be confirmed first' },
  'confirm.unknown': { status: 404, title: 'There is no such confirmation' },
  'confirm.expired': { status: 410, title: 'The confirmation has expired' },
  'confirm.void': { status: 409, title: 'What was to be confirmed has changed' },
  'session.unknown': { status: 404, title: 'There is no such session for this caller' },
  'session.expired': { status: 410, title: 'The session has expired' },
  'idempotency.key': { status: 400, title: 'The Idempotency-Key cannot be taken' },
  'idempotency.mismatch': { status: 422, title: 'The Idempotency-Key came with another request before' },
  'idempotency.under_way': { status: 409, title: 'The first request with this Idempotency-Key is under way' },
  'admit.rate': { status: 429, title: 'This was asked too often' },
  'admit.busy': { status: 503, title: 'Too much is going on at the moment' },
  'deadline.exceeded': { status: 504, title: 'The deadline passed before there was an answer' },
  'client.closed': { status: 499, title: 'The caller hung up' },
  'upstream.not_found': { status: 404, title: 'The backend has nothing by that name' },
  'upstream.conflict': { status: 409, title: 'The backend says this conflicts with its state' },
  'upstream.rejected': { status: 422, title: 'The backend rejected the values' },
  'upstream.denied': { status: 502, title: 'The backend refused the credentials of this gateway' },
  'upstream.on_behalf': {
    status: 403,
    title: 'The backend is called on behalf of its callers, and this credential cannot be exchanged for one of its own',
  },
  'upstream.busy': { status: 503, title: 'The backend is busy' },
  'upstream.unreachable': { status: 502, title: 'The backend cannot be reached' },
  'upstream.failed': { status: 502, title: 'The backend failed' },
  'upstream.invalid': { status: 502, title: 'The backend gave an answer that cannot be read' },
  'upstream.timeout': { status: 504, title: 'The backend did not answer in time' },
  'upstream.unknown': { status: 504, title: 'The backend may have acted; its outcome is not known' },
  'output.invalid': { status: 502, title: 'The output of the backend does not fit the contract' },
  'store.unavailable': { status: 503, title: 'The record cannot be kept, so nothing was done' },
  internal: { status: 500, title: 'Something went wrong here' },
} as const satisfies Record<string, { status: number; title: string }>;

export type Code = keyof typeof problems;

/** One thing wrong with one field. */
export interface FieldError {
  /** JSON pointer into the input, '' for the whole of it. */
  readonly pointer: string;
  readonly detail: string;
}

/** What a caller may see of a failure beyond its code. Never a secret, never a URL with credentials. */
export interface Facts {
  readonly errors?: readonly FieldError[];
  readonly [name: string]: unknown;
}

/** The one error class. The caller sees `message` and `facts`; `cause` is for the log alone. */
export class OstiaryError extends Error {
  override readonly name = 'OstiaryError';
  readonly code: Code;
  readonly facts: Facts;

  constructor(code: Code, message: string, facts: Facts = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.facts = facts;
  }
}

/** RFC 9457 problem details with our `code` as an extension member. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: Code;
  readonly [extension: string]: unknown;
}

/**
 * Makes problem details of any thrown value. What nobody foresaw becomes `internal` and says nothing of its cause.
 * @param requestId becomes `instance`, so that the record of the request can be found
 */
export const toProblem = (thrown: unknown, requestId: string): Problem => {
  const error =
    thrown instanceof OstiaryError ? thrown : new OstiaryError('internal', 'The request could not be carried out.');
  const { status, title } = problems[error.code];
  const members = {
    type: `https://ostiary.dev/problems/${error.code}`,
    title,
    status,
    detail: error.message,
    instance: `urn:ostiary:request:${requestId}`,
    code: error.code,
  };
  // Nothing was done: it may be sent again soon, where nobody knows better.
  // Facts come after in reading order, and can never stand in for a member of the standard.
  return { ...members, ...(status === 503 && { retry_after: 1 }), ...error.facts, ...members };
};
