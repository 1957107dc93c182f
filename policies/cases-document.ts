import { z } from 'zod';
import { bands, proofLevels } from './types.ts';

const provenance = z.enum(['user', 'input', 'session', 'default', 'principal', 'backend', 'model']);
const intentId = z.string().regex(/@\d+$/, 'an intent is written with its major: orders.get@1');
const values = z.record(z.string(), z.json());

const fixture = z.strictObject({
  tenant: z.string().default('default'),
  subject: z.strictObject({ type: z.string(), id: z.string() }),
  token: values.default({}),
  purposes: z.array(z.string()).default([]),
  capabilities: z.array(z.string()).optional(),
  ip: z.string().optional(),
  proof: z.enum(proofLevels).optional(),
  delegations: z.int().min(0).optional(),
  band: z
    .enum([...bands, 'unknown'])
    .optional()
    .describe('Left out, "new"; "unknown" where no scores are kept.'),
});

const policyCase = z.strictObject({
  name: z.string().optional(),
  as: z.string(),
  intent: intentId,
  purpose: z.string().optional(),
  in: values.default({}),
  prov: z.record(z.string(), provenance).optional().describe('Where values came from; left out, the caller gave them.'),
  resolution: z.strictObject({ tier: z.string(), confidence: z.number(), margin: z.number() }).optional(),
  agg: z
    .record(z.string(), z.number())
    .default({})
    .describe('What each aggregate holds before the request; one that is left out cannot be told.'),
  door: z.string().default('http'),
  ip: z.string().optional().describe('Instead of the one of the fixture.'),
  now: z.iso.datetime({ offset: true }).optional().describe('Instead of the time of the file.'),
  expect: z.enum(['permit', 'confirm', 'deny']),
  by: z.string().optional().describe('The rule that must be among those that fired.'),
  obligations: z
    .array(z.string())
    .optional()
    .describe('What must be among the obligations, as "ostiary policy explain" tells them: "rate slow".'),
  unknown: z.array(z.string()).optional().describe('Paths that must be told as unknown.'),
  why: z.string().optional().describe('For the reader.'),
});

const every = z.literal('*');
const matrix = z.strictObject({
  as: z.union([every, z.array(z.string()).min(1)]).default('*'),
  intents: z.union([every, z.array(intentId).min(1)]).default('*'),
  purposes: z.union([every, z.array(z.string()).min(1)]).default('*'),
  in: z.record(intentId, values).default({}).describe('The input of each intent; left out, an empty one.'),
  permitted: z
    .array(z.tuple([z.string(), intentId, z.string()]))
    .describe(
      '[fixture, intent, purpose] of all that is permitted, with or without a yes; whatever is not listed must be denied.',
    ),
});

/** A file of policy cases: who asks what, and what must be decided. The clock stands still at `now`. */
export const policyCasesDocument = z.strictObject({
  suite: z.string().min(1),
  now: z.iso.datetime({ offset: true }),
  fixtures: z.record(z.string(), fixture),
  cases: z.array(policyCase).default([]),
  matrix: matrix.optional(),
});
export type PolicyCases = z.infer<typeof policyCasesDocument>;
export type PolicyCase = PolicyCases['cases'][number];
export type Fixture = PolicyCases['fixtures'][string];
