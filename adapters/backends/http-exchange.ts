import type { Dispatcher } from 'undici';
import type { Failure } from '../../intents/ports.ts';
import { failure } from './failure.ts';
import { decoderOf } from './http-decode.ts';

export interface HttpAnswer {
  readonly ok: true;
  readonly status: number;
  /** `application/json`, without parameters; '' where none is said. */
  readonly mediaType: string;
  /** The parameter `charset` of that. */
  readonly charset?: string;
  /** The header of that name. */
  readonly link?: string;
  /** Seconds after which to come back, where an answer says so. */
  readonly retryAfterS?: number;
  readonly bytes: Buffer;
  /** The token that it was sent with, to be kept out of the log. */
  readonly token?: string;
}

/** One request and its answer; settles once, whatever comes first. */
export class HttpExchange implements Dispatcher.DispatchHandler {
  readonly #signal: AbortSignal;
  readonly #maxBytes: number;
  readonly #resolve: (outcome: HttpAnswer | Failure) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort = (): void => this.#giveUp('The deadline passed or the caller hung up.');
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #status = 0;
  #contentType = '';
  #link: string | undefined;
  #retryAfterS: number | undefined;
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
    this.#contentType = String(headers['content-type'] ?? '');
    if (headers.link !== undefined) this.#link = String(headers.link);
    if (/^\d{1,6}$/.test(String(headers['retry-after']))) this.#retryAfterS = Number(headers['retry-after']);
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
    const [type = '', ...parameters] = this.#contentType.split(';');
    const answer = {
      ok: true,
      status: this.#status,
      mediaType: type.trim().toLowerCase(),
      bytes,
      ...(this.#link === undefined ? {} : { link: this.#link }),
      ...(this.#retryAfterS === undefined ? {} : { retryAfterS: this.#retryAfterS }),
    } as const;
    const named = parameters.map((one) => charset.exec(one)?.[1]).find((found) => found !== undefined);
    return named === undefined ? answer : { ...answer, charset: named };
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

const charset = /^\s*charset="?([\w.:-]+)"?\s*$/i;
