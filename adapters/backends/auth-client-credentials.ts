import type { Failure } from '../../intents/ports.ts';
import { failure } from './failure.ts';
import { readJson } from './http-answer.ts';
import { httpClient, type TokenSource } from './http-client.ts';
import { isObject } from './is-object.ts';

export interface ClientCredentials {
  /** Of the backend, for messages. */
  readonly name: string;
  readonly tokenUrl: URL;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string;
  readonly timeoutMs: number;
  /** In milliseconds, from any beginning. */
  readonly now: () => number;
}

/** Longest answer of a token endpoint. */
const maxBytes = 65_536;

/**
 * Gets tokens by OAuth 2 client credentials (RFC 6749, section 4.4) and keeps each until a tenth of its life, at most a
 * minute, is left. Calls that come while one is fetched wait for that one. The client goes in the authorization header,
 * its parts form-encoded (section 2.3.1).
 * @throws Error on an address that cannot be called
 */
export const clientCredentials = (options: ClientCredentials): TokenSource => {
  const { name, tokenUrl, clientId, clientSecret, scope, timeoutMs, now } = options;
  const pair = `${formEncode(clientId)}:${formEncode(clientSecret)}`;
  const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  const client = httpClient({ name, url: tokenUrl, timeoutMs, maxBytes, headers: { authorization }, connections: 2 });
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) });
  let kept: { readonly token: string; readonly until: number } | undefined;
  let fetching: Promise<string | Failure> | undefined;

  const fetchToken = async (): Promise<string | Failure> => {
    const begun = now();
    const answer = await client.send(
      {
        method: 'POST',
        path: tokenUrl.pathname + tokenUrl.search,
        body: String(body),
        type: 'application/x-www-form-urlencoded',
      },
      // Not the signal of the call that came first: others wait for the same token.
      { signal: AbortSignal.timeout(timeoutMs), headers: {} },
    );
    if (!answer.ok) return failure(answer.code, 'no', `The token endpoint of "${name}": ${answer.detail}`);
    if (answer.status !== 200)
      return failure('upstream.denied', 'no', `The token endpoint of "${name}" answered HTTP ${answer.status}.`);
    const read = readJson(answer, () => '');
    const given = read.ok && isObject(read.value) ? read.value : {};
    const { access_token: token, token_type: type, expires_in: seconds = 60 } = given;
    if (typeof token !== 'string' || !/^[!-~]+$/.test(token) || !/^bearer$/i.test(String(type)))
      return failure('upstream.denied', 'no', `The token endpoint of "${name}" gave no bearer token.`);
    const life = typeof seconds === 'number' && seconds > 0 ? seconds * 1_000 : 0;
    kept = { token, until: begun + life - Math.min(life / 10, 60_000) };
    return token;
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
    hide: (text) => client.logText(kept === undefined ? text : text.replaceAll(kept.token, '***')),
    close: () => client.close(),
  };
};

const formEncode = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1);
