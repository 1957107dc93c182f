import { setTimeout as wait } from 'node:timers/promises';
import { fallbackModel } from '../../adapters/models/fallback.ts';
import { openaiEndpoint } from '../../adapters/models/openai.ts';
import type { Intent } from '../../intents/contract.ts';
import type { Input, JsonSchema } from '../../intents/json.ts';
import { askModel } from '../../intents/resolve/ask-model.ts';
import { draftOf } from '../../intents/resolve/draft.ts';
import { checkAnswer } from '../../intents/resolve/model-answer.ts';
import { compileSlotReader } from '../../intents/resolve/slots/read.ts';

export interface Called {
  readonly index: number;
  readonly text: string;
  readonly intent: Intent;
}
export interface AskedModel {
  readonly index: number;
  /** As the model said it, checked. */
  readonly alone: Input;
  /** What a gateway would propose of the reader's values and the model's. */
  readonly together: Input;
  /** Why it gave no answer, where it gave none. */
  readonly failed: string | undefined;
}

/**
 * Asks a language model for the arguments of calls, as a gateway asks it, until the time is up.
 * @param baseURL of any OpenAI-compatible endpoint, up to and with `/v1`
 */
export const askEach = async (
  cases: readonly Called[],
  { baseURL, model, apiKey, capMs, now }: { baseURL: string; model: string; apiKey?: string; capMs: number; now: Date },
): Promise<AskedModel[]> => {
  const same = (schema: JsonSchema) => schema;
  const endpoint = openaiEndpoint({
    name: model,
    baseURL,
    model,
    timeoutMs: 120_000,
    maxTokens: 160,
    maxTextChars: 4_000,
    ...(apiKey === undefined ? {} : { apiKey }),
  });
  const asked = fallbackModel([endpoint], {
    now: Date.now,
    random: Math.random,
    wait: (ms, signal) => wait(ms, undefined, { signal }),
  });
  const until = performance.now() + capMs;
  const found: AskedModel[] = [];
  for (const { index, text, intent } of cases) {
    if (performance.now() > until) break;
    const reader = compileSlotReader(intent, same);
    const context = { now, signal: AbortSignal.timeout(120_000) };
    const answer = await askModel(asked, text, [{ intent, confidence: 1 }], same, context);
    const filling = answer.chosen && checkAnswer(intent, answer.input, text, reader, context);
    const rest = { intent, confidence: 1, margin: 1, text, reader, context, given: {}, tier: 'model' } as const;
    const { proposal } = draftOf({ ...rest, ...(filling && { filling }) });
    const failed = answer.chosen === undefined ? answer.note : undefined;
    found.push({ index, alone: filling?.input ?? {}, together: proposal.input, failed });
  }
  return found;
};
