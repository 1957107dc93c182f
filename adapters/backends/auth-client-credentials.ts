import type { Failure } from '../../intents/ports.ts';
import { type IssuedToken, type TokenEndpointOptions, tokenEndpoint } from './auth-token-endpoint.ts';
import type { TokenSource } from './http-client.ts';

export interface ClientCredentials extends TokenEndpointOptions {
  readonly scope?: string;
}

/**
 * Gets tokens by OAuth 2 client credentials (RFC 6749, section 4.4) and keeps each until shortly before it expires. Calls
 * that come while one is fetched wait for that one.
 * @throws Error on an address that cannot be called
 */
export const clientCredentials = (options: ClientCredentials): TokenSource => {
  const { scope, now } = options;
  const endpoint = tokenEndpoint(options);
  const asked = { grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) };
  let kept: IssuedToken | undefined;
  let fetching: Promise<string | Failure> | undefined;
  const fetchToken = async (): Promise<string | Failure> => {
    const issued = await endpoint.ask(asked);
    if ('ok' in issued) return issued;
    kept = issued;
    return issued.token;
  };
  return {
    async token() {
      if (kept !== undefined && now() < kept.until) return kept.token;
      fetching ??= fetchToken().finally(() => {
        fetching = undefined;
      });
      return fetching;
    },
    refused(token) {
      if (kept?.token === token) kept = undefined;
    },
    close: () => endpoint.close(),
  };
};
