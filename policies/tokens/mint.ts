import { type JWTPayload, SignJWT } from 'jose';
import {
  broken,
  join,
  type LinkClaims,
  linkClaims,
  linkType,
  maxDepth,
  parseClaims,
  type RootClaims,
  rootClaims,
  rootType,
  takeApart,
} from './claims.ts';
import type { Detail } from './details.ts';
import type { PublicJwk, Signer } from './keys.ts';
import { narrow, stateOf, type VerifiedLink } from './verify.ts';

/** What a holder leaves of a token for the next one; what is left out stays as it is. */
export interface Narrowing {
  readonly details?: readonly Detail[];
  readonly audience?: readonly string[];
  /** Where it is later than the token's own, that stands. */
  readonly expiresAt?: Date;
  readonly notBefore?: Date;
  /** How often the token may be handed on in all, counted from its root. */
  readonly maxDepth?: number;
}

export interface Minted {
  readonly token: string;
  /** By it the link is revoked. */
  readonly id: string;
  readonly expiresAt: Date;
}

/**
 * Signs the root of a token.
 * @param claims of whom it is about and what it grants; `iat`, `exp` and depth are checked like those of any token
 * @throws OstiaryError (rejects) `credentials.invalid` where they do not fit
 */
export const mintRoot = async (signer: Signer, claims: RootClaims): Promise<Minted> => {
  const token = await new SignJWT(claims as JWTPayload)
    .setProtectedHeader({ alg: signer.alg, typ: rootType, kid: signer.thumbprint })
    .sign(signer.key);
  const [written] = takeApart(token);
  parseClaims(rootClaims, written, 0);
  return { token, id: written.id, expiresAt: new Date(claims.exp * 1_000) };
};

/**
 * Hands a token on, to the holder of another key and with less in it. Needs nobody else: what would be refused later is
 * refused here.
 * @param signer whose key the token was handed to
 * @param to the public key of who gets it
 * @param jti unique among all the holder hands on
 * @throws OstiaryError (rejects) `credentials.invalid` with the invariant that the new link would break
 */
export const attenuate = async (
  chain: string,
  signer: Signer,
  to: PublicJwk,
  narrowing: Narrowing,
  { jti, now }: { readonly jti: string; readonly now: Date },
): Promise<Minted> => {
  const [first, ...rest] = takeApart(chain);
  const root = parseClaims(rootClaims, first, 0);
  const state = stateOf(root);
  const links: Pick<VerifiedLink, 'id' | 'details'>[] = [{ id: first.id, details: root.authorization_details }];
  for (const [index, written] of rest.entries()) {
    const claims = parseClaims(linkClaims, written, index + 1);
    narrow(state, claims, index + 1, links);
    links.push({ id: written.id, details: claims.authorization_details });
  }
  const at = links.length;
  if (state.holder === undefined)
    throw broken('delegable', undefined, 'it is bound to no key, so nobody can hand it on');
  if (at > maxDepth) throw broken('depth', undefined, `it was handed on ${maxDepth} times, and can be no more`);
  if (JSON.stringify(state.holder) !== JSON.stringify(signer.publicJwk))
    throw broken('signature', undefined, 'it was handed to another key than the one that would sign');
  const seconds = (date: Date) => Math.floor(date.getTime() / 1_000);
  const claims: LinkClaims = {
    jti,
    iat: Math.max(seconds(now), state.iat),
    exp: Math.min(state.exp, narrowing.expiresAt === undefined ? state.exp : seconds(narrowing.expiresAt)),
    ...(narrowing.notBefore === undefined ? {} : { nbf: seconds(narrowing.notBefore) }),
    ...(narrowing.audience === undefined ? {} : { aud: [...narrowing.audience] }),
    ...(narrowing.details === undefined ? {} : { authorization_details: [...narrowing.details] }),
    cnf: { jwk: to },
    del_depth: at,
    ...(narrowing.maxDepth === undefined ? {} : { del_max_depth: narrowing.maxDepth }),
    par_hash: links.at(-1)?.id ?? '',
  };
  narrow(state, claims, at, links);
  const link = await new SignJWT(claims as JWTPayload)
    .setProtectedHeader({ alg: signer.alg, typ: linkType })
    .sign(signer.key);
  const token = join(chain, link);
  const written = takeApart(token).at(-1) ?? first;
  parseClaims(linkClaims, written, at);
  return { token, id: written.id, expiresAt: new Date(claims.exp * 1_000) };
};
