import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import OpenAI, { APIConnectionTimeoutError, APIError } from 'openai';
import type { Encoder } from '../../intents/ports.ts';
import { AnswerTooLarge, leanFetch } from '../models/lean-fetch.ts';
import { readEmbeddings, UnusableEmbeddings } from './read-embeddings.ts';

export interface OpenaiEncoderOptions {
  /** Up to and with `/v1`; any server that speaks embeddings. */
  readonly baseURL: string;
  /** Left out for local servers. */
  readonly apiKey?: string;
  readonly model: string;
  /** How long its vectors are; an answer of another length is refused. */
  readonly dimensions: number;
  /** Asks for that length, of models that can be shortened; others answer 400 to it. Default false. */
  readonly requestDimensions?: boolean;
  /** Put before each text; some models want `query: `. */
  readonly prefix?: string;
  /** For one request, second tries included. Default 10,000. */
  readonly timeoutMs?: number;
  /** After 408, 409, 429, 5xx and broken connections. Default 2. */
  readonly maxRetries?: number;
  /** Texts in one request. Default 128. */
  readonly maxBatch?: number;
  /** Longer texts are cut. Default 2,000. */
  readonly maxTextChars?: number;
  /** Of vectors kept, newest used first. Default 16 MB: about 2,700 vectors of 1,536. */
  readonly cacheBytes?: number;
}

/**
 * Sentence vectors of any OpenAI-compatible embeddings endpoint. Vectors are kept by the hash of their text, so that a
 * catalogue is paid for once a process, and a request that failed half-way goes on where it stopped.
 */
export const openaiEncoder = (options: OpenaiEncoderOptions): Encoder => {
  const { model, dimensions, prefix = '', timeoutMs = 10_000, maxBatch = 128, maxTextChars = 2000 } = options;
  const client = new OpenAI({
    baseURL: options.baseURL,
    // The client insists on a key, and would otherwise take one meant for another server from the environment.
    apiKey: options.apiKey ?? 'none',
    adminAPIKey: null,
    organization: null,
    project: null,
    maxRetries: options.maxRetries ?? 2,
    timeout: timeoutMs,
    logLevel: 'off',
    // A number in JSON takes some 22 characters at most.
    fetch: leanFetch(maxBatch * dimensions * 32 + 64 * 1024),
  });
  const kept = new LRUCache<string, Float32Array>({
    maxSize: options.cacheBytes ?? 16 * 1024 * 1024,
    sizeCalculation: ({ byteLength }) => byteLength,
  });
  const closing = new AbortController();

  const request = async (texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]> => {
    const deadline = AbortSignal.timeout(timeoutMs);
    const either = AbortSignal.any([signal, closing.signal, deadline]);
    const asked = client.embeddings.create(
      // Without a word on the format the client asks for base64, which many servers do not know.
      { model, input: [...texts], encoding_format: 'float', ...(options.requestDimensions && { dimensions }) },
      { signal: either },
    );
    try {
      // The client sleeps between tries and does not wake for a signal.
      return readEmbeddings(await Promise.race([asked, fired(either)]), texts.length, dimensions);
    } catch (error) {
      asked.catch(() => {});
      signal.throwIfAborted();
      throw new Error(`the embeddings server ${complaintOf(error, closing.signal, deadline)}`);
    }
  };

  return {
    id: `openai:${model}:${dimensions}:${hash('sha256', `${placeOf(options.baseURL)}\n${prefix}`).slice(0, 12)}`,
    dimensions,
    async encode(texts, signal) {
      if (closing.signal.aborted) throw new Error('the encoder is closed');
      signal.throwIfAborted();
      const sent = texts.map((text) => textToSend(text, prefix, maxTextChars));
      const keys = sent.map((text) => hash('sha256', text, 'base64url'));
      const vectors = new Map<string, Float32Array>();
      const missing = new Map<string, string>();
      keys.forEach((key, i) => {
        const vector = kept.get(key);
        if (vector === undefined) missing.set(key, sent[i] as string);
        else vectors.set(key, vector);
      });
      const asked = [...missing];
      for (let from = 0; from < asked.length; from += maxBatch) {
        const batch = asked.slice(from, from + maxBatch);
        const got = await request(
          batch.map(([, text]) => text),
          signal,
        );
        batch.forEach(([key], i) => {
          vectors.set(key, got[i] as Float32Array);
          kept.set(key, got[i] as Float32Array);
        });
      }
      // Copies: what a caller does to its vector must not change the one kept.
      return keys.map((key) => (vectors.get(key) as Float32Array).slice());
    },
    async close() {
      closing.abort();
      kept.clear();
    },
  };
};

/** No server takes an empty text, or one that is not Unicode. */
const textToSend = (text: string, prefix: string, maxTextChars: number): string => {
  const cut = `${prefix}${text.slice(0, maxTextChars)}`.toWellFormed();
  return cut.trim() === '' ? '.' : cut;
};

/** The server and path, without what may be secret in an address. */
const placeOf = (baseURL: string): string => {
  const { origin, pathname } = new URL(baseURL);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
};

const fired = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

/** Only fixed phrases: what a server writes in an error may hold anything, the key among it. */
const complaintOf = (error: unknown, closing: AbortSignal, deadline: AbortSignal): string => {
  if (closing.aborted) return 'is no longer asked: the encoder is closed';
  if (deadline.aborted || error instanceof APIConnectionTimeoutError) return 'did not answer in time';
  if (error instanceof UnusableEmbeddings) return error.message;
  if (isTooLarge(error)) return 'answered too much';
  if (error instanceof APIError && typeof error.status === 'number') return `answered HTTP ${error.status}`;
  if (error instanceof SyntaxError) return 'answered what is not JSON';
  return 'cannot be reached';
};

const isTooLarge = (error: unknown, depth = 0): boolean =>
  error instanceof AnswerTooLarge ||
  (depth < 8 && error instanceof Error && error.cause !== undefined && isTooLarge(error.cause, depth + 1));
