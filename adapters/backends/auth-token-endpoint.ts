import type { Failure } from '../../intents/ports.ts';
import { failure } from './failure.ts';
import { readJson } from './http-answer.ts';
import { httpClient } from './http-client.ts';
import { isObject } from './is-object.ts';

export interface TokenEndpointOptions {
  /** Of the backend, for messages. */
  readonly name: string;
  readonly tokenUrl: URL;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly timeoutMs: number;
  /** In milliseconds, from any beginning. */
  readonly now: () => number;
}

/** A token, and until when it is to be used: a tenth of its life, at most a minute, is left then. */
export interface IssuedToken {
  readonly token: string;
  readonly until: number;
}

/** `refused`: the server is there and does not give a token for this, by its OAuth error code. */
export type NotIssued = Failure & { readonly refused?: string };

export interface TokenEndpoint {
  /** Never rejects; a failure says that nothing was sent to the backend. No token stands in its words. */
  ask(parameters: Readonly<Record<string, string>>): Promise<IssuedToken | NotIssued>;
  close(): Promise<void>;
}

/** Longest answer of a token endpoint. */
const maxBytes = 65_536;

/**
 * Asks an OAuth 2 token endpoint (RFC 6749, sections 4.4 and 5). The client goes in the authorization header, its parts
 * form-encoded (section 2.3.1).
 * @throws Error on an address that cannot be called
 */
export const tokenEndpoint = (options: TokenEndpointOptions): TokenEndpoint => {
  const { name, tokenUrl, clientId, clientSecret, timeoutMs, now } = options;
  const pair = `${formEncode(clientId)}:${formEncode(clientSecret)}`;
  const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  const client = httpClient({ name, url: tokenUrl, timeoutMs, maxBytes, headers: { authorization }, connections: 2 });
  const refuse = (why: string, refused?: string): NotIssued => ({
    ...failure('upstream.denied', 'no', `The token endpoint of "${name}" ${why}.`),
    ...(refused === undefined ? {} : { refused }),
  });
  return {
    async ask(parameters) {
      const begun = now();
      const answer = await client.send(
        {
          method: 'POST',
          path: tokenUrl.pathname + tokenUrl.search,
          body: new URLSearchParams(parameters).toString(),
          type: 'application/x-www-form-urlencoded',
        },
        // Not the signal of the call that came first: others wait for the same token.
        { signal: AbortSignal.timeout(timeoutMs), headers: {} },
      );
      if (!answer.ok) return failure(answer.code, 'no', `The token endpoint of "${name}": ${answer.detail}`);
      const read = readJson(answer, () => '');
      const given = read.ok && isObject(read.value) ? read.value : {};
      if (answer.status !== 200) {
        const told = typeof given.error === 'string' && /^[a-z_]{1,40}$/.test(given.error) ? given.error : undefined;
        const why = `answered HTTP ${answer.status}${told === undefined ? '' : ` (${told})`}`;
        return refuse(why, answer.status === 400 ? told : undefined);
      }
      const { access_token: token, token_type: type, expires_in: seconds = 60 } = given;
      if (typeof token !== 'string' || !/^[!-~]+$/.test(token) || !/^bearer$/i.test(String(type)))
        return refuse('gave no bearer token');
      const life = typeof seconds === 'number' && seconds > 0 ? seconds * 1_000 : 0;
      return { token, until: begun + life - Math.min(life / 10, 60_000) };
    },
    close: () => client.close(),
  };
};

const formEncode = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1);
