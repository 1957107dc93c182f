import { z } from 'zod';
import type { Input } from '../../intents/json.ts';
import type { ModelAnswer, ModelCandidate } from '../../intents/ports.ts';
import { maxAnswerChars } from './completion.ts';

const maxDepth = 16;
const shape = z.strictObject({
  intent: z.string().nullable(),
  input: z.record(z.string(), z.json()).nullish(),
});

/** Reads `{"intent", "input"}` from what a model wrote; a ```json fence around it is all that is forgiven. */
export const readAnswer = (written: string, candidates: readonly ModelCandidate[]): ModelAnswer => {
  if (written.length > maxAnswerChars) return { ok: false, detail: 'the answer is too large' };
  const bare = written
    .trim()
    .replace(/^```(?:json)?\s*\n/, '')
    .replace(/\n\s*```$/, '');
  if (depthOf(bare) > maxDepth) return { ok: false, detail: 'the answer is nested too deeply' };
  let value: unknown;
  try {
    value = JSON.parse(bare);
  } catch {
    return { ok: false, detail: 'the answer is not JSON' };
  }
  const parsed = shape.safeParse(value);
  if (!parsed.success) return { ok: false, detail: 'the answer has the wrong shape' };
  const { intent, input } = parsed.data;
  if (intent === null || intent === 'none') return { ok: true, intent: null, input: {} };
  if (!candidates.some(({ id }) => id === intent)) return { ok: false, detail: 'the answer names no candidate' };
  return { ok: true, intent, input: (input ?? {}) as Input };
};

/** Counts open brackets, strings included: cheap, and never too low. */
const depthOf = (json: string): number => {
  let depth = 0;
  let deepest = 0;
  for (const char of json) {
    if (char === '{' || char === '[') deepest = Math.max(deepest, ++depth);
    else if (char === '}' || char === ']') depth--;
  }
  return deepest;
};
