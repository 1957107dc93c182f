import type { Effect, Intent } from '../contract.ts';
import { type Code, problems } from '../problems.ts';

/** What a call of an intent takes beside its input. @param members what `fields` can name; undefined: any */
export const parameters = (effect: Effect, members: readonly string[] | undefined): unknown[] => [
  {
    name: 'ostiary-purpose',
    in: 'header',
    required: false,
    schema: { type: 'string', maxLength: 200 },
    description: 'Why it is asked; left out, the purpose of the credential.',
  },
  {
    name: 'fields',
    in: 'query',
    required: false,
    style: 'form',
    explode: false,
    schema: {
      type: 'array',
      items:
        members === undefined ? { type: 'string', minLength: 1, maxLength: 200 } : { type: 'string', enum: members },
      maxItems: 100,
    },
    description: 'Members of the output that are wanted, as JSON pointers: items/sku. Left out, all of it.',
  },
  {
    name: 'prefer',
    in: 'header',
    required: false,
    // One that is not understood is passed over (RFC 7240, section 2).
    schema: { type: 'string' },
    description:
      'return=minimal: what tells a thing from others. max-bytes=4000: no more of it than that, as JSON; ostiary-trimmed says what is left out.',
  },
  ...(effect === 'read' ? [] : [idempotencyKey]),
];

const idempotencyKey = {
  name: 'idempotency-key',
  in: 'header',
  required: false,
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
  description: 'Sent again with the same key, the request is not done again: the first answer comes back.',
};

const text = (description: string) => ({ description, schema: { type: 'string' } });

/** What an answer has beside its body. */
export const answerHeaders = ({ effect, deprecated }: Intent): Record<string, unknown> => ({
  'ostiary-request-id': text('By which the audit log knows it.'),
  'preference-applied': text('Which preferences shaped it.'),
  'ostiary-trimmed': text('What a byte budget left out: JSON pointers with how many are there, and of how many.'),
  ...(effect !== 'read' && {
    'idempotency-replayed': text('It is the answer of an earlier request with the same key.'),
  }),
  ...(deprecated && {
    deprecation: text('Since when this is to go (RFC 9745).'),
    sunset: text('From when on it may be gone (RFC 8594).'),
    link: text('What stands in for it.'),
  }),
});

/** Of other addresses and doors, and of who is not there any more to be told. */
const elsewhere: readonly Code[] = [
  ...(['request.too_costly', 'request.not_found', 'request.method', 'request.origin', 'client.closed'] as const),
  ...(['token.refused', 'authzen.not_allowed', 'subject.unknown', 'session.unknown', 'session.expired'] as const),
  ...(['confirm.unknown', 'confirm.expired', 'confirm.void'] as const),
];
/** Of what changes something. */
const ofWrites: readonly Code[] = [
  ...(['confirm.required', 'upstream.unknown', 'idempotency.mismatch', 'idempotency.under_way'] as const),
];
/** Of what only tells something. */
const ofDescribing: readonly Code[] = [
  ...(['credentials.missing', 'credentials.invalid', 'credentials.unavailable', 'credentials.proof'] as const),
  ...(['intent.unknown', 'request.malformed', 'request.headers_too_large', 'request.timeout', 'internal'] as const),
  ...(['request.media_type', 'request.too_large', 'request.too_deep'] as const),
];

/**
 * How requests can end otherwise, a response for each status: what it means is told by the codes that have it.
 * @returns those of an operation by reference, and what they refer to
 */
export const problemResponses = () => {
  const components: Record<string, unknown> = {};
  const among = (allowed: (code: Code) => boolean, key: string): Record<string, unknown> => {
    const byStatus = new Map<number, Code[]>();
    for (const [code, { status }] of Object.entries(problems) as [Code, { status: number }][])
      if (!elsewhere.includes(code) && allowed(code)) byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
    return Object.fromEntries(
      [...byStatus]
        .sort(([a], [b]) => a - b)
        .map(([status, codes]) => {
          const name = `${key}.${status}`;
          components[name] ??= {
            description: codes.map((code) => `\`${code}\`: ${problems[code].title}.`).join(' '),
            headers: {
              'ostiary-request-id': text('By which the audit log knows it.'),
              ...(status === 401 && { 'www-authenticate': text('What would turn it.') }),
              ...([429, 503, 409].includes(status) && { 'retry-after': text('Seconds, where trying again may help.') }),
            },
            content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/ostiary.Problem' } } },
          };
          return [status, { $ref: `#/components/responses/${name}` }];
        }),
    );
  };
  return {
    components,
    of(what: Effect | 'describe'): Record<string, unknown> {
      if (what === 'describe') return among((code) => ofDescribing.includes(code), 'describe');
      return what === 'read' ? among((code) => !ofWrites.includes(code), 'read') : among(() => true, 'write');
    },
  };
};

export const problem = {
  type: 'object',
  description: 'RFC 9457 problem details.',
  required: ['type', 'title', 'status', 'detail', 'instance', 'code'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    code: { type: 'string', description: 'Stable; match on this.' },
    errors: {
      type: 'array',
      items: { type: 'object', properties: { pointer: { type: 'string' }, detail: { type: 'string' } } },
    },
  },
};

export const contract = {
  type: 'object',
  description: 'An intent: what it means, what it takes and gives.',
  required: ['intent', 'version', 'title', 'effect', 'input', 'call'],
  properties: {
    intent: { type: 'string' },
    version: { type: 'string' },
    title: { type: 'string' },
    description: { type: 'string' },
    effect: { enum: ['read', 'write', 'destructive'] },
    purposes: { type: 'array', items: { type: 'string' } },
    examples: { type: 'array', items: { type: 'string' } },
    input: { type: 'object', description: 'JSON Schema.' },
    output: { type: 'object', description: 'JSON Schema.' },
    call: { type: 'string' },
  },
};
