import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery, validate } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Backend, Probing } from '../../intents/ports.ts';
import { toGraphqlReply } from './graphql-answer.ts';
import { narrowDocument } from './graphql-narrow.ts';
import { compileOperation, type GraphqlOperation } from './graphql-operation.ts';
import { type HttpOptions, httpClient } from './http-client.ts';
import { compileResult } from './template.ts';

/** A schema is larger than any answer: GitHub's is about 4 MB. */
const maxSchemaBytes = 32 * 1024 * 1024;
/** Documents for what callers want of an answer, per binding. */
const mostNarrowed = 100;

/**
 * A backend that speaks GraphQL over HTTP. Without `result`, the value of an operation with one root field is that field.
 * @param options `url` is the endpoint itself; its query, if any, is kept
 * @throws Error on options that cannot work
 */
export const graphqlBackend = (options: HttpOptions): Backend & Probing => {
  const { name, url } = options;
  const client = httpClient(options, 'application/graphql-response+json, application/json;q=0.9');
  const address = url.pathname + url.search;
  const compiled: GraphqlOperation[] = [];
  return {
    compile(binding) {
      if (binding.kind !== 'graphql')
        throw new Error(`Backend "${name}" speaks GraphQL; the binding must have "graphql", not "${binding.kind}".`);
      const operation = compileOperation(binding);
      const { root, variablesFor, requestFor } = operation;
      const result = binding.result ?? (root === undefined ? undefined : `$.${root}`);
      const pick = compileResult(result);
      const path = result?.split('.').slice(1) ?? [];
      const narrowed = new LRUCache<string, { readonly query: string | undefined }>({ max: mostNarrowed });
      /** The document for what is wanted; undefined: it is that of the binding. */
      const queryFor = (fields: readonly string[] | undefined): string | undefined => {
        if (fields === undefined) return undefined;
        const key = fields.join('\n');
        let known = narrowed.get(key);
        if (known === undefined) {
          known = { query: narrowDocument(operation.document, path, fields) };
          narrowed.set(key, known);
        }
        return known.query;
      };
      compiled.push(operation);
      return {
        narrows: true,
        preview: (input) => ({ operation: operation.label, payload: variablesFor(input) }),
        call: async (input, context) => {
          const answer = await client.send(
            { method: 'POST', path: address, body: requestFor(variablesFor(input), queryFor(context.fields)) },
            context,
          );
          if (!answer.ok) return answer;
          const reply = toGraphqlReply(answer, client.logText);
          return reply.ok ? { ok: true, value: pick(reply.value) } : reply;
        },
      };
    },
    async probe(signal) {
      const body = JSON.stringify({ query: getIntrospectionQuery() });
      const answer = await client.send(
        { method: 'POST', path: address, body, maxBytes: maxSchemaBytes },
        { signal, headers: {} },
      );
      const reply = answer.ok ? toGraphqlReply(answer, client.logText) : answer;
      if (!reply.ok) throw new Error(`The schema of backend "${name}" cannot be read: ${reply.detail}`);
      const schema = buildClientSchema(reply.value as IntrospectionQuery);
      return compiled.flatMap(({ document, label }) => {
        const errors = validate(schema, document);
        return errors.length === 0 ? [] : [`${label}: ${errors.map(located).join(' ')}`];
      });
    },
    close: () => client.close(),
  };
};

const located = ({ message, locations }: { message: string; locations?: readonly { line: number }[] | undefined }) =>
  `line ${locations?.[0]?.line ?? 1}: ${message}`;
