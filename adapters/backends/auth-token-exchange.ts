import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Failure } from '../../intents/ports.ts';
import { type IssuedToken, type TokenEndpointOptions, tokenEndpoint } from './auth-token-endpoint.ts';
import { failure } from './failure.ts';
import type { TokenSource } from './http-client.ts';

export interface TokenExchange extends TokenEndpointOptions {
  /** What the caller's token is called there; left out, an access token. */
  readonly subjectTokenType?: 'access_token' | 'id_token' | 'jwt' | undefined;
  /** What the token is to be for, in the words of RFC 8693, section 2.1. */
  readonly audience?: string | undefined;
  readonly resource?: string | undefined;
  readonly scope?: string | undefined;
}

/** Callers whose tokens are kept. */
const mostKept = 5_000;

/**
 * Exchanges the token of each caller for one that the backend takes (RFC 8693): the backend sees who it is done for. What
 * was issued is kept for that very token of the caller, never for others of the same subject, which may carry less. Calls
 * that come while one is exchanged wait for that one.
 * @throws Error on an address that cannot be called
 */
export const tokenExchange = (options: TokenExchange): TokenSource => {
  const { name, subjectTokenType = 'access_token', audience, resource, scope, now } = options;
  const endpoint = tokenEndpoint(options);
  const asked = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token_type: `urn:ietf:params:oauth:token-type:${subjectTokenType}`,
    requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    ...(audience === undefined ? {} : { audience }),
    ...(resource === undefined ? {} : { resource }),
    ...(scope === undefined ? {} : { scope }),
  };
  /** By the SHA-256 of the caller's token. */
  const kept = new LRUCache<string, IssuedToken>({ max: mostKept });
  const fetching = new Map<string, Promise<string | Failure>>();
  const exchange = async (subject: string, key: string): Promise<string | Failure> => {
    const issued = await endpoint.ask({ ...asked, subject_token: subject });
    if (!('ok' in issued)) {
      kept.set(key, issued);
      return issued.token;
    }
    const { refused, ...failed } = issued;
    // RFC 8693, section 2.2.2: this token is not taken, or not for this backend.
    return refused === 'invalid_request' || refused === 'invalid_grant' || refused === 'invalid_target'
      ? { ...failed, code: 'upstream.on_behalf' }
      : failed;
  };
  return {
    async token({ subjectToken }) {
      if (subjectToken === undefined)
        return failure(
          'upstream.on_behalf',
          'no',
          `"${name}" is called on behalf of callers, and this one has no JWT that could be exchanged.`,
        );
      const key = hash('sha256', subjectToken);
      const known = kept.get(key);
      if (known !== undefined && now() < known.until) return known.token;
      let waiting = fetching.get(key);
      if (waiting === undefined) {
        waiting = exchange(subjectToken, key).finally(() => fetching.delete(key));
        fetching.set(key, waiting);
      }
      return waiting;
    },
    refused(token, { subjectToken = '' }) {
      const key = hash('sha256', subjectToken);
      if (kept.peek(key)?.token === token) kept.delete(key);
    },
    close: () => endpoint.close(),
  };
};
