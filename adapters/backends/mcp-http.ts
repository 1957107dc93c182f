import { AsyncLocalStorage } from 'node:async_hooks';
import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Transport } from '@modelcontextprotocol/client';
import { type Dispatcher, Pool } from 'undici';
import type { Exchange } from './mcp-answer.ts';

export interface McpHttpOptions {
  readonly name: string;
  /** The endpoint itself, `https://tools.example/mcp`. */
  readonly url: URL;
  /** Of one exchange, to its last byte. */
  readonly timeoutMs: number;
  /** Of one answer, all its events together. */
  readonly maxBytes: number;
  /** Sent with every request, credentials among them; never shown. */
  readonly headers: Readonly<Record<string, string>>;
}

/** How a connection to a server is opened, once or again. */
export interface McpOpener {
  open(): Promise<Transport>;
  /** Runs a call so that what its exchange comes to is noted. */
  noting<T>(exchange: Exchange, run: () => Promise<T>): Promise<T>;
  /** What a caller may not set. */
  readonly ownHeaders: ReadonlySet<string>;
  /** What the server said beside its answers, for the log. */
  said(): string;
  close(): Promise<void>;
}

/**
 * Streamable HTTP to one origin, with limits on time and size. Redirects are not followed, and no stream is kept open
 * beside the calls: what a server says outside a call is not heard.
 * @throws Error on a URL with credentials, or a header that cannot be sent
 */
export const mcpHttp = ({ name, url, timeoutMs, maxBytes, headers }: McpHttpOptions): McpOpener => {
  if (url.username !== '' || url.password !== '')
    throw new Error(`The url of backend "${name}" holds a user or password; give an authorization header instead.`);
  for (const [header, value] of Object.entries(headers)) {
    validateHeaderName(header);
    validateHeaderValue(header, value);
  }
  const exchanges = new AsyncLocalStorage<Exchange>();
  const pool = new Pool(url.origin, { connections: 128, headersTimeout: 0, bodyTimeout: 0, connectTimeout: timeoutMs });
  const own = Object.fromEntries(Object.entries(headers).map(([header, value]) => [header.toLowerCase(), value]));

  const limited = async function* (body: AsyncIterable<Buffer>, exchange: Exchange | undefined) {
    let size = 0;
    for await (const chunk of body) {
      size += chunk.length;
      if (size > maxBytes) {
        if (exchange !== undefined) exchange.tooLarge = true;
        throw new Error(`The answer has more than ${maxBytes} bytes.`);
      }
      yield chunk;
    }
  };
  const exchange = async (_url: string | URL, init: RequestInit = {}): Promise<Response> => {
    const sent = new Headers(init.headers);
    if (init.method === 'GET' && !sent.has('last-event-id')) return new Response(null, { status: 405 });
    const signals = [AbortSignal.timeout(timeoutMs), ...(init.signal == null ? [] : [init.signal])];
    const {
      statusCode,
      headers: got,
      body,
    } = await pool.request({
      method: (init.method ?? 'GET') as Dispatcher.HttpMethod,
      path: url.pathname + url.search,
      headers: { 'user-agent': 'ostiary', ...Object.fromEntries(sent), ...own },
      body: (init.body as string | undefined) ?? null,
      signal: AbortSignal.any(signals),
    });
    const empty = statusCode === 204 || statusCode === 205 || statusCode === 304;
    if (empty) await body.dump();
    return new Response(empty ? null : ReadableStream.from(limited(body, exchanges.getStore())), {
      status: statusCode,
      headers: Object.entries(got).flatMap(([header, value]) =>
        value === undefined ? [] : [[header, String(value)] as [string, string]],
      ),
    });
  };
  return {
    ownHeaders: new Set(Object.keys(own)),
    noting: (noted, run) => exchanges.run(noted, run),
    said: () => '',
    async open() {
      const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
      return new StreamableHTTPClientTransport(url, { fetch: exchange, requestInit: { redirect: 'manual' } });
    },
    close: () => pool.destroy(),
  };
};
