import type { CallContext, Failure } from '../../intents/ports.ts';
import { failure } from './failure.ts';
import type { TokenSource } from './http-client.ts';
import type { HttpAnswer } from './http-exchange.ts';

type Send = (credential: { readonly authorization: string }) => Promise<HttpAnswer | Failure>;

/** Sends with a token. A call that is refused with 401 was not done: it is sent once more, with a new token. */
export const withToken = async (
  source: TokenSource,
  context: CallContext,
  send: Send,
): Promise<HttpAnswer | Failure> => {
  const token = await orGivenUp(source.token(context), context.signal);
  if (typeof token !== 'string') return token;
  const answer = await sendWith(token, send);
  if (!answer.ok || answer.status !== 401) return answer;
  source.refused(token, context);
  const fresh = await orGivenUp(source.token(context), context.signal);
  return typeof fresh === 'string' ? sendWith(fresh, send) : answer;
};

const sendWith = async (token: string, send: Send): Promise<HttpAnswer | Failure> => {
  const answer = await send({ authorization: `Bearer ${token}` });
  return answer.ok ? { ...answer, token } : answer;
};

/** One caller giving up must not take the token from the others who wait for it. */
const orGivenUp = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T | Failure> =>
  new Promise((resolve, reject) => {
    const onAbort = (): void => resolve(failure('upstream.timeout', 'no', 'Given up while waiting for a token.'));
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
