import { z } from 'zod';
import { type Input, isObject } from '../../intents/json.ts';
import type { Config } from '../config-document.ts';
import type { AskRequest } from '../road/context.ts';
import { canonicalCurrency, canonicalLocale, canonicalZone } from '../road/locality.ts';
import { maxTokenLength } from '../sessions.ts';

const input = z.custom<Input>(isObject, 'must be an object').prefault({});
const purpose = z.string().min(1).max(200).optional();
const readAs = (read: (written: string) => string | undefined, message: string) =>
  z
    .string()
    .max(100)
    .transform((written, issues) => {
      const found = read(written);
      if (found === undefined) issues.addIssue({ code: 'custom', message });
      return found ?? z.NEVER;
    });
const askContext = z
  .strictObject({
    locale: readAs(canonicalLocale, 'must be a language tag like de-AT').optional(),
    zone: readAs(canonicalZone, 'must be a time zone like Europe/Vienna').optional(),
    currency: readAs(canonicalCurrency, 'must be a currency like EUR').optional(),
    now: z.iso
      .datetime({ offset: true, error: 'must be a time like 2026-11-23T10:00:00+01:00' })
      .transform((written) => new Date(written))
      .optional(),
  })
  .prefault({});

/** What callers send beside the input of one intent: the same at every door that takes it. */
export const bodies = (limits: Config['limits']) => {
  const ask = z.strictObject({
    text: z.string().trim().min(1).max(limits.text),
    input: input.describe('Values that are already known.'),
    purpose,
    session: z.string().min(1).max(maxTokenLength).optional().describe('From the answer to an earlier ask.'),
    context: askContext,
    trace: z.boolean().default(false),
  });
  return {
    ask,
    explainWords: ask.omit({ trace: true }),
    explainCall: z.strictObject({ intent: z.string().min(1).max(200), input, purpose }),
    confirmation: z.strictObject({ confirm: z.boolean(), trace: z.boolean().default(false) }),
  };
};

/** An ask as the road takes it. */
export const askOf = ({
  text,
  input: given,
  session,
  context: { now, ...locality },
}: z.output<ReturnType<typeof bodies>['explainWords']>): AskRequest => ({
  kind: 'ask',
  text,
  given,
  session,
  locality,
  now,
});
