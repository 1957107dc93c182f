import { validateHeaderName, validateHeaderValue } from 'node:http';
import { type Dispatcher, Pool } from 'undici';
import type { CallContext, Failure } from '../../intents/ports.ts';
import { failure, logText } from './failure.ts';
import { decoderOf } from './http-decode.ts';

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
  /** A bearer token for each call, in place of an authorization header. */
  readonly token?: TokenSource | undefined;
  /** At most so many at a time, default 128: the calls beyond wait for one. */
  readonly connections?: number;
}

export interface TokenSource {
  /** Never rejects; a failure says that nothing was sent. */
  token(): Promise<string | Failure>;
  /** The backend does not take it: the next call gets another. */
  refused(token: string): void;
  /** Takes the token out of a text for the log. */
  readonly hide: (text: string) => string;
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
  /** In place of the option. */
  readonly maxBytes?: number;
}

export interface HttpAnswer {
  readonly ok: true;
  readonly status: number;
  /** `application/json`, without parameters; '' where none is said. */
  readonly mediaType: string;
  readonly bytes: Buffer;
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
  const { name, url, timeoutMs, maxBytes, token: source, connections = 128 } = options;
  if (!/^https?:$/.test(url.protocol)) throw new Error(`The url of backend "${name}" must begin with http: or https:.`);
  if (url.username !== '' || url.password !== '')
    throw new Error(`The url of backend "${name}" holds a user or password; give an authorization header instead.`);
  if (source !== undefined && Object.keys(options.headers).some((header) => header.toLowerCase() === 'authorization'))
    throw new Error(`Backend "${name}" has both an authorization header and "auth"; leave one out.`);
  const bare = { accept, 'user-agent': 'ostiary', ...configured(options.headers) };
  const withBody = { ...bare, 'content-type': 'application/json' };
  // One request per connection: a reset never takes a second call with it. The whole exchange has its own timer.
  const pool = new Pool(url.origin, {
    connections,
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
    connectTimeout: timeoutMs,
  });
  let closing: Promise<void> | undefined;
  const sendAs = (
    { method, path, headers, body, type, maxBytes: limit = maxBytes }: HttpRequest,
    context: CallContext,
    credential?: { readonly authorization: string },
  ): Promise<HttpAnswer | Failure> =>
    new Promise((resolve) => {
      if (context.signal.aborted) return resolve(failure('upstream.timeout', 'no', 'Given up before it was sent.'));
      const fixed = body === undefined ? bare : type === undefined ? withBody : { ...bare, 'content-type': type };
      pool.dispatch(
        { method, path, headers: { ...context.headers, ...headers, ...fixed, ...credential }, body: body ?? null },
        new Exchange(context.signal, timeoutMs, limit, resolve),
      );
    });
  const clean = logText(Object.values(options.headers));
  return {
    logText: source === undefined ? clean : (text) => clean(source.hide(text)),
    close: () => {
      closing ??= Promise.all([pool.close(), source?.close()]).then(() => undefined);
      return closing;
    },
    send: source === undefined ? sendAs : (request, context) => withToken(source, request, context, sendAs),
  };
};

/** A call that is refused with 401 was not done: it is sent once more, with a new token. */
const withToken = async (
  source: TokenSource,
  request: HttpRequest,
  context: CallContext,
  sendAs: (
    request: HttpRequest,
    context: CallContext,
    credential: { readonly authorization: string },
  ) => Promise<HttpAnswer | Failure>,
): Promise<HttpAnswer | Failure> => {
  const token = await source.token();
  if (typeof token !== 'string') return token;
  const answer = await sendAs(request, context, { authorization: `Bearer ${token}` });
  if (!answer.ok || answer.status !== 401) return answer;
  source.refused(token);
  const fresh = await source.token();
  return typeof fresh === 'string' ? sendAs(request, context, { authorization: `Bearer ${fresh}` }) : answer;
};

const configured = (headers: Readonly<Record<string, string>>): Record<string, string> => {
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  }
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
};

