import { z } from 'zod';
import type { Input } from '../../intents/json.ts';
import type { ModelAnswer, ModelCandidate } from '../../intents/ports.ts';

const maxChars = 16 * 1024;
const maxDepth = 16;
const shape = z.strictObject({
  intent: z.string().nullable(),
  input: z.record(z.string(), z.json()).nullish(),
});

/** Reads `{"intent", "input"}` from what a model wrote; a ```json fence around it is all that is forgiven. */
export const readAnswer = (
  written: string,
  candidates: readonly ModelCandidate[],
  tokens: number | undefined,
): ModelAnswer => {
  if (written.length > maxChars) return { ok: false, detail: 'the answer is too large' };
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
  const spent = typeof tokens === 'number' && Number.isFinite(tokens) ? tokens : 0;
  if (intent === null || intent === 'none') return { ok: true, intent: null, input: {}, tokens: spent };
  if (!candidates.some(({ id }) => id === intent)) return { ok: false, detail: 'the answer names no candidate' };
  return { ok: true, intent, input: (input ?? {}) as Input, tokens: spent };
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
