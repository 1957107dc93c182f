import type { Json } from '../../intents/json.ts';
import type { CallContext, Failure } from '../../intents/ports.ts';
import type { GraphqlRequest } from './graphql-request.ts';
import type { Answered, Send } from './graphql-send.ts';
import { isObject } from './is-object.ts';

/** `automatic`: the hash, and the text where the server has not seen it. `trusted`: the id alone, of what it was given. */
export type Persisted = 'automatic' | 'trusted';

export type Ask = (
  request: GraphqlRequest,
  variables: Readonly<Record<string, Json>>,
  context: CallContext,
) => Promise<Answered | Failure>;

/**
 * Sends operations by what names their documents. Sources: Apollo's "Automatic persisted queries" protocol, version 1;
 * GraphQL over HTTP, appendix "Persisted Documents".
 */
export const persistently = (persisted: Persisted | undefined): ((send: Send) => Ask) => {
  if (persisted !== 'automatic') {
    const form = persisted === 'trusted' ? 'id' : 'text';
    return (send) => (request, variables, context) => send(request(form, variables), context);
  }
  let known = true;
  return (send) => async (request, variables, context) => {
    if (!known) return send(request('text', variables), context);
    const first = await send(request('hash', variables), context);
    const refused = refusal(first);
    if (refused === undefined) return first;
    // Nothing was carried out. Which of the two it is, the server says for good.
    if (refused === 'unsupported') known = false;
    return send(request(known ? 'both' : 'text', variables), context);
  };
};

const refusal = (outcome: Answered | Failure): 'missing' | 'unsupported' | undefined => {
  if (!outcome.ok || !outcome.body.ok || !isObject(outcome.body.value)) return undefined;
  const { errors } = outcome.body.value;
  if (!Array.isArray(errors) || errors.length !== 1 || !isObject(errors[0])) return undefined;
  const { message, extensions } = errors[0];
  const code = isObject(extensions) ? extensions.code : undefined;
  if (code === 'PERSISTED_QUERY_NOT_FOUND' || message === 'PersistedQueryNotFound') return 'missing';
  return code === 'PERSISTED_QUERY_NOT_SUPPORTED' || message === 'PersistedQueryNotSupported'
    ? 'unsupported'
    : undefined;
};
