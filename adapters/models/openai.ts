import OpenAI, { APIConnectionTimeoutError, APIError } from 'openai';
import type { ModelAnswer, ModelQuestion } from '../../intents/ports.ts';
import { type Completion, readCompletion } from './completion.ts';
import { type Asked, type Endpoint, failed, type Price, priced } from './endpoint.ts';
import { AnswerTooLarge, leanFetch } from './lean-fetch.ts';
import { fullShape, maxShapes, requestOf, type Shape, without } from './prompt.ts';
import { readAnswer } from './read-answer.ts';

export interface OpenaiEndpointOptions {
  readonly name: string;
  /** Up to and with `/v1`; any server that speaks chat completions. */
  readonly baseURL: string;
  /** Left out for local servers. */
  readonly apiKey?: string;
  readonly model: string;
  readonly timeoutMs: number;
  readonly maxTokens: number;
  /** Longer texts are not sent. */
  readonly maxTextChars: number;
  /** Left out, what is used has no price. */
  readonly price?: Price;
}

const maxBodyBytes = 64 * 1024;
/** A streamed token comes in an event of its own, with names and numbers around it. */
const eventBytes = 512;
const json = { 'content-type': 'application/json' };

/**
 * A language model behind any OpenAI-compatible chat completions endpoint.
 * A server that answers 400 to structured output is asked in JSON mode, then without; which one it takes is remembered.
 */
export const openaiEndpoint = (options: OpenaiEndpointOptions): Endpoint => {
  const { name, baseURL, apiKey, timeoutMs, maxTokens, maxTextChars, price } = options;
  const client = new OpenAI({
    baseURL,
    // The client insists on a key, and would otherwise take one meant for another server from the environment.
    apiKey: apiKey ?? 'none',
    adminAPIKey: null,
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: timeoutMs,
    logLevel: 'off',
    fetch: leanFetch(maxBodyBytes + maxTokens * eventBytes),
  });
  let shape: Shape = fullShape;
  /** What it costs at most is asked just before it is sent: written once for both. */
  const written = new WeakMap<ModelQuestion, { readonly shape: Shape; readonly body: string }>();
  const bodyOf = (question: ModelQuestion): string => {
    const before = written.get(question);
    if (before?.shape === shape) return before.body;
    const body = JSON.stringify(requestOf(question, options, shape));
    written.set(question, { shape, body });
    return body;
  };

  const send = async (question: ModelQuestion, signal: AbortSignal): Promise<Response> => {
    for (let tries = 1; ; tries++) {
      const asked = shape;
      try {
        return await client.post('/chat/completions', { body: bodyOf(question), headers: json, signal }).asResponse();
      } catch (error) {
        const lesser = error instanceof APIError && error.status === 400 ? without(asked, error.message) : undefined;
        if (lesser === undefined || tries === maxShapes) throw error;
        shape = lesser;
      }
    }
  };

  return {
    name,
    timeoutMs,
    atMost(question) {
      // No token is shorter than a byte of what it stands for.
      const input = Buffer.byteLength(bodyOf(question));
      return {
        tokens: input + maxTokens,
        money: priced({ input, output: maxTokens }, price).money ?? 0,
      };
    },
    async ask(question, signal, deadline = AbortSignal.timeout(timeoutMs)) {
      if (question.text.length > maxTextChars)
        return {
          answer: failed('the text is longer than the model is sent'),
          health: 'unknown',
          again: false,
          free: true,
        };
      let answering = false;
      try {
        const response = await send(question, AbortSignal.any([signal, deadline]));
        answering = true;
        const completion = await readCompletion(response, client, question.onProgress ?? (() => {}));
        const { usage } = completion;
        const answer: ModelAnswer = {
          ...answerOf(completion, question),
          ...(usage && { usage: priced(usage, price) }),
        };
        const cut = completion.end === 'cut';
        return { answer, health: cut ? 'ill' : 'well', again: cut, free: false };
      } catch (error) {
        return troubleOf(error, signal, deadline, answering);
      }
    },
  };
};

const answerOf = ({ content, refused, end }: Completion, { candidates }: ModelQuestion): ModelAnswer => {
  if (refused) return failed('refused');
  if (end === 'cut') return failed('the answer was cut off');
  if (end === 'length') return failed('the answer was cut off at the token limit');
  if (content === undefined) return failed('the answer has no content');
  return readAnswer(content, candidates);
};

/** Says only fixed phrases: what a server writes in an error may hold anything, the key among it. */
const troubleOf = (error: unknown, signal: AbortSignal, deadline: AbortSignal, answering: boolean): Asked => {
  const trouble = (detail: string, more: Partial<Asked> = {}): Asked => ({
    answer: failed(detail),
    health: 'ill',
    again: false,
    free: false,
    ...more,
  });
  if (signal.aborted) return trouble('aborted', { health: 'unknown' });
  if (deadline.aborted || error instanceof APIConnectionTimeoutError) return trouble('timed out');
  if (within(error, (cause) => cause instanceof AnswerTooLarge))
    return trouble('the answer is too large', { health: 'well' });
  if (error instanceof APIError && typeof error.status === 'number') {
    const retryAfter = error.headers?.get('retry-after');
    return trouble(`HTTP ${error.status}`, {
      again: error.status === 408 || error.status === 429 || error.status >= 500,
      free: true,
      ...(typeof retryAfter === 'string' && { retryAfter }),
    });
  }
  if (error instanceof SyntaxError) return trouble('the answer is not JSON', { health: 'well' });
  if (answering) return trouble('the answer was cut off', { again: true });
  return trouble('cannot be reached', { again: !within(error, isRedirect), free: within(error, neverArrived) });
};

const within = (error: unknown, is: (cause: Error) => boolean, depth = 0): boolean =>
  error instanceof Error && (is(error) || (depth < 8 && within(error.cause, is, depth + 1)));

const isRedirect = ({ message }: Error): boolean => message === 'unexpected redirect';

const neverArrived = (cause: Error): boolean =>
  ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'].includes(
    String((cause as NodeJS.ErrnoException).code),
  );
