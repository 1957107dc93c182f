import { z } from 'zod';
import type { JsonSchema } from './json.ts';

/** `orders.refund`: at least two dotted parts, kebab-case. */
export const intentName = z
  .string()
  .max(120)
  .regex(/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/, 'an intent is named like "orders.refund": lower case, dotted');

export const semver = z
  .string()
  .regex(/^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$/, 'a version is written like 2.1.0');

const schemaObject = z.record(z.string(), z.unknown()) as unknown as z.ZodType<JsonSchema>;
const template = z.unknown();
const templates = z.record(z.string(), template);
const result = z
  .union([
    z.string().regex(/^\$(\.[^.\s]+)*$/, 'a reference is written like $.order.id'),
    z
      .record(z.string(), template)
      .describe('What is made of the answer: "$.a.b" refers to it, { jsonata: … } works it out.'),
  ])
  .optional();
const backend = z.string().min(1);
const mediaType = z.string().regex(/^[\w.+-]+\/[\w.+-]+$/, 'a media type is written like image/png');

const restStyles = <const S extends string>(styles: readonly [S, ...S[]]) =>
  z.record(
    z.string(),
    z.strictObject({
      style: z.enum(styles).optional(),
      explode: z.boolean().optional(),
      allowReserved: z.boolean().optional(),
    }),
  );

const answerPath = z.string().regex(/^\$(\.[^.\s]+)*$/, 'a reference is written like $.orders');
const anyPages = {
  items: answerPath.optional().describe('Where the list stands in a page; left out, the page is the list.'),
  most: z.int().min(1).max(1_000).optional().describe('Pages at most; left out, 20.'),
  most_items: z.int().min(1).max(100_000).optional().describe('Items at most; left out, 10,000.'),
  more: z.enum(['fail', 'cut']).optional().describe('What becomes of a list that has more; left out, it fails.'),
};
const counted = {
  parameter: z.string().min(1).max(100).describe('The parameter of the query that says which page.'),
  first: z.int().min(0).max(1).optional(),
  size: z.int().min(1).max(10_000).optional().describe('A page with fewer items is the last; left out, an empty one.'),
  ...anyPages,
};
const pages = z
  .discriminatedUnion('by', [
    z.strictObject({ by: z.literal('link'), ...anyPages }),
    z.strictObject({ by: z.literal('next'), at: answerPath.describe('Where the next address stands.'), ...anyPages }),
    z.strictObject({
      by: z.literal('cursor'),
      at: answerPath.describe('Where the next cursor stands.'),
      parameter: z.string().min(1).max(100).describe('The parameter of the query that takes it.'),
      ...anyPages,
    }),
    z.strictObject({ by: z.literal('number'), ...counted }),
    z.strictObject({ by: z.literal('offset'), ...counted }),
  ])
  .describe('How a list that comes in pages is read to its end.');

const call = z.union([
  z.strictObject({
    backend,
    rest: z
      .string()
      .regex(/^(GET|HEAD|POST|PUT|PATCH|DELETE) \/\S*$/, 'written like "POST /orders/{order_id}/refunds"')
      .describe('Method and path template; each {name} is a property of the input.'),
    query: templates.optional().describe('Query parameters; "$.a.b" refers to the input.'),
    headers: templates.optional(),
    cookies: templates.optional(),
    body: template.optional().describe('The body; "$.a.b" refers to the input. Left out, fields go by name.'),
    body_as: z
      .enum(['json', 'form', 'multipart', 'text', 'base64'])
      .optional()
      .describe('Left out, JSON. With base64 the body is a string, and its bytes are sent.'),
    body_type: mediaType.optional().describe('The media type of a body in JSON, text or base64, where it is another.'),
    accept: z
      .string()
      .max(300)
      .regex(
        /^[\w.+*-]+\/[\w.+*-]+(;\s*[\w-]+=[\w.-]+)*(,\s*[\w.+*-]+\/[\w.+*-]+(;\s*[\w-]+=[\w.-]+)*)*$/,
        'media types are written like "application/vnd.shop+json, application/json;q=0.9"',
      )
      .optional()
      .describe('Media types that are asked for; an answer of another is a failure.'),
    answer_as: z
      .enum(['json', 'text', 'base64'])
      .optional()
      .describe('What an answer is read as: left out, JSON; else a string, of text or of bytes in base64.'),
    styles: z
      .strictObject({
        path: restStyles(['simple', 'label', 'matrix']),
        query: restStyles(['form', 'spaceDelimited', 'pipeDelimited', 'deepObject']),
        headers: restStyles(['simple']),
        body: restStyles(['form', 'spaceDelimited', 'pipeDelimited', 'deepObject']),
      })
      .partial()
      .optional()
      .describe('How lists and objects are written, by name, in the words of OpenAPI.'),
    pages: pages.optional(),
    parts: z
      .record(
        z.string(),
        z.strictObject({
          encoding: z.literal('base64').optional().describe('The member is a file, in base64.'),
          type: mediaType.optional(),
          filename: template.optional(),
        }),
      )
      .optional()
      .describe('Of a multipart body, by member.'),
    result,
  }),
  z.strictObject({
    backend,
    graphql: z.string().min(1).describe('One operation; its variables are filled by name from the input.'),
    variables: templates.optional(),
    result,
  }),
  z.strictObject({
    backend,
    grpc: z.string().regex(/^[A-Za-z_][\w.]*\/[A-Za-z_]\w*$/, 'written like "shop.v1.Orders/Refund"'),
    message: template.optional(),
    result,
  }),
  z.strictObject({
    backend,
    mcp: z.string().min(1).max(128).describe('The name of a tool.'),
    arguments: templates.optional().describe('"$.a.b" refers to the input. Left out, fields go by name.'),
    result,
  }),
]);

