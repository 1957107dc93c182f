import { z } from 'zod';
import type { Finding } from '../intents/findings.ts';
import { type Source, zodFindings } from '../intents/source.ts';
import type { Flip } from './replay.ts';

/** Permits that a candidate is meant to add: nothing is permitted anew by accident. */
const waiversDocument = z.strictObject({
  waivers: z.array(
    z.strictObject({
      rule: z.string().describe('The allow by which it is permitted now.'),
      intent: z.string().regex(/@\d+$/, 'an intent is written with its major: orders.get@1'),
      because: z.string().min(1),
    }),
  ),
});
export type Waivers = z.infer<typeof waiversDocument>['waivers'];

/** @returns findings where the file is wrong */
export const parseWaivers = (source: Source): { waivers: Waivers; findings: Finding[] } => {
  const parsed = waiversDocument.safeParse(source.value);
  return parsed.success
    ? { waivers: parsed.data.waivers, findings: [] }
    : {
        waivers: [],
        findings: zodFindings(parsed.error, source, 'waiver', () => ['waivers', 'rule', 'intent', 'because']),
      };
};

/** Flips from deny to permit that no line answers for. */
export const unwaived = (flips: readonly Flip[], waivers: Waivers): Flip[] =>
  flips.filter(
    ({ kind, by, intent }) =>
      kind === 'deny to permit' &&
      !waivers.some((waiver) => by.includes(waiver.rule) && waiver.intent === majorOf(intent)),
  );

/** `orders.refund@2.1.0` as policies name it. */
const majorOf = (intent: string): string => intent.replace(/@(\d+)[.\d]*$/, '@$1');
