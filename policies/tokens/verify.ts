import { errors, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose';
import {
  broken,
  type Invariant,
  type LinkClaims,
  linkClaims,
  linkType,
  parseClaims,
  type RootClaims,
  rootClaims,
  rootType,
  takeApart,
  type Written,
} from './claims.ts';
import { type Detail, widening } from './details.ts';
import { algorithmsOf, type PublicJwk, thumbprintOf, verifyingKey } from './keys.ts';

/** Whom a gateway believes, and for whom it is. */
export interface Trust {
  /** Keys of each issuer of roots. They reject with a JOSE error where there is no such key. */
  readonly issuers: ReadonlyMap<string, JWTVerifyGetKey>;
  readonly audience: string;
  readonly tenant: string;
  /** A root that lives longer is refused, whoever signed it. */
  readonly maxLifetimeMs: number;
}

export interface VerifiedLink {
  readonly id: string;
  /** Thumbprint of the key that it is handed to; undefined: to whoever holds it. */
  readonly key: string | undefined;
  /** Undefined: as the link before. */
  readonly details: readonly Detail[] | undefined;
}

export interface VerifiedChain {
  readonly root: RootClaims;
  /** From the root to whoever presents it. */
  readonly links: readonly [VerifiedLink, ...VerifiedLink[]];
  /** The key by which a proof must be made; undefined: none is asked for. */
  readonly holder: PublicJwk | undefined;
  readonly expiresAtMs: number;
}

// Asymmetric only: with a shared secret, whoever verifies could issue.
const issuerAlgorithms = ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'PS256', 'RS256'];
export const toleranceSeconds = 5;

/**
 * Verifies a token link by link: the root by a key of its issuer, each other link by the key that the one before was
 * handed to, and of each that it only narrows. Nothing is fetched that the token names.
 * Source: the invariants of draft-niyikiza-oauth-attenuating-agent-tokens (delegation authority, depth, lifetime,
 * capability, parent, possession); docs/tokens.md says where we differ.
 * @throws OstiaryError (rejects) `credentials.invalid` with the link and the invariant; what else `issuers` reject with
 */
export const verifyChain = async (chain: string, trust: Trust, now: Date): Promise<VerifiedChain> => {
  const [first, ...rest] = takeApart(chain);
  const root = await verifyRoot(first, trust, now);
  const links: [VerifiedLink, ...VerifiedLink[]] = [
    { id: first.id, key: root.cnf && (await thumbprintOf(root.cnf.jwk)), details: root.authorization_details },
  ];
  const state = stateOf(root);
  const seen = new Set([root.jti]);
  for (const [index, written] of rest.entries()) {
    const at = index + 1;
    const claims = await verifyLink(written, at, state.holder, now);
    if (seen.has(claims.jti)) throw broken('repeated', at, 'has the id of another');
    seen.add(claims.jti);
    narrow(state, claims, at, links);
    links.push({ id: written.id, key: await thumbprintOf(claims.cnf.jwk), details: claims.authorization_details });
  }
  if (!state.audience.includes(trust.audience))
    throw broken('audience', undefined, `it is for ${state.audience.join(', ')}, not for ${trust.audience}`);
  return { root, links, holder: state.holder, expiresAtMs: (state.exp + toleranceSeconds) * 1_000 };
};

/** What the links so far leave. */
export interface State {
  holder: PublicJwk | undefined;
  audience: readonly string[];
  iat: number;
  exp: number;
  depth: number;
  maxDepth: number;
}

export const stateOf = ({ cnf, aud, iat, exp, del_max_depth: maxDepth }: RootClaims): State => ({
  holder: cnf?.jwk,
  audience: listed(aud),
  iat,
  exp,
  depth: 0,
  maxDepth,
});

/**
 * Holds one more link to all before it, and goes on with what it leaves.
 * @throws OstiaryError `credentials.invalid` where it reaches beyond any of them
 */
export const narrow = (
  state: State,
  claims: LinkClaims,
  at: number,
  before: readonly Pick<VerifiedLink, 'id' | 'details'>[],
): void => {
  if (claims.par_hash !== before.at(-1)?.id)
    throw broken('parent', at, 'was made for another link than the one before it');
  if (claims.del_depth !== state.depth + 1)
    throw broken('depth', at, `says that it is link ${claims.del_depth}, and stands at ${state.depth + 1}`);
  if (claims.del_depth > state.maxDepth)
    throw broken('depth', at, `is one too many: the token may be handed on ${state.maxDepth} times`);
  if (claims.del_max_depth !== undefined && claims.del_max_depth > state.maxDepth)
    throw broken('depth', at, `may be handed on ${claims.del_max_depth} times, which is more than ${state.maxDepth}`);
  if (claims.exp > state.exp) throw broken('expiry', at, 'ends after the one before it');
  if (claims.iat < state.iat - toleranceSeconds) throw broken('issued', at, 'was made before the one before it');
  const audience = claims.aud === undefined ? state.audience : listed(claims.aud);
  const added = audience.find((one) => !state.audience.includes(one));
  if (added !== undefined) throw broken('audience', at, `adds ${added} to whom it is for`);
  // One that says nothing inherits, so each must keep within all that were said, not only the last.
  for (const { details } of before) {
    const wider = details && claims.authorization_details && widening(claims.authorization_details, details);
    if (wider !== undefined) throw broken(wider.invariant, at, `grants more than it was given: ${wider.message}`);
  }
  state.holder = claims.cnf.jwk;
  state.audience = audience;
  state.iat = claims.iat;
  state.exp = claims.exp;
  state.depth = claims.del_depth;
  state.maxDepth = claims.del_max_depth ?? state.maxDepth;
};