const check = z.union([
  intentName,
  z.strictObject({
    intent: intentName,
    done: z
      .string()
      .regex(/^\$(\.[^.\s]+)+$/, 'a path is written like $.refund_id')
      .optional()
      .describe('Where its output says so: done, unless nothing stands there, or false, null or an empty list.'),
  }),
]);

const example = z.union([
  z.string().min(1).max(1000),
  z.strictObject({ ask: z.string().min(1).max(1000), input: z.record(z.string(), z.unknown()).optional() }),
]);

const pointer = z.string().regex(/^(\/[^/]+)+$/, 'a JSON pointer is written like /order_id');

const day = z.iso.date();
const deprecation = z.strictObject({
  since: day.describe('The day it was told, like 2027-01-31.'),
  sunset: day.optional().describe('From this day on it may be gone.'),
  use: z
    .string()
    .regex(
      /^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+(@\d+)?$/,
      'an intent is named like "orders.refund" or "orders.refund@2"',
    )
    .optional()
    .describe('What to call in its place; left out, the newest major.'),
});

const forward = z
  .strictObject({
    major: z.int().min(0).describe('The major whose callers are served by this contract.'),
    input: schemaObject.describe('What they send: the input of that major.'),
    map: templates.optional().describe('"$.a.b" refers to their input; what is not named goes by name.'),
    output: schemaObject.optional().describe('What they get: the output of that major; left out, that of this one.'),
    answer: templates
      .optional()
      .describe('"$.a.b" refers to the output of this major; what is not named goes by name.'),
    deprecated: deprecation.optional(),
  })
  .refine(({ output, answer }) => answer === undefined || output !== undefined, {
    path: ['answer'],
    error: '"answer" needs "output", which says what callers of that major know',
  });

/** One document of an intent file. */
export const intentDocument = z.strictObject({
  intent: intentName.describe('Dotted name, orders.refund.'),
  version: semver.describe('Semantic version of the contract.'),
  disabled: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe('Why it is out of use: nobody is offered it, whatever policies say, until this line is gone.'),
  title: z.string().min(1).max(200),
  description: z.string().max(4000).default(''),
  effect: z.enum(['read', 'write', 'destructive']).describe('What the intent does to the world.'),
  undo: intentName.optional().describe('The intent that takes this one back.'),
  idempotent: z
    .boolean()
    .default(false)
    .describe('The backend does it once, however often it gets it with the same key (the header "idempotency-key").'),
  check: check
    .optional()
    .describe('The read intent that says whether it was done: it completes, or what it looks for is not found.'),
  purposes: z.array(z.string().min(1)).default([]).describe('A ceiling on what it may be asked for; left out, any.'),
  entity: z.string().optional().describe('An entity of the ontology.'),
  sinks: z
    .array(pointer)
    .optional()
    .describe('JSON pointers into the input that decide where an effect lands. Required for write and destructive.'),
  examples: z.array(example).max(1000).default([]).describe('Utterances, with [slot: value] where a value stands.'),
  input: schemaObject.describe('JSON Schema 2020-12 of type object. $ref takes "ontology:Order.id" and "schema:name".'),
  output: schemaObject.optional(),
  output_mode: z
    .enum(['strict', 'report', 'drop'])
    .default('report')
    .describe('What to do when the output breaks its schema.'),
  deprecated: deprecation.optional().describe('It is to go: callers are told at every door.'),
  from: z.array(forward).max(20).optional().describe('Earlier majors that this one takes over.'),
  call,
});
export type IntentDocument = z.infer<typeof intentDocument>;

const path = z.string().regex(/^\$(\.[^.\s]+)*$/, 'a path is written like $.products');

const entity = z.strictObject({
  description: z.string().optional(),
  synonyms: z.array(z.string()).default([]),
  id: schemaObject,
  resolve: z
    .strictObject({
      intent: intentName.describe('A read intent that finds it.'),
      text: z.string().min(1).describe("The member of that intent's input that takes the words."),
      items: path.describe('Where the hits stand in its output.'),
      id: path.describe('Where the identifier stands in a hit.'),
      title: path.optional().describe('Where a hit says what people call it.'),
    })
    .optional()
    .describe('How words like "the blue jacket" become an identifier.'),
  read: intentName
    .optional()
    .describe('The read intent that shows one by its identifier; left out, the only one there is.'),
  attributes: z.record(z.string(), schemaObject).default({}),
});

/** The ontology file: entities with their identifiers, and shared value types. */
export const ontologyDocument = z.strictObject({
  ontology: z.string().min(1),
  entities: z.record(z.string().regex(/^[A-Z]\w*$/, 'an entity is named like "Order"'), entity).default({}),
  types: z.record(z.string().regex(/^[A-Z]\w*$/, 'a type is named like "Currency"'), schemaObject).default({}),
});
export type OntologyDocument = z.infer<typeof ontologyDocument>;

/** A file of shared JSON Schemas, referred to as `schema:name`. */
export const schemasDocument = z.strictObject({
  schemas: z.record(z.string().regex(/^[\w.-]+$/), schemaObject),
});

const keys = (schema: z.ZodType): string[] => (schema instanceof z.ZodObject ? Object.keys(schema.shape) : []);

/** Keys that may stand at a path of an intent document, for suggestions. */
export const knownIntentKeys = (path: readonly PropertyKey[]): readonly string[] => {
  if (path.length === 0) return keys(intentDocument);
  if (path[0] === 'call' && path.length === 1) return [...new Set(call.options.flatMap(keys))];
  if (path[0] === 'check') return ['intent', 'done'];
  if (path[0] === 'examples') return ['ask', 'input'];
  return [];
};
