import type { Intent } from '../contract.ts';
import { isObject, type JsonSchema } from '../json.ts';
import { memberPaths } from '../output-paths.ts';
import type { SchemaLibrary } from '../schema-library.ts';
import { answerHeaders, contract, parameters, problem, problemResponses } from './openapi-parts.ts';
import { type Ran, ranOf } from './ran.ts';

/**
 * Projects intents into an OpenAPI 3.1 document: each has an address, to call it and to read its contract. Shared schemas
 * that are reached become components. Deterministic: the same intents and examples give the same document.
 * @param ran calls that were carried out, and what was answered; those of another contract are left out
 */
export const toOpenapi = (
  intents: readonly Intent[],
  library: SchemaLibrary,
  ran: readonly Ran[] = [],
): Record<string, unknown> => {
  const components = new Map<string, unknown>();
  const inline = (schema: JsonSchema): unknown => rewrite(schema, library, components);
  const latest = new Map(intents.map((intent) => [intent.name, intent.major]));
  const { of: refusals, components: responses } = problemResponses();
  const paths: Record<string, unknown> = {};
  for (const intent of intents) {
    const { name, major, title, description, effect, version, input, output } = intent;
    const address = latest.get(name) === major ? name : `${name}@${major}`;
    const tags = [name.split('.')[0]];
    const examples = Object.entries(ranOf(ran, intent));
    const shown = (member: 'input' | 'output') =>
      examples.length === 0
        ? {}
        : {
            examples: Object.fromEntries(
              examples.map(([key, one]) => [key, { summary: one.text, value: one[member] }]),
            ),
          };
    paths[`/v1/intents/${address}`] = {
      get: {
        operationId: `describe.${address}`,
        summary: `The contract of ${name}`,
        tags,
        ...(intent.deprecated && { deprecated: true }),
        responses: {
          200: {
            description: 'The contract, as this caller may use it.',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/ostiary.Contract' } } },
          },
          ...refusals('describe'),
        },
      },
      post: {
        operationId: address,
        summary: title,
        description,
        tags,
        ...(intent.deprecated && { deprecated: true }),
        'x-intent': { version, effect },
        parameters: parameters(effect, memberPaths(output, library.resolveRef)),
        requestBody: {
          required: (input.required ?? []).length > 0,
          content: { 'application/json': { schema: inline(input), ...shown('input') } },
        },
        responses: {
          200: {
            description:
              'What the backend answered, as far as this caller may see it. What a policy masks is text with *** in it.',
            headers: answerHeaders(intent),
            content: { 'application/json': { schema: output === undefined ? {} : inline(output), ...shown('output') } },
          },
          ...refusals(effect),
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
      responses,
      schemas: {
        'ostiary.Contract': contract,
        'ostiary.Problem': problem,
        ...Object.fromEntries([...components].sort(([a], [b]) => (a < b ? -1 : 1))),
      },
    },
  };
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
