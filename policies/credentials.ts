import { hash } from 'node:crypto';
import { OstiaryError } from '../intents/problems.ts';
import { type JwtIssuer, keysUnavailable, type Verified, verifyJwt } from './jwt.ts';
import type { ReplayStore, RevocationStore } from './ports.ts';
import { broken, looksLikeChain, maxChainChars } from './tokens/claims.ts';
import { type Possession, type Presented, verifyPossession } from './tokens/possession.ts';
import { principalOf, revocationIds } from './tokens/principal.ts';
import { type Trust, verifyChain } from './tokens/verify.ts';
import type { Principal } from './types.ts';

/** An API key as configured: the key itself is nowhere, only its hash. */
export interface ApiKey {
  readonly id: string;
  /** SHA-256 of the key, lower-case hex. Keys are random, so a slow hash would add nothing. */
  readonly sha256: string;
  readonly principal: Omit<Principal, 'credential'>;
}

/** Who asks, and what they signed of the request where they proved that it is theirs. */
export interface Identified {
  /** The same object each time for one credential. */
  readonly principal: Principal;
  readonly possession?: Possession;
}

export interface Authenticator {
  /**
   * @param bearer what stands after `Bearer ` or `DPoP `, or in `x-api-key`
   * @param presented a proof that came along; one and the same object is one request, and its proof is taken once
   * @throws OstiaryError `credentials.missing`, `credentials.invalid`, `credentials.proof`, `credentials.unavailable`
   */
  identify(bearer: string | undefined, now: Date, presented?: Presented): Identified | Promise<Identified>;
  /** The same, where only who it is matters. */
  authenticate(bearer: string | undefined, now: Date, presented?: Presented): Principal | Promise<Principal>;
}

/** What more than a signature there is to credentials. */
export interface Checks {
  /** Whose capability tokens are taken; undefined: nobody's. */
  readonly trust: Trust | undefined;
  readonly revocations: RevocationStore;
  readonly replays: ReplayStore;
}

const maxCached = 5_000;

/** @param tenant of every principal that a JWT or a token names */
export const createAuthenticator = (
  tenant: string,
  apiKeys: readonly ApiKey[],
  issuers: readonly JwtIssuer[],
  checks?: Checks,
): Authenticator => {
  const byHash = new Map(
    apiKeys.map(({ sha256, id, principal }): [string, Verified] => [
      sha256,
      {
        principal: { ...principal, credential: { kind: 'api-key', id } },
        expiresAt: Number.POSITIVE_INFINITY,
        ids: [],
      },
    ]),
  );
  /** Verified tokens by the SHA-256 of the whole token, oldest first; a signature check costs 25 to 145 us. */
  const verified = new Map<string, Verified>();
  /** Proofs that were taken, by the request they came with: what is asked for its sake stands on them too. */
  const proven = new WeakMap<Presented, { digest: string; possession: Promise<Possession> }>();

  const checked = (known: Verified, digest: string, bearer: string, now: Date, presented: Presented | undefined) => {
    if (known.key === undefined && presented?.dpop !== undefined)
      throw new OstiaryError('credentials.invalid', 'This credential is bound to no key, so no proof goes with it.');
    const revoked = isRevoked(known, checks, now);
    if (revoked === false && known.key === undefined) return known;
    return proved(known, revoked, digest, bearer, now, presented);
  };
  const proved = async (
    known: Verified,
    revoked: boolean | Promise<boolean>,
    digest: string,
    bearer: string,
    now: Date,
    presented: Presented = { dpop: undefined, method: '', urls: [] },
  ): Promise<Identified> => {
    if (await revoked) throw broken('revoked', undefined, 'it was revoked');
    const { principal, key } = known;
    if (key === undefined) return known;
    if (checks === undefined)
      throw new OstiaryError('credentials.invalid', 'No proofs are taken here, and this credential needs one.');
    const before = proven.get(presented);
    if (before?.digest === digest) return { principal, possession: await before.possession };
    const possession = verifyPossession(presented, { key, credential: bearer }, checks.replays, now);
    proven.set(presented, { digest, possession });
    return { principal, possession: await possession };
  };
  const identify = (bearer: string | undefined, now: Date, presented?: Presented) => {
    if (bearer === undefined || bearer === '')
      throw new OstiaryError('credentials.missing', 'Send an API key or a JWT: "Authorization: Bearer …".');
    if (bearer.length > maxChainChars) throw new OstiaryError('credentials.invalid', 'The credential is too long.');
    const digest = hash('sha256', bearer);
    const known = byHash.get(digest);
    if (known !== undefined) return checked(known, digest, bearer, now, presented);
    const cached = verified.get(digest);
    if (cached !== undefined && cached.expiresAt > now.getTime())
      return checked(cached, digest, bearer, now, presented);
    return verify(bearer, now).then((found) => {
      if (verified.size >= maxCached) verified.delete(verified.keys().next().value ?? '');
      verified.set(digest, found);
      return checked(found, digest, bearer, now, presented);
    });
  };
  const verify = (bearer: string, now: Date): Promise<Verified> => {
    if (looksLikeChain(bearer)) return verifyToken(bearer, tenant, checks?.trust, now);
    if (issuers.length === 0 || bearer.split('.').length !== 3)
      throw new OstiaryError('credentials.invalid', 'This API key is not known.');
    return verifyJwt(bearer, tenant, issuers, now);
  };
  return {
    identify,
    authenticate(bearer, now, presented) {
      const found = identify(bearer, now, presented);
      return found instanceof Promise ? found.then(({ principal }) => principal) : found.principal;
    },
  };
};

const isRevoked = ({ ids }: Verified, checks: Checks | undefined, now: Date): boolean | Promise<boolean> => {
  if (ids.length === 0 || checks === undefined) return false;
  const cannotBeTold = (error: unknown) => {
    throw new OstiaryError('credentials.unavailable', 'What is revoked cannot be told at the moment.', {}, error);
  };
  try {
    const revoked = checks.revocations.revoked(ids, now.getTime());
    return revoked instanceof Promise ? revoked.catch(cannotBeTold) : revoked;
  } catch (error) {
    return cannotBeTold(error);
  }
};

const verifyToken = async (token: string, tenant: string, trust: Trust | undefined, now: Date): Promise<Verified> => {
  if (trust === undefined) throw new OstiaryError('credentials.invalid', 'This gateway takes no capability tokens.');
  try {
    const chain = await verifyChain(token, trust, now);
    return {
      principal: principalOf(chain, tenant),
      expiresAt: chain.expiresAtMs,
      key: chain.links.at(-1)?.key,
      ids: revocationIds(chain.links),
    };
  } catch (error) {
    if (error instanceof OstiaryError) throw error;
    throw keysUnavailable(error);
  }
};
