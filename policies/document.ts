import { z } from 'zod';
import { proofLevels } from './types.ts';

const id = z.string().regex(/^[a-z][a-z0-9-]*$/, 'a rule is named like "refund-small": lower case, with hyphens');
const name = z.string().regex(/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)*$/, 'a name is lower case, with dots and hyphens');
const purpose = z.string().regex(/^[a-z][a-z0-9-]*(\/[a-z][a-z0-9-]*)*$/, 'a purpose is written like "service/ticket"');
const effect = z.enum(['read', 'write', 'destructive']);
const pointer = z.string().regex(/^(\/[^/\s]+)+$/, 'a JSON pointer is written like /customer/email');
const duration = z.string().regex(/^\d{1,6}(s|m|h|d)$/, 'a duration is written like 120s or 5m');
const intentId = z.string().regex(/^[a-z][a-z0-9.-]*@\d+$/, 'an intent is written with its major: orders.get@1');
const total = z.string().regex(/^[a-z][a-z0-9_-]*$/, 'an aggregate is named like "refunds_24h": lower case');
const inputPath = z.string().regex(/^\/in(\/[^/\s]+)+$/, 'a value of the input is written like /in/amount');

/** Says what is wrong with a key of a record, where zod says only that it is invalid. */
const keyError = {
  error: (issue: z.core.$ZodRawIssue) => (issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined),
};

// Operators are checked one by one where the conditions are compiled, so that a mistake names its operator.
const tests = z.record(z.string(), z.unknown());
const when = z
  .record(z.string().regex(/^\/[a-z]+(\/[^/\s]+)*$/, 'a path is written like /in/amount'), tests, keyError)
  .refine((paths) => Object.keys(paths).length > 0, 'no path is named, so this would hold for everything');

const obligationParts = {
  confirm: z
    .strictObject({
      by: z
        .enum(['self', 'other-human'])
        .describe('Who must say yes: the caller, or beside the caller a person who is somebody else.'),
      ttl: duration.default('120s'),
      onEffects: z.array(effect).min(1).optional(),
      show: z.literal('provenance').optional().describe('Where values came from is shown in any case.'),
    })
    .optional(),
  stepUp: z
    .strictObject({
      acr: z.string().min(1).optional().describe('The claim "acr" must have this value, or one above it in "levels".'),
      maxAge: duration.optional().describe('How long ago the login may be, by the claim "auth_time".'),
    })
    .refine(({ acr, maxAge }) => acr !== undefined || maxAge !== undefined, 'a step-up asks for "acr" or "maxAge"')
    .optional(),
  proof: z.enum(proofLevels).optional().describe("How surely the request must be the caller's own."),
  rate: z.string().optional().describe('A name of "rates": how often the caller may ask.'),
  redact: z
    .record(pointer, z.string(), keyError)
    .refine((fields) => Object.keys(fields).length > 0, 'no field is named, so nothing would be hidden')
    .optional()
    .describe('Field -> "drop", "mask", "mail-mask" or a name of "masks".'),
};
export const obligationNames = Object.keys(obligationParts);
const obligation = z.strictObject(obligationParts);
const obligations = z.array(obligation);

const who = z.array(z.string()).min(1).optional().describe('Names of subjects; left out, everybody.');
const can = z.array(name).min(1);
const matching = {
  who,
  can: can.optional().describe('Names of capabilities; left out, every intent (of the given effects).'),
  effects: z.array(effect).min(1).optional(),
  for: z.array(purpose).min(1).optional().describe('Purposes, each with everything below it; left out, any.'),
  notFor: z.array(purpose).optional().describe('Purposes that are out, with everything below them and above them.'),
  when: when.optional().describe('Conditions; all must hold.'),
};

const allow = z.strictObject({
  allow: id,
  ...matching,
  can,
  priority: z
    .int()
    .default(0)
    .describe('Among allows that hold, the highest decides obligations and fields; then the first.'),
  fields: z.array(pointer).optional().describe('All that may be seen of the output; left out, all of it.'),
  obligations: obligations.default([]),
  reason: z.string().optional(),
});
const deny = z.strictObject({ deny: id, ...matching, reason: z.string().optional().describe('Shown to the caller.') });
const require = z.strictObject({ require: id, ...matching, obligations: obligations.min(1) });
const reveal = z.strictObject({ reveal: id, who, can });

