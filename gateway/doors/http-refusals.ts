import { type Code, OstiaryError, type Problem } from '../../intents/problems.ts';

const byCode: Readonly<Record<string, [Code, string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['request.media_type', 'Send the body as application/json.'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['request.too_large', 'The body is larger than this gateway takes.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['request.malformed', 'The body is empty. Send a JSON object.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['request.malformed', 'The body is not well-formed JSON.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['request.malformed', 'The body is not as long as it says.'],
  FST_ERR_BAD_URL: ['request.not_found', 'The address is not well-formed.'],
  FST_ERR_MAX_PARAM_LENGTH: ['request.not_found', 'The address is longer than any there is.'],
  // Of the connection, while the body was being read.
  ECONNRESET: ['client.closed', 'The caller hung up before the whole request was there.'],
};

/** What the framework refused, in our codes. */
export const toOstiaryError = (error: unknown): OstiaryError => {
  if (error instanceof OstiaryError) return error;
  const known = byCode[(error as { code?: string }).code ?? ''];
  if (known !== undefined) return new OstiaryError(known[0], known[1]);
  if (error instanceof SyntaxError)
    return new OstiaryError('request.malformed', `The body is not well-formed JSON: ${error.message.slice(0, 200)}.`);
  return new OstiaryError('internal', 'The request could not be carried out.', {}, error);
};

/** What Node refused before there was a request. @returns undefined where nobody is left to be told */
export const toUnreadable = ({ code }: { readonly code?: string }): OstiaryError | undefined => {
  switch (code) {
    case 'ECONNRESET':
    case 'EPIPE':
      return undefined;
    case 'HPE_INVALID_EOF_STATE':
      return new OstiaryError('client.closed', 'The caller hung up before the whole request was there.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new OstiaryError('request.timeout', 'The whole request was not there in time.');
    case 'HPE_HEADER_OVERFLOW':
      return new OstiaryError('request.headers_too_large', 'The headers are larger than this gateway takes.');
    default:
      return new OstiaryError('request.malformed', 'This is not well-formed HTTP.');
  }
};

/** An answer for a connection that has no request to answer; it is closed after it. */
export const printRaw = (problem: Problem, requestId: string): string => {
  const body = JSON.stringify(problem);
  return [
    // The reason phrase may be empty (RFC 9112, section 4).
    `HTTP/1.1 ${problem.status} `,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `ostiary-request-id: ${requestId}`,
    'connection: close',
    '',
    body,
  ].join('\r\n');
};
