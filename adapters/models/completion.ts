import type OpenAI from 'openai';
import type { ChatCompletion, ChatCompletionChunk } from 'openai/resources/chat/completions';
import { Stream } from 'openai/streaming';
import type { ModelUsage } from '../../intents/ports.ts';
import { AnswerTooLarge } from './lean-fetch.ts';

/** The longest answer that is read. */
export const maxAnswerChars = 16 * 1024;

/** What a server said, whole or in a stream; undefined for what it did not say. */
export interface Completion {
  readonly content: string | undefined;
  readonly refused: boolean;
  /** `cut`: the stream ended, and nothing said that it was the end. */
  readonly end: 'whole' | 'length' | 'cut';
  readonly usage: ModelUsage | undefined;
}

/**
 * Reads a completion, as a stream of events or, from a server that does not stream, as one document.
 * @throws AnswerTooLarge, SyntaxError where it is not JSON, any Error where the connection breaks
 */
export const readCompletion = async (
  response: Response,
  client: OpenAI,
  onProgress: (tokens: number) => void,
): Promise<Completion> => {
  if (!/\btext\/event-stream\b/.test(response.headers.get('content-type') ?? ''))
    return ofDocument((await response.json()) as Partial<ChatCompletion> | null);
  let content: string | undefined;
  let refused = false;
  let finish: string | undefined;
  let usage: ModelUsage | undefined;
  let tokens = 0;
  for await (const chunk of Stream.fromSSEResponse<Partial<ChatCompletionChunk> | null>(
    response,
    new AbortController(),
    client,
  )) {
    usage = usageOf(chunk?.usage) ?? usage;
    const choice = chunk?.choices?.[0];
    finish = choice?.finish_reason ?? finish;
    const delta = choice?.delta as Partial<ChatCompletionChunk.Choice.Delta> | undefined;
    if (isFilled(delta?.refusal)) refused = true;
    if (typeof delta?.content !== 'string') continue;
    content = (content ?? '') + delta.content;
    if (content.length > maxAnswerChars) throw new AnswerTooLarge();
    onProgress(++tokens);
  }
  return { content, refused, usage, end: finish === undefined ? 'cut' : endOf(finish) };
};

/** A server may answer 200 with anything, whatever the types promise. */
const ofDocument = (completion: Partial<ChatCompletion> | null): Completion => {
  const choice = completion?.choices?.[0];
  const message = choice?.message as Partial<ChatCompletion.Choice['message']> | undefined;
  return {
    content: typeof message?.content === 'string' ? message.content : undefined,
    refused: isFilled(message?.refusal),
    end: endOf(choice?.finish_reason),
    usage: usageOf(completion?.usage),
  };
};

const isFilled = (value: unknown): boolean => typeof value === 'string' && value !== '';

const endOf = (finish: string | undefined): 'whole' | 'length' => (finish === 'length' ? 'length' : 'whole');

const usageOf = (said: unknown): ModelUsage | undefined => {
  if (typeof said !== 'object' || said === null) return undefined;
  const { prompt_tokens: input, completion_tokens: output } = said as Record<string, unknown>;
  return isCount(input) && isCount(output) ? { input, output } : undefined;
};

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
