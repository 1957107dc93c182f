import type { Input, JsonSchema } from '../json.ts';
import type { Model } from '../ports.ts';
import { toModelCandidate } from './model-answer.ts';
import type { Candidate } from './types.ts';

/** What a model chose, or why it chose nothing, in words that a caller may read. */
export type Choice =
  | { readonly chosen: Candidate; readonly input: Input }
  | { readonly chosen: undefined; readonly note: string };

/** Shows a model the candidates and nothing else of the catalogue. Never rejects. */
export const askModel = async (
  model: Model,
  text: string,
  offered: readonly Candidate[],
  resolveRef: (schema: JsonSchema) => JsonSchema,
  { now, signal }: { readonly now: Date; readonly signal: AbortSignal },
): Promise<Choice> => {
  const nothing = (note: string): Choice => ({ chosen: undefined, note: `model: ${note}` });
  const candidates = offered.map(({ intent }) => toModelCandidate(intent, resolveRef));
  try {
    const answer = await model.propose({ text, candidates, now: now.toISOString() }, signal);
    if (!answer.ok) return nothing(answer.detail.slice(0, 120));
    if (answer.intent === null) return nothing('none of the candidates');
    const chosen = offered.find(({ intent }) => intent.id === answer.intent);
    return chosen === undefined ? nothing('chose what it was not offered') : { chosen, input: answer.input };
  } catch {
    return nothing('failed');
  }
};
