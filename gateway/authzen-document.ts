import { z } from 'zod';

const entity = { type: z.string().min(1).max(200), id: z.string().min(1).max(1_000) };

/** `authzen` in `ostiary.yaml`: who may ask for decisions about others, and what those others and their things are. */
export const authzenDocument = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'an address is written like https://gateway.example' })
    .regex(/^[^?#]+$/, 'the address of a decision point has no query and no fragment')
    .transform((url) => url.replace(/\/$/, ''))
    .describe('Where this gateway is reached; its metadata says so.'),
  callers: z
    .array(
      z.strictObject({
        subject: z.strictObject(entity).describe('Of the credential that asks.'),
        may: z
          .array(z.enum(['assert', 'search', 'explain']))
          .default([])
          .describe(
            'Beyond asking: "assert" what subjects and resources are like, "search" for who may do what, and read rules and files ("explain").',
          ),
        meets: z
          .array(z.enum(['redact', 'rate']))
          .default([])
          .describe('Obligations that it sees to itself; a permit with any other is told as a denial.'),
        purposes: z.array(z.string()).default([]).describe('Of subjects that are not listed and that it asserts.'),
      }),
    )
    .min(1, 'without a caller nobody could ask'),
  actions: z
    .array(
      z.strictObject({
        resource: z.string().min(1).describe('The type of the resource.'),
        action: z.string().min(1).describe('The name of the action.'),
        intent: z.string().regex(/^[a-z][a-z0-9.-]*@\d+$/, 'an intent is written with its major: orders.get@1'),
        id: z.string().min(1).optional().describe('The field of its input that takes the id of the resource.'),
      }),
    )
    .default([])
    .describe('What others call what here are intents; an intent can also be asked for by its own name.'),
  subjects: z
    .array(
      z.strictObject({
        ...entity,
        claims: z.record(z.string(), z.json()).default({}),
        purposes: z.array(z.string()).default([]),
        default_purpose: z.string().optional(),
        capabilities: z.array(z.string()).optional(),
      }),
    )
    .max(10_000)
    .default([])
    .describe('Who can be asked about, beside the subjects of the API keys.'),
  resources: z
    .array(z.strictObject({ ...entity, properties: z.record(z.string(), z.json()).default({}) }))
    .max(10_000)
    .default([])
    .describe('What is known of resources; only these can be searched for.'),
});
export type AuthzenConfig = z.infer<typeof authzenDocument>;
