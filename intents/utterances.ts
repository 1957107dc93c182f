import { z } from 'zod';
import type { JsonObject } from './json.ts';

/** A file of utterances with what each should be understood as: test data of a catalogue. */
export const utterancesDocument = z.strictObject({
  utterances: z.string().min(1).describe('Name of the set.'),
  as: z.string().describe('Caller of the cases that name none.'),
  now: z.iso.datetime().describe('What "tomorrow" is counted from.'),
  cases: z.array(
    z.strictObject({
      say: z.string().min(1),
      as: z.string().optional(),
      intent: z.string().nullable().optional().describe('null: out of scope.'),
      input: z
        .custom<JsonObject>((value) => typeof value === 'object' && value !== null)
        .optional()
        .describe('What must be read from the words.'),
      outcome: z
        .enum(['clarify', 'out_of_scope', 'not_run'])
        .optional()
        .describe('Where no intent is taken; not_run: asked back or out of scope, either will do.'),
    }),
  ),
});
export type Utterances = z.infer<typeof utterancesDocument>;