const verifyRoot = async (written: Written, { issuers, tenant, maxLifetimeMs }: Trust, now: Date) => {
  const issuer = typeof written.payload.iss === 'string' ? written.payload.iss : '';
  const keys = issuers.get(issuer);
  if (keys === undefined) throw broken('issuer', 0, 'is of an issuer that is not known here');
  await signed(written, 0, keys, { typ: rootType, algorithms: issuerAlgorithms, issuer }, now);
  const root = parseClaims(rootClaims, written, 0);
  if (root.tenant !== undefined && root.tenant !== tenant) throw broken('tenant', 0, 'is of another tenant');
  issuedBy(root.iat, 0, now);
  if ((root.exp - root.iat) * 1_000 > maxLifetimeMs)
    throw broken('lifetime', 0, `lives ${root.exp - root.iat} seconds, and at most ${maxLifetimeMs / 1_000} are taken`);
  for (const { intents, limits = {} } of root.authorization_details) {
    const stray = Object.keys(limits).find((id) => !intents.includes(id));
    if (stray !== undefined) throw broken('limits', 0, `limits "${stray}", which it does not grant`);
  }
  return root;
};

const verifyLink = async (written: Written, at: number, holder: PublicJwk | undefined, now: Date) => {
  if (holder === undefined)
    throw broken('delegable', at, 'was added to a token that is bound to no key and cannot be handed on');
  const key = await verifyingKey(holder).catch((error: unknown) => {
    throw broken('claims', at - 1, 'is handed to a key that is none of its curve', error);
  });
  await signed(written, at, async () => key, { typ: linkType, algorithms: [...algorithmsOf(holder)] }, now);
  const claims = parseClaims(linkClaims, written, at);
  issuedBy(claims.iat, at, now);
  return claims;
};

const issuedBy = (iat: number, at: number, now: Date): void => {
  if (iat * 1_000 > now.getTime() + toleranceSeconds * 1_000) throw broken('issued', at, 'was made in the future');
};

const listed = (audience: string | readonly string[]): readonly string[] =>
  typeof audience === 'string' ? [audience] : audience;

const signed = async (
  { jws }: Written,
  at: number,
  keys: JWTVerifyGetKey,
  options: JWTVerifyOptions,
  now: Date,
): Promise<void> => {
  try {
    await jwtVerify(jws, keys, {
      ...options,
      currentDate: now,
      clockTolerance: toleranceSeconds,
      requiredClaims: ['exp'],
    });
  } catch (error) {
    const told = error instanceof errors.JOSEError ? reasonOf(error) : undefined;
    if (told === undefined) throw error;
    throw broken(told[0], at, told[1], error);
  }
};

/** @returns undefined where the trouble is not the token's */
const reasonOf = (error: errors.JOSEError): [Invariant, string] | undefined => {
  const { code } = error;
  if (code === 'ERR_JWT_EXPIRED') return ['expiry', 'has expired'];
  if (code === 'ERR_JWT_CLAIM_VALIDATION_FAILED') {
    const { claim } = error as errors.JWTClaimValidationFailed;
    if (claim === 'typ') return ['type', 'is not of the type that stands there'];
    if (claim === 'nbf') return ['not-before', 'is not valid yet'];
    return ['claims', `has a claim "${claim}" that does not fit`];
  }
  if (code === 'ERR_JOSE_ALG_NOT_ALLOWED') return ['algorithm', 'is signed in a way that is not taken'];
  if (code === 'ERR_JOSE_NOT_SUPPORTED') return ['critical', 'asks for something that is not known here'];
  // Several keys that fit, and no "kid" to say which, are as good as none.
  if (/^ERR_(JWS_SIGNATURE_VERIFICATION_FAILED|JWKS_NO_MATCHING_KEY|JWKS_MULTIPLE_MATCHING_KEYS)$/.test(code))
    return ['signature', 'is not signed by the key it should be'];
  if (code === 'ERR_JWS_INVALID' || code === 'ERR_JWT_INVALID') return ['form', 'is no JWT'];
  return undefined;
};
