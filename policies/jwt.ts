import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import { isObject, type JsonObject } from '../intents/json.ts';
import { OstiaryError } from '../intents/problems.ts';
import { publicKeyDocument, thumbprintOf } from './tokens/keys.ts';
import { revokedKey } from './tokens/principal.ts';
import type { Principal } from './types.ts';

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

/** A credential that was verified. */
export interface Verified {
  readonly principal: Principal;
  readonly expiresAt: number;
  /** The thumbprint of the key that must prove each request; undefined: none. */
  readonly key?: string | undefined;
  /** By what it can be revoked. */
  readonly ids: readonly string[];
}

// Asymmetric only: a shared secret in a JWKS would let every verifier sign.
const algorithms = ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'PS256', 'RS256'];
/** Codes by which jose says that the key set, not the token, is the trouble. */
const aboutTheKeys = ['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID'];
const clockToleranceSeconds = 5;

/** The key that a JWT is bound to (RFC 7800, RFC 9449 section 6.1). @throws OstiaryError where it is bound by something else */
const keyOf = async ({ cnf }: JsonObject): Promise<string | undefined> => {
  if (cnf === undefined) return undefined;
  const { jkt, jwk } = isObject(cnf) ? cnf : {};
  if (typeof jkt === 'string') return jkt;
  const parsed = publicKeyDocument.safeParse(jwk);
  if (parsed.success) return thumbprintOf(parsed.data);
  throw new OstiaryError('credentials.invalid', 'This token is bound ("cnf") in a way that cannot be proved here.');
};

/**
 * Verifies a JWT by the keys that its issuer publishes.
 * @throws OstiaryError (rejects) `credentials.invalid`, `credentials.unavailable`
 */
export const verifyJwt = async (
  token: string,
  tenant: string,
  issuers: readonly JwtIssuer[],
  now: Date,
): Promise<Verified> => {
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
    const { sub, jti, purpose, purposes, capabilities } = ownClaims(claims);
    const key = await keyOf(claims);
    const principal: Principal = {
      tenant,
      type: issuer.subjectType,
      id: sub,
      claims,
      purposes: purposes ?? issuer.purposes,
      defaultPurpose: purpose ?? issuer.defaultPurpose,
      capabilities,
      credential: { kind: 'jwt', id: jti ?? `${issuer.issuer}#${sub}` },
      ...(key === undefined ? {} : { proof: 'dpop' }),
    };
    return {
      expiresAt: ((payload.exp ?? 0) + clockToleranceSeconds) * 1000,
      principal,
      key,
      ids: key === undefined ? [] : [revokedKey(key)],
    };
  } catch (error) {
    if (error instanceof OstiaryError) throw error;
    if (error instanceof errors.JOSEError && !aboutTheKeys.includes(error.code))
      throw new OstiaryError('credentials.invalid', `This token is not valid: ${reasonOf(error)}.`, {}, error);
    throw keysUnavailable(error);
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

const name = z.string().min(1);
/** A claim that narrows, written in a way that is not understood, must not pass for one that is not there. */
const ownDocument = z.looseObject({
  sub: name,
  jti: name.optional(),
  purpose: name.optional(),
  purposes: z.array(name).optional(),
  capabilities: z.array(name).optional(),
});

/** What a JWT says that is not for policies to read. @throws OstiaryError naming the claim that is not what it should be */
const ownClaims = (claims: JsonObject): z.infer<typeof ownDocument> => {
  const parsed = ownDocument.safeParse(claims);
  if (parsed.success) return parsed.data;
  const at = parsed.error.issues.map(({ path }) => `"${path.join('.')}"`).join(', ');
  throw new OstiaryError('credentials.invalid', `This token is not valid: its claim ${at} is not of the right type.`);
};

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

export const keysUnavailable = (cause: unknown) =>
  new OstiaryError('credentials.unavailable', 'The keys of the issuer cannot be had at the moment.', {}, cause);
