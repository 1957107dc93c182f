import { hash } from 'node:crypto';
import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { isObject, type JsonObject } from '../intents/json.ts';
import { OstiaryError } from '../intents/problems.ts';
import type { Principal } from './types.ts';

/** An API key as configured: the key itself is nowhere, only its hash. */
export interface ApiKey {
  readonly id: string;
  /** SHA-256 of the key, lower-case hex. Keys are random, so a slow hash would add nothing. */
  readonly sha256: string;
  readonly principal: Omit<Principal, 'credential'>;
}

/** One issuer of JWTs. */
export interface JwtIssuer {
  readonly issuer: string;
  readonly audience: string;
  /** Rejects with a JOSE error where there is no such key, with another where the keys cannot be had. */
  readonly keys: JWTVerifyGetKey;
  readonly subjectType: string;
  /** Purposes of every token of this issuer that names none itself in its claim `purposes`. */
  readonly purposes: readonly string[];
  readonly defaultPurpose: string | undefined;
}

export interface Authenticator {
  /**
   * @param bearer what stands after `Bearer ` or in `x-api-key`
   * @throws OstiaryError `credentials.missing`, `credentials.invalid`, `credentials.unavailable`
   */
  authenticate(bearer: string | undefined, now: Date): Principal | Promise<Principal>;
}

// Asymmetric only: a shared secret in a JWKS would let every verifier sign.
const algorithms = ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'PS256', 'RS256'];
/** Codes by which jose says that the key set, not the token, is the trouble. */
const aboutTheKeys = ['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID'];
const maxTokenChars = 8_192;
const maxCached = 1_000;
const clockToleranceSeconds = 5;

/** @param tenant of every principal that a JWT names */
export const createAuthenticator = (
  tenant: string,
  apiKeys: readonly ApiKey[],
  issuers: readonly JwtIssuer[],
): Authenticator => {
  const byHash = new Map(
    apiKeys.map(({ sha256, id, principal }) => [
      sha256,
      { ...principal, credential: { kind: 'api-key', id } } as Principal,
    ]),
  );
  /** Verified tokens by the SHA-256 of the whole token, oldest first; a signature check costs 25 to 145 us. */
  const verified = new Map<string, { principal: Principal; expiresAt: number }>();

  return {
    authenticate(bearer, now) {
      if (bearer === undefined || bearer === '')
        throw new OstiaryError('credentials.missing', 'Send an API key or a JWT: "Authorization: Bearer …".');
      if (bearer.length > maxTokenChars) throw new OstiaryError('credentials.invalid', 'The credential is too long.');
      const digest = hash('sha256', bearer);
      const known = byHash.get(digest);
      if (known !== undefined) return known;
      const cached = verified.get(digest);
      if (cached !== undefined && cached.expiresAt > now.getTime()) return cached.principal;
      if (issuers.length === 0 || bearer.split('.').length !== 3)
        throw new OstiaryError('credentials.invalid', 'This API key is not known.');
      return verifyJwt(bearer, tenant, issuers, now).then((found) => {
        if (verified.size >= maxCached) verified.delete(verified.keys().next().value ?? '');
        verified.set(digest, found);
        return found.principal;
      });
    },
  };
};

const verifyJwt = async (
  token: string,
  tenant: string,
  issuers: readonly JwtIssuer[],
  now: Date,
): Promise<{ principal: Principal; expiresAt: number }> => {
  const issuer = issuers.find((known) => known.issuer === unverifiedIssuer(token));
  if (issuer === undefined) throw new OstiaryError('credentials.invalid', 'The issuer of this token is not known.');
  try {
    const { payload } = await jwtVerify(token, issuer.keys, {
      issuer: issuer.issuer,
      audience: issuer.audience,
      algorithms,
      currentDate: now,
      clockTolerance: clockToleranceSeconds,
      requiredClaims: ['sub', 'exp'],
    });
    const claims = JSON.parse(JSON.stringify(payload)) as JsonObject;
    return {
      expiresAt: ((payload.exp ?? 0) + clockToleranceSeconds) * 1000,
      principal: {
        tenant,
        type: issuer.subjectType,
        id: payload.sub ?? '',
        claims,
        purposes: strings(payload.purposes) ?? issuer.purposes,
        defaultPurpose: typeof payload.purpose === 'string' ? payload.purpose : issuer.defaultPurpose,
        capabilities: strings(payload.capabilities),
        credential: { kind: 'jwt', id: payload.jti ?? `${issuer.issuer}#${payload.sub}` },
      },
    };
  } catch (error) {
    if (error instanceof errors.JOSEError && !aboutTheKeys.includes(error.code))
      throw new OstiaryError('credentials.invalid', `This token is not valid: ${reasonOf(error)}.`, {}, error);
    throw new OstiaryError('credentials.unavailable', 'The keys of the issuer cannot be had at the moment.', {}, error);
  }
};

/** Only picks whose keys to try; nothing of it is believed before the signature is. */
const unverifiedIssuer = (token: string): string | undefined => {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return isObject(payload) && typeof payload.iss === 'string' ? payload.iss : undefined;
  } catch {
    return undefined;
  }
};

const strings = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined;

const reasonOf = (error: errors.JOSEError): string => {
  switch (error.code) {
    case 'ERR_JWT_EXPIRED':
      return 'it has expired';
    case 'ERR_JWT_CLAIM_VALIDATION_FAILED':
      return `its claim "${(error as errors.JWTClaimValidationFailed).claim}" does not fit`;
    case 'ERR_JWKS_NO_MATCHING_KEY':
      return 'its key is not one of the issuer';
    default:
      return 'its signature or form does not hold';
  }
};