/** One policy file. Several make one bundle. */
export const policyDocument = z.strictObject({
  api: z.literal('intent-policy/1'),
  tenant: z.string().optional(),
  purposes: z.array(purpose).default([]).describe('Every purpose there is; "service/ticket" lies below "service".'),
  networks: z
    .record(name, z.array(z.string()).min(1), keyError)
    .default({})
    .describe('Ranges of addresses by name, for "inNet" and "notInNet".'),
  levels: z
    .array(z.string().min(1))
    .default([])
    .describe('Values of the claim "acr" from the weakest to the strongest; left out, none stands for another.'),
  rates: z
    .record(
      name,
      z.strictObject({
        requests: z.int().min(1).max(1_000_000),
        per: duration,
        of: z.enum(['caller', 'tenant']).default('caller').describe('Who shares it.'),
      }),
      keyError,
    )
    .default({})
    .describe('How often each caller, or a whole tenant, may ask, by name, for the obligation "rate".'),
  masks: z
    .record(
      name,
      z.strictObject({
        keepStart: z.int().min(0).max(16).default(0),
        keepEnd: z.int().min(0).max(16).default(0),
      }),
      keyError,
    )
    .default({})
    .describe('How many characters a redaction leaves at either end, by name.'),
  sinks: z
    .record(intentId, z.array(inputPath).min(1), keyError)
    .default({})
    .describe('More arguments that decide where an effect lands, beside those that the contract names.'),
  aggregates: z
    .record(
      total,
      z.strictObject({
        can: can.describe('Names of capabilities: what is counted.'),
        sum: inputPath.optional().describe('What is added up; left out, requests are counted.'),
        per: z
          .array(z.string().regex(/^\/(subject|token|in)(\/[^/\s]+)+$/, 'it is kept per /subject/…, /token/… or /in/…'))
          .default(['/subject/type', '/subject/id'])
          .describe('Whom or what it is kept for, beside the tenant; [] is for the whole tenant.'),
        window: duration,
        when: when.optional().describe('Which requests count; left out, all.'),
      }),
      keyError,
    )
    .default({})
    .describe('Totals over time, read as /agg/<name> with the request itself in them.'),
  subjects: z
    .record(name, z.strictObject({ match: when }), keyError)
    .default({})
    .describe('Who is who, by verified claims: /subject/type, /subject/id, /token/<claim>.'),
  capabilities: z
    .record(
      name,
      z.strictObject({
        intents: z.array(intentId).min(1),
        effect: effect.optional().describe('The effect all of its intents must have.'),
      }),
      keyError,
    )
    .default({}),
  rules: z.array(z.union([allow, deny, require, reveal])).default([]),
});
export type PolicyDocument = z.infer<typeof policyDocument>;
export type RuleDocument = PolicyDocument['rules'][number];
export type WhenDocument = z.infer<typeof when>;

const ruleKinds = { allow, deny, require, reveal } as const;
export type RuleKind = keyof typeof ruleKinds;

export const ruleKindNames = Object.keys(ruleKinds) as RuleKind[];

/** The kind of a rule as written, by the key that names it. */
export const ruleKindOf = (rule: object): RuleKind | undefined =>
  ruleKindNames.find((kind) => Object.hasOwn(rule, kind));

const obligationKeys: Readonly<Record<string, readonly string[]>> = {
  confirm: ['by', 'ttl', 'onEffects', 'show'],
  stepUp: ['acr', 'maxAge'],
};
const sectionKeys: Readonly<Record<string, readonly string[]>> = {
  subjects: ['match'],
  capabilities: ['intents', 'effect'],
  rates: ['requests', 'per', 'of'],
  masks: ['keepStart', 'keepEnd'],
  aggregates: ['can', 'sum', 'per', 'window', 'when'],
};

/** Keys that may stand at a path of a policy file, for suggestions. */
export const knownPolicyKeys = (path: readonly PropertyKey[], value: unknown): readonly string[] => {
  if (path.length === 0) return Object.keys(policyDocument.shape);
  const [section, at] = path;
  if (section === 'rules' && path.length === 2) {
    const rule = (value as { rules?: unknown[] }).rules?.[Number(at)];
    const kind = typeof rule === 'object' && rule !== null ? ruleKindOf(rule) : undefined;
    return kind === undefined ? ruleKindNames : Object.keys(ruleKinds[kind].shape);
  }
  if (section === 'rules' && path.includes('obligations'))
    return obligationKeys[String(path.at(-1))] ?? obligationNames;
  return sectionKeys[String(section)] ?? [];
};

/** The zod schema of one rule of a kind, so that its faults are told without those of the other kinds. */
export const ruleSchema = (kind: RuleKind): z.ZodType<RuleDocument> =>
  ruleKinds[kind] as unknown as z.ZodType<RuleDocument>;

const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of a duration as written, `5m`. */
export const toMs = (text: string): number => Number.parseInt(text, 10) * units[text.at(-1) as keyof typeof units];
