import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import { onTestFinished } from 'vitest';
import type { RootClaims } from '../../policies/tokens/claims.ts';
import type { Detail } from '../../policies/tokens/details.ts';
import { type Signer, signerOf } from '../../policies/tokens/keys.ts';
import { attenuate, type Minted, mintRoot, type Narrowing } from '../../policies/tokens/mint.ts';
import { makeProof } from '../../policies/tokens/possession.ts';
import { gatewayForTest, type Options } from './start.ts';

export const issuer = 'https://gate.test';

export const newKey = async (alg: 'EdDSA' | 'ES256' = 'EdDSA') =>
  exportJWK((await generateKeyPair(alg, { extractable: true })).privateKey);
export const newSigner = async (alg?: 'EdDSA' | 'ES256'): Promise<Signer> => signerOf(await newKey(alg));

export const granted = (more: Partial<Detail> = {}) =>
  ({
    type: 'intent_capability',
    intents: ['notes.add@1', 'notes.get@1', 'notes.wipe@1'],
    purposes: ['work'],
    limits: { 'notes.add@1': { '/times': { lte: 10 } } },
    ...more,
  }) as Detail & { intents: string[]; purposes: string[] };

/** A gateway that signs tokens, a token for the writer, and a way to send what is proved. */
export const tokensForTest = async ({
  options = {},
  tokens = '',
  claims = {},
}: {
  options?: Options;
  tokens?: string;
  claims?: Partial<RootClaims>;
} = {}) => {
  const keys = mkdtempSync(join(tmpdir(), 'ostiary-keys-'));
  onTestFinished(() => rmSync(keys, { recursive: true }));
  const signingKey = await newKey('ES256');
  writeFileSync(join(keys, 'token-key.jwk'), JSON.stringify(signingKey));
  const gateway = await gatewayForTest({
    ...options,
    tokens: `{ issuer: "${issuer}", keys: ["file:${keys}/token-key.jwk"], ${tokens} }`,
  });
  const [signer, app, agent] = await Promise.all([signerOf(signingKey), newSigner(), newSigner('ES256')]);
  const seconds = Math.floor(Date.now() / 1_000);
  const mint = (more: Partial<RootClaims> = {}): Promise<Minted> =>
    mintRoot(signer, {
      iss: issuer,
      aud: issuer,
      sub: 'writer',
      sub_type: 'user',
      roles: ['writer'],
      iat: seconds,
      exp: seconds + 600,
      jti: randomUUID(),
      authorization_details: [granted()],
      cnf: { jwk: app.publicJwk },
      del_depth: 0,
      del_max_depth: 3,
      ...claims,
      ...more,
    });
  const handOn = (chain: string, by: Signer, to: Signer, narrowing: Narrowing = {}) =>
    attenuate(chain, by, to.publicJwk, narrowing, { jti: randomUUID(), now: new Date() });
  /** Sends with a proof of this key; `signed` adds to or changes what it says. */
  const send = async (
    token: string,
    by: Signer | undefined,
    method: string,
    path: string,
    body?: unknown,
    { signed = {}, headers = {}, proof }: { signed?: object; headers?: Record<string, string>; proof?: string } = {},
  ) => {
    const made =
      proof ??
      (by &&
        (await makeProof(
          by,
          { method, url: `${gateway.url}${path}`, credential: token, ...signed },
          { jti: randomUUID(), now: new Date() },
        )));
    return gateway.call(method, path, body, {
      key: null,
      headers: {
        authorization: `${by === undefined ? 'Bearer' : 'DPoP'} ${token}`,
        ...(made === undefined ? {} : { dpop: made }),
        ...headers,
      },
    });
  };
  return { gateway, signer, app, agent, mint, handOn, send };
};