/** One request and its answer; settles once, whatever comes first. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #signal: AbortSignal;
  readonly #maxBytes: number;
  readonly #resolve: (outcome: HttpAnswer | Failure) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort = (): void => this.#giveUp('The deadline passed or the caller hung up.');
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #status = 0;
  #mediaType = '';
  #decode: ReturnType<typeof decoderOf>;
  #size = 0;

  constructor(
    signal: AbortSignal,
    timeoutMs: number,
    maxBytes: number,
    resolve: (outcome: HttpAnswer | Failure) => void,
  ) {
    this.#signal = signal;
    this.#maxBytes = maxBytes;
    this.#resolve = resolve;
    this.#timer = setTimeout(() => this.#giveUp(`No whole answer within ${timeoutMs} ms.`), timeoutMs);
    signal.addEventListener('abort', this.#onAbort);
  }

  /** Called when a connection is there and the request is about to be written. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Thrown and not aborted, for an abort would close a connection that is in good order.
    if (this.#settled) throw new Error('given up while waiting for a connection');
    this.#controller = controller;
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Record<string, unknown>): void {
    if (status < 200) return;
    this.#status = status;
    this.#mediaType =
      String(headers['content-type'] ?? '')
        .split(';', 1)[0]
        ?.trim()
        .toLowerCase() ?? '';
    const encoding = headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') this.#decode = decoderOf(String(encoding));
    if (encoding !== undefined && encoding !== 'identity' && this.#decode === undefined)
      this.#stop(
        failure('upstream.invalid', 'yes', `HTTP ${status} with content-encoding ${encoding}, which cannot be undone.`),
      );
    else if (status < 300 && Number(headers['content-length']) > this.#maxBytes) this.#tooLarge();
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    this.#chunks.push(chunk);
    if (this.#size > this.#maxBytes) this.#tooLarge();
  }

  onResponseEnd(): void {
    const answer = this.#answer();
    if (this.#decode === undefined || answer.bytes.length === 0) {
      this.#settle(answer);
      return;
    }
    // Of an error the beginning would do, but it cannot be cut before it is undone.
    this.#decode(answer.bytes, this.#maxBytes).then(
      (bytes) => this.#settle({ ...answer, bytes }),
      (error: Error & { code?: string }) =>
        this.#settle(
          answer.status >= 300
            ? { ...answer, bytes: Buffer.alloc(0) }
            : error.code === 'ERR_BUFFER_TOO_LARGE'
              ? failure('upstream.invalid', 'yes', `The answer has more than ${this.#maxBytes} bytes.`)
              : failure('upstream.invalid', 'yes', `HTTP ${answer.status} with a broken compression: ${error.message}`),
        ),
    );
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error & { code?: string }): void {
    const detail = `${error.code ?? error.name}: ${error.message}`;
    if (this.#controller === undefined) this.#settle(failure('upstream.unreachable', 'no', detail));
    else if (error.name === 'HTTPParserError' || error.code === 'UND_ERR_HEADERS_OVERFLOW')
      this.#settle(failure('upstream.invalid', 'maybe', detail));
    else this.#settle(failure('upstream.failed', 'maybe', detail));
  }

  #answer(): HttpAnswer {
    const [first = Buffer.alloc(0)] = this.#chunks;
    const bytes = this.#chunks.length > 1 ? Buffer.concat(this.#chunks, this.#size) : first;
    return { ok: true, status: this.#status, mediaType: this.#mediaType, bytes };
  }

  /** Of an error the status and the beginning say enough; a success must be whole. */
  #tooLarge(): void {
    if (this.#status >= 300) this.#stop(this.#answer());
    else this.#stop(failure('upstream.invalid', 'yes', `The answer has more than ${this.#maxBytes} bytes.`));
  }

  #giveUp(detail: string): void {
    this.#stop(failure('upstream.timeout', this.#controller === undefined ? 'no' : 'maybe', detail));
  }

  #stop(outcome: HttpAnswer | Failure): void {
    this.#settle(outcome);
    this.#controller?.abort(new Error('the answer is no longer wanted'));
  }

  #settle(outcome: HttpAnswer | Failure): void {
    if (this.#settled) return;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#resolve(outcome);
  }
}
