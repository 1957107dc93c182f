import { validateHeaderName, validateHeaderValue } from 'node:http';
import { type Dispatcher, Pool } from 'undici';
import type { CallContext, Failure } from '../../intents/ports.ts';
import { failure, logText } from './failure.ts';
import { type HttpAnswer, HttpExchange } from './http-exchange.ts';
import { type ClientTls, checkTls } from './http-tls.ts';
import { withToken } from './http-token.ts';

export interface HttpOptions {
  /** How the configuration calls the backend. */
  readonly name: string;
  readonly url: URL;
  /** From the call to the last byte of the answer. */
  readonly timeoutMs: number;
  /** Of one answer's body. */
  readonly maxBytes: number;
  /** Sent with every request, credentials among them; never shown. */
  readonly headers: Readonly<Record<string, string>>;
  /** Added to the query of every request: credentials too, never shown. */
  readonly query?: Readonly<Record<string, string>>;
  /** Left out, whom this machine trusts, and no certificate of our own. */
  readonly tls?: ClientTls | undefined;
  /** A bearer token for each call, in place of an authorization header. */
  readonly token?: TokenSource | undefined;
  /** At most so many at a time, default 128: the calls beyond wait for one. */
  readonly connections?: number;
  /** The header in which it is told how many seconds are left; left out, it is not told. */
  readonly deadlineHeader?: string | undefined;
}

export interface TokenSource {
  /** Never rejects; a failure says that nothing was sent. */
  token(context: CallContext): Promise<string | Failure>;
  /** The backend does not take it: the next call gets another. */
  refused(token: string, context: CallContext): void;
  close(): Promise<void>;
}

export interface HttpRequest {
  readonly method: Dispatcher.HttpMethod;
  /** Path and query, already encoded. */
  readonly path: string;
  /** Lower-case names; configured headers win over them. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
  /** Of the body, `application/json` where it is left out. */
  readonly type?: string | undefined;
  /** In place of what the client asks for. */
  readonly accept?: string | undefined;
  /** In place of the option. */
  readonly maxBytes?: number;
}

export interface HttpClient {
  /** Never rejects. An answer of any status is an answer; redirects are not followed. */
  send(request: HttpRequest, context: CallContext): Promise<HttpAnswer | Failure>;
  /** Cuts a text for the log and takes the configured credentials out of it. */
  readonly logText: (text: string) => string;
  close(): Promise<void>;
}

/**
 * A pool of HTTP/1.1 connections to one origin, with limits on time and size.
 * @param accept what the caller can read, unless the configuration says otherwise
 * @throws Error on a URL with credentials, or a header that cannot be sent
 */
export const httpClient = (options: HttpOptions, accept = 'application/json'): HttpClient => {
  const { name, url, timeoutMs, maxBytes, token: source, tls, query = {}, connections = 128, deadlineHeader } = options;
  if (!/^https?:$/.test(url.protocol)) throw new Error(`The url of backend "${name}" must begin with http: or https:.`);
  if (url.username !== '' || url.password !== '')
    throw new Error(`The url of backend "${name}" holds a user or password; give an authorization header instead.`);
  if (source !== undefined && Object.keys(options.headers).some((header) => header.toLowerCase() === 'authorization'))
    throw new Error(`Backend "${name}" has both an authorization header and "auth"; leave one out.`);
  checkTls(tls, url, name);
  const always = new URLSearchParams(query).toString();
  const bare = { accept, 'user-agent': 'ostiary', ...configured(options.headers) };
  const withBody = { ...bare, 'content-type': 'application/json' };
  // One request per connection: a reset never takes a second call with it. The whole exchange has its own timer.
  const pool = new Pool(url.origin, {
    connections,
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
    connectTimeout: timeoutMs,
    ...(tls === undefined ? {} : { connect: { ca: tls.ca, cert: tls.cert, key: tls.key, servername: tls.serverName } }),
  });
  const untilThen = ({ leftMs = timeoutMs }: CallContext): Record<string, string> =>
    deadlineHeader === undefined ? {} : { [deadlineHeader]: (Math.min(timeoutMs, leftMs) / 1_000).toFixed(3) };
  let closing: Promise<void> | undefined;
  const sendAs = (
    { method, path, headers, body, type, accept: wanted, maxBytes: limit = maxBytes }: HttpRequest,
    context: CallContext,
    credential?: { readonly authorization: string },
  ): Promise<HttpAnswer | Failure> =>
    new Promise((resolve) => {
      if (context.signal.aborted) return resolve(failure('upstream.timeout', 'no', 'Given up before it was sent.'));
      const fixed = body === undefined ? bare : type === undefined ? withBody : { ...bare, 'content-type': type };
      const asked = wanted === undefined ? fixed : { ...fixed, accept: wanted };
      pool.dispatch(
        {
          method,
          path: withQuery(path, always),
          headers: { ...context.headers, ...headers, ...asked, ...untilThen(context), ...credential },
          body: body ?? null,
        },
        new HttpExchange(context.signal, timeoutMs, limit, telling(context, resolve)),
      );
    });
  return {
    logText: logText([...Object.values(options.headers), ...Object.values(query)]),
    close: () => {
      closing ??= Promise.all([pool.close(), source?.close()]).then(() => undefined);
      return closing;
    },
    send:
      source === undefined
        ? sendAs
        : (request, context) => withToken(source, context, (credential) => sendAs(request, context, credential)),
  };
};

const telling =
  ({ answered }: CallContext, resolve: (outcome: HttpAnswer | Failure) => void) =>
  (outcome: HttpAnswer | Failure): void => {
    if (outcome.ok) answered?.(outcome.status);
    resolve(outcome);
  };

const withQuery = (path: string, always: string): string =>
  always === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${always}`;

const configured = (headers: Readonly<Record<string, string>>): Record<string, string> => {
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  }
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
};
