import type { Input, JsonSchema } from '../json.ts';
import type { Model, ModelQuestion, ModelUsage } from '../ports.ts';
import { toModelCandidate } from './model-answer.ts';
import type { ReadingContext } from './slots/utterance.ts';
import type { Candidate } from './types.ts';

/** What a model chose, or why it chose nothing, in words that a caller may read. */
export type Choice = { readonly usage?: ModelUsage } & (
  | { readonly chosen: Candidate; readonly input: Input }
  | { readonly chosen: undefined; readonly note: string }
);

export interface AskContext extends ReadingContext {
  readonly signal: AbortSignal;
  readonly tenant?: string;
  /** Told as the answer comes in. */
  readonly onTokens?: (tokens: number) => void;
}

/** Shows a model the candidates and nothing else of the catalogue. Never rejects. */
export const askModel = async (
  model: Model,
  text: string,
  offered: readonly Candidate[],
  resolveRef: (schema: JsonSchema) => JsonSchema,
  { now, signal, zone, locale, tenant, onTokens }: AskContext,
): Promise<Choice> => {
  const nothing = (note: string, usage?: ModelUsage): Choice => ({
    chosen: undefined,
    note: `model: ${note}`,
    ...(usage && { usage }),
  });
  const candidates = offered.map(({ intent }) => toModelCandidate(intent, resolveRef, text));
  const question: ModelQuestion = {
    text,
    candidates,
    now: now.toISOString(),
    ...(zone === undefined ? {} : { zone }),
    ...(locale === undefined ? {} : { locale }),
    ...(tenant === undefined ? {} : { tenant }),
    ...(onTokens && { onProgress: onTokens }),
  };
  try {
    const answer = await model.propose(question, signal);
    const { usage } = answer;
    if (!answer.ok) return nothing(answer.detail.slice(0, 120), usage);
    if (answer.intent === null) return nothing('none of the candidates', usage);
    const chosen = offered.find(({ intent }) => intent.id === answer.intent);
    if (chosen === undefined) return nothing('chose what it was not offered', usage);
    return { chosen, input: answer.input, ...(usage && { usage }) };
  } catch {
    return nothing('failed');
  }
};
