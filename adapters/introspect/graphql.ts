import { getIntrospectionQuery } from 'graphql';
import { toGraphqlReply } from '../backends/graphql-answer.ts';
import { type HttpOptions, httpClient } from '../backends/http-client.ts';

/**
 * Asks a GraphQL endpoint for its schema. What only newer servers know (deprecated inputs, oneOf) is asked for first.
 * @returns `{ __schema }`
 * @throws Error that says why there is none: nobody there, too slow, too large, introspection switched off
 */
export const introspectGraphql = async (options: HttpOptions, signal: AbortSignal): Promise<unknown> => {
  const client = httpClient(options, 'application/graphql-response+json, application/json;q=0.9');
  const path = options.url.pathname + options.url.search;
  const ask = async (query: string) => {
    const answer = await client.send(
      { method: 'POST', path, body: JSON.stringify({ query }) },
      { signal, headers: {} },
    );
    return answer.ok ? toGraphqlReply(answer, client.logText) : answer;
  };
  try {
    const full = await ask(getIntrospectionQuery({ specifiedByUrl: true, inputValueDeprecation: true, oneOf: true }));
    const reply = full.ok || full.reached !== 'yes' ? full : await ask(getIntrospectionQuery());
    if (!reply.ok) throw new Error(client.logText(reply.detail));
    return reply.value;
  } finally {
    await client.close();
  }
};
