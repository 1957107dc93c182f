import { z } from 'zod';

const id = z.string().regex(/^[a-z][a-z0-9-]*$/, 'a rule is named like "refund-small": lower case, with hyphens');
const name = z.string().regex(/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)*$/, 'a name is lower case, with dots and hyphens');
const purpose = z.string().regex(/^[a-z][a-z0-9-]*(\/[a-z][a-z0-9-]*)*$/, 'a purpose is written like "service/ticket"');
const effect = z.enum(['read', 'write', 'destructive']);
const pointer = z.string().regex(/^(\/[^/\s]+)+$/, 'a JSON pointer is written like /customer/email');
const ttl = z.string().regex(/^\d{1,6}(s|m|h)$/, 'a duration is written like 120s or 5m');

/** Says what is wrong with a key of a record, where zod says only that it is invalid. */
const keyError = {
  error: (issue: z.core.$ZodRawIssue) => (issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined),
};

// Operators are checked one by one where the conditions are compiled, so that a mistake names its operator.
const tests = z.record(z.string(), z.unknown());
const when = z
  .record(z.string().regex(/^\/[a-z]+(\/[^/\s]+)*$/, 'a path is written like /in/amount'), tests, keyError)
  .refine((paths) => Object.keys(paths).length > 0, 'no path is named, so this would hold for everything');

const obligation = z
  .strictObject({
    confirm: z
      .strictObject({
        by: z.literal('self', { error: 'only "self" is supported by this version' }),
        ttl: ttl.default('120s'),
        onEffects: z.array(effect).min(1).optional(),
      })
      .optional(),
    redact: z
      .record(pointer, z.enum(['drop', 'mask', 'mail-mask']), keyError)
      .refine((fields) => Object.keys(fields).length > 0, 'no field is named, so nothing would be hidden')
      .optional(),
  })
  .refine(
    ({ confirm, redact }) => confirm !== undefined || redact !== undefined,
    'an obligation is "confirm" or "redact"',
  );
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
  subjects: z
    .record(name, z.strictObject({ match: when }), keyError)
    .default({})
    .describe('Who is who, by verified claims: /subject/type, /subject/id, /token/<claim>.'),
  capabilities: z
    .record(
      name,
      z.strictObject({
        intents: z
          .array(z.string().regex(/^[a-z][a-z0-9.-]*@\d+$/, 'an intent is written with its major: orders.get@1'))
          .min(1),
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

/** Keys that may stand at a path of a policy file, for suggestions. */
export const knownPolicyKeys = (path: readonly PropertyKey[], value: unknown): readonly string[] => {
  if (path.length === 0) return Object.keys(policyDocument.shape);
  const [section, at] = path;
  if (section === 'rules' && path.length === 2) {
    const rule = (value as { rules?: unknown[] }).rules?.[Number(at)];
    const kind = typeof rule === 'object' && rule !== null ? ruleKindOf(rule) : undefined;
    return kind === undefined ? ruleKindNames : Object.keys(ruleKinds[kind].shape);
  }
  if (section === 'rules' && path.includes('obligations')) return ['confirm', 'redact', 'by', 'ttl', 'onEffects'];
  if (section === 'subjects') return ['match'];
  if (section === 'capabilities') return ['intents', 'effect'];
  return [];
};

/** The zod schema of one rule of a kind, so that its faults are told without those of the other kinds. */
export const ruleSchema = (kind: RuleKind): z.ZodType<RuleDocument> =>
  ruleKinds[kind] as unknown as z.ZodType<RuleDocument>;
