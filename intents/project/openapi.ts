import type { Intent } from '../contract.ts';
import { isObject, type JsonSchema } from '../json.ts';
import type { SchemaLibrary } from '../schema-library.ts';

/**
 * Projects intents into an OpenAPI 3.1 document: one operation per intent. Shared schemas that are reached become
 * components. Deterministic: the same intents give the same document.
 */
export const toOpenapi = (intents: readonly Intent[], library: SchemaLibrary): Record<string, unknown> => {
  const components = new Map<string, unknown>();
  const inline = (schema: JsonSchema): unknown => rewrite(schema, library, components);
  const latest = new Map(intents.map((intent) => [intent.name, intent.major]));
  const paths: Record<string, unknown> = {};
  for (const intent of intents) {
    const { name, major, title, description, effect, version, input, output } = intent;
    const address = latest.get(name) === major ? name : `${name}@${major}`;
    paths[`/v1/intents/${address}`] = {
      post: {
        operationId: address,
        summary: title,
        description,
        tags: [name.split('.')[0]],
        ...(intent.deprecated && { deprecated: true }),
        'x-intent': { version, effect },
        parameters: [
          {
            name: 'ostiary-purpose',
            in: 'header',
            required: false,
            schema: { type: 'string' },
            description: 'Why it is asked; left out, the purpose of the credential.',
          },
          {
            name: 'fields',
            in: 'query',
            required: false,
            style: 'form',
            explode: false,
            schema: { type: 'array', items: { type: 'string', maxLength: 200 }, maxItems: 100 },
            description: 'Members of the output that are wanted, as JSON pointers: items/sku. Left out, all of it.',
          },
          ...(effect === 'read' ? [] : [idempotencyKey]),
        ],
        requestBody: {
          required: (input.required ?? []).length > 0,
          content: { 'application/json': { schema: inline(input) } },
        },
        responses: {
          200: {
            description: 'What the backend answered, as far as this caller may see it.',
            content: { 'application/json': { schema: output === undefined ? {} : inline(output) } },
          },
          default: {
            description: 'What went wrong.',
            content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/ostiary.Problem' } } },
          },
        },
      },
    };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Intents', version: '1', description: 'Every intent this credential may call.' },
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: {
        'ostiary.Problem': problem,
        ...Object.fromEntries([...components].sort(([a], [b]) => (a < b ? -1 : 1))),
      },
    },
  };
};

const idempotencyKey = {
  name: 'idempotency-key',
  in: 'header',
  required: false,
  schema: { type: 'string', minLength: 1, maxLength: 255 },
  description: 'Sent again with the same key, the request is not done again: the first answer comes back.',
};

const problem = {
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

const componentName = (ref: string): string => ref.replaceAll(/[^\w.-]/g, '.');

const rewrite = (value: unknown, library: SchemaLibrary, components: Map<string, unknown>): unknown => {
  if (Array.isArray(value)) return value.map((item) => rewrite(item, library, components));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([keyword, inner]) => {
      const target = keyword === '$ref' && typeof inner === 'string' ? library.refs.get(inner) : undefined;
      if (target === undefined) return [keyword, rewrite(inner, library, components)];
      const name = componentName(inner as string);
      if (!components.has(name)) {
        // Named before it is filled: a recursive schema refers to itself.
        components.set(name, {});
        components.set(name, rewrite(target, library, components));
      }
      return ['$ref', `#/components/schemas/${name}`];
    }),
  );
};
