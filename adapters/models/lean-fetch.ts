import { type Dispatcher, request } from 'undici';

/** The body went on past the limit. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
}

/**
 * As much of a fetch as the client of the package needs: one request, and of the answer its status, its headers, and its body
 * as text or as a stream of bytes. It follows no redirect, which would carry the key elsewhere, takes no compressed answer,
 * and breaks off a body after so many bytes. What a whole `Response` with its web streams costs more is most of what a call
 * costs; a request goes by the dispatcher that `fetch` itself would take, so that a proxy set for Node is kept.
 * @returns rejects with `unexpected redirect` for one, else with what undici says
 */
export const leanFetch =
  (maxBytes: number): typeof fetch =>
  async (input, init = {}) => {
    const { statusCode, headers, body } = await request(String(input), {
      method: (init.method ?? 'GET') as Dispatcher.HttpMethod,
      headers: init.headers as Iterable<[string, string]>,
      body: init.body as string,
      ...(init.signal && { signal: init.signal }),
    });
    if (statusCode >= 300 && statusCode < 400) {
      body.on('error', () => {}).destroy();
      throw new Error('unexpected redirect');
    }
    const text = async (): Promise<string> => {
      if (Number(headers['content-length']) <= maxBytes) return body.text();
      const chunks: Uint8Array[] = [];
      for await (const chunk of counted(body, maxBytes)) chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    };
    const answer = {
      ok: statusCode >= 200 && statusCode < 300,
      status: statusCode,
      headers: new Map(Object.entries(headers).map(([name, value]) => [name, String(value)])),
      get body() {
        return counted(body, maxBytes);
      },
      text,
      json: async () => JSON.parse(await text()),
    };
    return answer as unknown as Response;
  };

async function* counted(body: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new AnswerTooLarge();
    yield chunk;
  }
}
