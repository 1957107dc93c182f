import { join, relative } from 'node:path';
import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose';
import type { Finding } from '../intents/findings.ts';
import type { ReplayStore, RevocationStore } from '../policies/ports.ts';
import { type PublicJwk, type Signer, signerOf } from '../policies/tokens/keys.ts';
import type { Trust } from '../policies/tokens/verify.ts';
import type { Config } from './config-document.ts';

/** All that capability tokens need of this gateway. */
export interface Tokens {
  /** Whose are taken; undefined: nobody's. */
  readonly trust: Trust | undefined;
  /** Makes them; undefined: this gateway makes none. */
  readonly signer: Signer | undefined;
  /** By which others can verify what this gateway signed, as a JWKS. */
  readonly jwks: { readonly keys: readonly (PublicJwk & { readonly kid: string; readonly alg: string })[] };
  readonly revocations: RevocationStore;
  readonly replays: ReplayStore;
}

/** How files and addresses of keys are read: that is of the adapters. */
export interface KeySources {
  /** @param written `file:./key.jwk` */
  readonly readKey: (written: string) => unknown;
  /** @param written `file:./jwks.json` or an address */
  readonly jwksAt: (written: string) => JWTVerifyGetKey;
}

/** @throws Error (rejects) where a key cannot be read */
export const openTokens = async (
  { tenant, credentials: { tokens } }: Config,
  { readKey, jwksAt }: KeySources,
  stores: Pick<Tokens, 'revocations' | 'replays'>,
): Promise<Tokens> => {
  if (tokens === undefined) return { ...stores, trust: undefined, signer: undefined, jwks: { keys: [] } };
  const signers = await Promise.all(
    tokens.keys.map((written) =>
      signerOf(readKey(written)).catch((error: Error) => {
        throw new Error(`${written} ${error.message}`);
      }),
    ),
  );
  const jwks = { keys: signers.map(({ publicJwk, thumbprint, alg }) => ({ ...publicJwk, kid: thumbprint, alg })) };
  const issuers = new Map(tokens.trust.map(({ issuer, jwks: written }) => [issuer, jwksAt(written)]));
  if (signers.length > 0) issuers.set(tokens.issuer, createLocalJWKSet({ keys: jwks.keys.map((key) => ({ ...key })) }));
  const trust = { issuers, audience: tokens.audience ?? tokens.issuer, tenant, maxLifetimeMs: tokens.ttl };
  return { ...stores, trust, signer: signers[0], jwks };
};

/** What of the keys in a set-up cannot be had, for `check`: their files are read when a gateway starts. */
export const tokenFindings = (opened: Promise<Tokens>, folder: string): Promise<Finding[]> =>
  opened.then(
    () => [],
    (error: Error) => [
      {
        severity: 'error',
        file: relative(process.cwd(), join(folder, 'ostiary.yaml')),
        line: 1,
        column: 1,
        code: 'config.tokens',
        message: `credentials.tokens: ${error.message}`,
      },
    ],
  );
