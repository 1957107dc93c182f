import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { OstiaryError } from '../../intents/problems.ts';

/** Node keeps here which answer a connection waits for, and says so nowhere else. */
const answerOn = (socket: Socket): ServerResponse | undefined =>
  (socket as Socket & { readonly _httpMessage?: ServerResponse | null })._httpMessage ?? undefined;

/**
 * Why a request cannot be told from what comes before or after it, or for whom it is, by everybody alike (RFC 9112,
 * sections 3.2 and 6.1). Node takes these.
 */
export const framingFault = ({ httpVersionMinor, headers }: IncomingMessage): OstiaryError | undefined => {
  const { host, 'transfer-encoding': coding } = headers;
  if (coding !== undefined && coding.toLowerCase() !== 'chunked')
    return new OstiaryError('request.malformed', 'Send a body as it is, or "Transfer-Encoding: chunked".');
  // Where a header comes twice, Node joins the two by a comma.
  if (host === undefined ? httpVersionMinor > 0 : host.includes(','))
    return new OstiaryError('request.malformed', 'A request names one host.');
  return undefined;
};

/**
 * Ends a connection with a last answer to what is no HTTP. It never takes the place of the answer to a whole request
 * before it: whoever read it as that would take what is done for refused.
 */
export const endWith = (socket: Socket, answer: string): void => {
  const before = answerOn(socket);
  if (before === undefined || !(before.req.complete || before.headersSent)) {
    socket.end(answer);
    return;
  }
  before.once('close', () => {
    if (socket.writable) endWith(socket, answer);
  });
};

/**
 * Ends connections on which nothing moves for that long: idle ones, and those of callers who do not take their answer. One
 * whose request is at work is left alone, for that has its own deadline.
 */
export const endStalled = (server: Server): void => {
  server.on('timeout', (socket) => {
    if (answerOn(socket) === undefined || socket.writableLength > 0) socket.destroy();
  });
  // What a caller expects of a server beyond 100-continue may be passed over (RFC 9110, section 10.1.1).
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
};
