import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery, validate } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Backend, Probing } from '../../intents/ports.ts';
import { replyOf, toGraphqlReply } from './graphql-answer.ts';
import { sendTogether } from './graphql-batch.ts';
import { narrowDocument } from './graphql-narrow.ts';
import { compileOperation, type GraphqlOperation } from './graphql-operation.ts';
import { type Persisted, persistently } from './graphql-persisted.ts';
import { documentHash, type GraphqlRequest } from './graphql-request.ts';
import { sendAlone } from './graphql-send.ts';
import { type HttpOptions, httpClient } from './http-client.ts';
import { compileResult } from './template.ts';

/** A schema is larger than any answer: GitHub's is about 4 MB. */
const maxSchemaBytes = 32 * 1024 * 1024;
/** Documents for what callers want of an answer, per binding. */
const mostNarrowed = 100;

export interface GraphqlOptions extends HttpOptions {
  /** Left out, the text of its document goes with every call. */
  readonly persisted?: Persisted | undefined;
  /** So many queries that are asked at once go in one request; left out, each goes by itself. */
  readonly batch?: number | undefined;
}

/**
 * A backend that speaks GraphQL over HTTP. Without `result`, the value of an operation with one root field is that field.
 * @param options `url` is the endpoint itself; its query, if any, is kept
 * @throws Error on options that cannot work
 */
export const graphqlBackend = (options: GraphqlOptions): Backend & Probing => {
  const { name, url, persisted, batch = 1 } = options;
  const client = httpClient(options, 'application/graphql-response+json, application/json;q=0.9');
  const address = url.pathname + url.search;
  const alone = sendAlone(client, address);
  const asking = persistently(persisted);
  const one = asking(alone);
  const many = batch > 1 ? asking(sendTogether(alone, batch)) : one;
  const compiled: GraphqlOperation[] = [];
  return {
    compile(binding) {
      if (binding.kind !== 'graphql')
        throw new Error(`Backend "${name}" speaks GraphQL; the binding must have "graphql", not "${binding.kind}".`);
      const operation = compileOperation(binding);
      const { root, variablesFor, requestOf, reads } = operation;
      const whole = requestOf(binding.document);
      // Of what a server trusts there is the one text.
      const narrows = persisted !== 'trusted';
      const result = binding.result ?? (root === undefined ? undefined : `$.${root}`);
      const pick = compileResult(result);
      const path = result?.split('.').slice(1) ?? [];
      const narrowed = new LRUCache<string, GraphqlRequest>({ max: mostNarrowed });
      /** With the document for what is wanted. */
      const requestFor = (fields: readonly string[] | undefined): GraphqlRequest => {
        if (fields === undefined || !narrows) return whole;
        const key = fields.join('\n');
        let known = narrowed.get(key);
        if (known === undefined) {
          const query = narrowDocument(operation.document, path, fields);
          known = query === undefined ? whole : requestOf(query);
          narrowed.set(key, known);
        }
        return known;
      };
      const label =
        persisted === 'trusted' ? `${operation.label} sha256:${documentHash(binding.document)}` : operation.label;
      compiled.push(operation);
      return {
        ...(narrows && { narrows }),
        preview: (input) => ({ operation: label, payload: variablesFor(input) }),
        call: async (input, context) => {
          // A write goes by itself, with a key of its own.
          const ask = reads && context.headers['idempotency-key'] === undefined ? many : one;
          const answered = await ask(requestFor(context.fields), variablesFor(input), context);
          if (!answered.ok) return answered;
          const reply = replyOf(answered, client.logText);
          return reply.ok ? { ok: true, value: pick(reply.value) } : reply;
        },
      };
    },
    async probe(signal) {
      // Such a server takes no other documents, and knows its own.
      if (persisted === 'trusted') return [];
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
