import { z } from 'zod';
import type { Intent, Provenance } from '../intents/contract.ts';
import { didYouMean } from '../intents/did-you-mean.ts';
import type { Finding } from '../intents/findings.ts';
import { type Input, type Json, pointerSegment } from '../intents/json.ts';
import { type Source, zodFindings } from '../intents/source.ts';
import { isWithin } from './purposes.ts';
import type { Bundle, Decision, Principal } from './types.ts';

const provenance = z.enum(['user', 'input', 'session', 'default', 'principal', 'backend', 'model']);

/** A file of policy cases: who asks what, and what must be decided. The clock stands still at `now`. */
export const policyCasesDocument = z.strictObject({
  suite: z.string().min(1),
  now: z.iso.datetime({ offset: true }),
  fixtures: z.record(
    z.string(),
    z.strictObject({
      tenant: z.string().default('default'),
      subject: z.strictObject({ type: z.string(), id: z.string() }),
      token: z.record(z.string(), z.json()).default({}),
      purposes: z.array(z.string()).default([]),
      capabilities: z.array(z.string()).optional(),
      ip: z.string().optional(),
    }),
  ),
  cases: z.array(
    z.strictObject({
      name: z.string().optional(),
      as: z.string(),
      intent: z.string().regex(/@\d+$/, 'an intent is written with its major: orders.get@1'),
      purpose: z.string().optional(),
      in: z.record(z.string(), z.json()).default({}),
      prov: z
        .record(z.string(), provenance)
        .optional()
        .describe('Where values came from; left out, the caller gave them.'),
      resolution: z.strictObject({ tier: z.string(), confidence: z.number(), margin: z.number() }).optional(),
      door: z.string().default('http'),
      expect: z.enum(['permit', 'confirm', 'deny']),
      by: z.string().optional().describe('The rule that must be among those that fired.'),
      unknown: z.array(z.string()).optional().describe('Paths that must be told as unknown.'),
      why: z.string().optional().describe('For the reader.'),
    }),
  ),
});
export type PolicyCases = z.infer<typeof policyCasesDocument>;

export interface CaseResult {
  readonly name: string;
  /** `file:line:column`. */
  readonly place: string;
  /** What differs from what was expected, in words; undefined where nothing does. */
  readonly difference: string | undefined;
  readonly decision: Decision | undefined;
}

/** Runs every case of a file against a bundle. @returns findings where the file itself is wrong */
export const runPolicyCases = (
  source: Source,
  bundle: Bundle,
  catalogue: readonly Intent[],
): { results: CaseResult[]; findings: Finding[] } => {
  const parsed = policyCasesDocument.safeParse(source.value);
  if (!parsed.success) return { results: [], findings: zodFindings(parsed.error, source, 'case') };
  const { now, fixtures, cases } = parsed.data;
  const results = cases.map((one, index): CaseResult => {
    const { line, column } = source.at(['cases', index]);
    const name = one.name ?? `${one.as} ${one.intent} for ${one.purpose ?? 'no purpose'}`;
    const fixture = Object.hasOwn(fixtures, one.as) ? fixtures[one.as] : undefined;
    const intent = catalogue.find(({ id }) => id === one.intent);
    const said = (difference: string | undefined, decision?: Decision): CaseResult => ({
      name,
      place: `${source.file}:${line}:${column}`,
      difference,
      decision,
    });
    if (fixture === undefined) return said(`there is no fixture "${one.as}"`);
    if (intent === undefined) return said(`there is no intent ${one.intent}`);
    // A misspelt purpose would be refused, and so pass for whatever refusal was expected.
    if (one.purpose !== undefined && !bundle.purposes.has(one.purpose))
      return said(`there is no purpose "${one.purpose}".${didYouMean(one.purpose, bundle.purposes)}`);
    if (one.purpose !== undefined && one.expect !== 'deny' && !carries(fixture.purposes, one.purpose))
      return said(`${one.as} does not carry the purpose "${one.purpose}"`);
    const principal: Principal = {
      tenant: fixture.tenant,
      ...fixture.subject,
      claims: fixture.token as Record<string, Json>,
      purposes: fixture.purposes,
      defaultPurpose: undefined,
      capabilities: fixture.capabilities,
      credential: { kind: 'api-key', id: one.as },
    };
    const given = Object.fromEntries(
      Object.keys(one.in).map((slot): [string, Provenance] => [`/${pointerSegment(slot)}`, 'input']),
    );
    const decision = bundle.decide({
      principal,
      intent,
      input: one.in as Input,
      purpose: one.purpose === undefined ? undefined : { name: one.purpose, source: 'declared' },
      provenance: { ...given, ...one.prov },
      resolution: one.resolution ?? { tier: 'direct', confidence: 1, margin: 1 },
      context: { now: new Date(now), ip: fixture.ip, door: one.door },
    });
    return said(differenceOf(one, decision), decision);
  });
  return { results, findings: [] };
};

const carries = (purposes: readonly string[], asked: string): boolean =>
  purposes.some((carried) => isWithin(asked, carried));

const differenceOf = (
  { expect, by, unknown = [] }: PolicyCases['cases'][number],
  decision: Decision,
): string | undefined => {
  const confirms = decision.obligations.some(({ type }) => type === 'confirm');
  const got = decision.outcome === 'deny' ? 'deny' : confirms ? 'confirm' : 'permit';
  if (got !== expect) return `expected ${expect}, got ${got}: ${decision.reason.admin} (${decision.reason.user})`;
  const fired = [...decision.rules.allow, ...decision.rules.deny, ...decision.rules.require];
  if (by !== undefined && !fired.includes(by)) return `expected the rule ${by}; ${fired.join(', ') || 'none'} fired`;
  const missing = unknown.filter((path) => !decision.unknown.some((one) => one.path === path));
  return missing.length === 0
    ? undefined
    : `expected ${missing.join(', ')} to be unknown; ${decision.unknown.map(({ path }) => path).join(', ') || 'nothing'} was`;
};
