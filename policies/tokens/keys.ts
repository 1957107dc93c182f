import { type CryptoKey, calculateJwkThumbprint, importJWK } from 'jose';
import { z } from 'zod';

const coordinate = z.string().regex(/^[\w-]{1,100}$/, 'is not base64url');
const about = {
  kid: z.string().max(200).optional(),
  alg: z.string().max(20).optional(),
  use: z.literal('sig').optional(),
  key_ops: z.array(z.string()).max(8).optional(),
};

/** What names a public key, and nothing that is only about it. */
export type PublicJwk =
  | { readonly kty: 'EC'; readonly crv: 'P-256' | 'P-384'; readonly x: string; readonly y: string }
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string };

const ec = { kty: z.literal('EC'), crv: z.enum(['P-256', 'P-384']), x: coordinate, y: coordinate, ...about };
const okp = { kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: coordinate, ...about };
const bare = (jwk: PublicJwk): PublicJwk =>
  jwk.kty === 'EC' ? { kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y } : { kty: jwk.kty, crv: jwk.crv, x: jwk.x };

/** A public key by which a holder proves itself. Strict: a member of a private key refuses it. */
export const publicKeyDocument = z.discriminatedUnion('kty', [z.strictObject(ec), z.strictObject(okp)]).transform(bare);

const privateKeyDocument = z.discriminatedUnion('kty', [
  z.strictObject({ ...ec, d: coordinate }),
  z.strictObject({ ...okp, d: coordinate }),
]);

/** Who signs. */
export interface Signer {
  readonly alg: string;
  readonly key: CryptoKey;
  readonly publicJwk: PublicJwk;
  /** See `thumbprintOf`. */
  readonly thumbprint: string;
}

/** Algorithms that a key of this kind signs with, the usual first. A key is never used with another. */
export const algorithmsOf = ({ crv }: PublicJwk): readonly [string, ...string[]] =>
  crv === 'P-256' ? ['ES256'] : crv === 'P-384' ? ['ES384'] : ['EdDSA', 'Ed25519'];

/** Base64url SHA-256 by which a key is known (RFC 7638). */
export const thumbprintOf = (jwk: PublicJwk): Promise<string> => calculateJwkThumbprint(jwk, 'sha256');

/** @throws Error (rejects) where the point is none of its curve */
export const verifyingKey = async (jwk: PublicJwk): Promise<CryptoKey> =>
  (await importJWK(jwk, algorithmsOf(jwk)[0])) as CryptoKey;

/**
 * Makes a signer of a private key as `ostiary token key` writes it.
 * @throws Error (rejects) that says what it should be
 */
export const signerOf = async (jwk: unknown): Promise<Signer> => {
  const parsed = privateKeyDocument.safeParse(jwk);
  if (!parsed.success)
    throw new Error('is no private key of the kinds P-256, P-384 or Ed25519, as JWK. "ostiary token key" makes one.');
  const { d } = parsed.data;
  const publicJwk = bare(parsed.data);
  const [alg] = algorithmsOf(publicJwk);
  const key = (await importJWK({ ...publicJwk, d }, alg)) as CryptoKey;
  return { alg, key, publicJwk, thumbprint: await thumbprintOf(publicJwk) };
};

/**
 * The public part of a key, whichever part is given.
 * @throws Error that says what it should be
 */
export const publicPartOf = (jwk: unknown): PublicJwk => {
  const { d: _secret, ...rest } = (typeof jwk === 'object' && jwk !== null ? jwk : {}) as Record<string, unknown>;
  const parsed = publicKeyDocument.safeParse(rest);
  if (!parsed.success) throw new Error('is no key of the kinds P-256, P-384 or Ed25519, as JWK.');
  return parsed.data;
};
