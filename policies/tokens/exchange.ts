import type { Intent } from '../../intents/contract.ts';
import type { JsonObject } from '../../intents/json.ts';
import { OstiaryError } from '../../intents/problems.ts';
import type { Authenticator } from '../credentials.ts';
import { isWithin } from '../purposes.ts';
import type { Bundle, Principal } from '../types.ts';
import { maxChainChars, type RootClaims } from './claims.ts';
import { type Detail, detailType } from './details.ts';
import type { PublicJwk, Signer } from './keys.ts';
import { type Minted, mintRoot } from './mint.ts';

/** What somebody asks for in exchange for a JWT (RFC 8693). */
export interface ExchangeRequest {
  readonly subjectToken: string;
  /** Of who will act for the subject. */
  readonly actorToken: string | undefined;
  /** Left out, all that its subject may call. */
  readonly details: readonly Detail[] | undefined;
  /**
   * Proves the key it is bound to; undefined: it is for whoever holds it, and cannot be handed on. Asked for once the
   * JWTs are known to be good: what remembers proofs is not for strangers to fill.
   */
  readonly prove: () => Promise<PublicJwk | undefined>;
}

/** Who gives it. */
export interface Issuing {
  readonly signer: Signer;
  readonly issuer: string;
  readonly audience: string;
  readonly ttlMs: number;
  readonly maxDepth: number;
  readonly authenticator: Authenticator;
  readonly bundle: Bundle;
  readonly intents: readonly Intent[];
}

export interface Exchanged extends Minted {
  readonly subject: Principal;
  readonly details: readonly Detail[];
  readonly bound: boolean;
}

/** What a token says itself, so that it is not carried over from the JWT. */
const own =
  'iss sub aud iat exp nbf jti cnf act tenant sub_type purpose purposes capabilities scope authorization_details del_depth del_max_depth may_act nonce at_hash c_hash'.split(
    ' ',
  );

/** A refusal as OAuth has it. @param error a code of RFC 6749, 8693 or 9396 */
export const noToken = (error: string, message: string, cause?: unknown): OstiaryError =>
  new OstiaryError('token.refused', message, { error }, cause);

/**
 * Makes a capability token of a JWT: for the same subject, for no longer, and with no more than its subject may call
 * under the policies as they are now. They decide about each request all the same.
 * @throws OstiaryError (rejects) `token.refused`, `credentials.unavailable`
 */
export const exchange = async (
  { subjectToken, actorToken, details: wanted, prove }: ExchangeRequest,
  issuing: Issuing,
  { jti, now }: { readonly jti: string; readonly now: Date },
): Promise<Exchanged> => {
  const subject = await ofJwt('subject_token', subjectToken, issuing, now);
  const actor = actorToken === undefined ? undefined : await ofJwt('actor_token', actorToken, issuing, now);
  const details = grantable(wanted, subject, issuing);
  const key = await prove();
  const seconds = Math.floor(now.getTime() / 1_000);
  const ends = typeof subject.claims.exp === 'number' ? subject.claims.exp : 0;
  const claims: RootClaims = {
    ...carriedOver(subject.claims),
    iss: issuing.issuer,
    sub: subject.id,
    sub_type: subject.type,
    tenant: subject.tenant,
    aud: issuing.audience,
    iat: seconds,
    exp: Math.min(Math.floor(ends), seconds + Math.floor(issuing.ttlMs / 1_000)),
    jti,
    ...(subject.defaultPurpose === undefined ? {} : { purpose: subject.defaultPurpose }),
    ...(subject.capabilities === undefined ? {} : { capabilities: [...subject.capabilities] }),
    ...actOf(subject, actor),
    authorization_details: details,
    ...(key === undefined ? {} : { cnf: { jwk: key } }),
    del_depth: 0,
    del_max_depth: key === undefined ? 0 : issuing.maxDepth,
  };
  const minted = await mintRoot(issuing.signer, claims);
  if (minted.token.length > maxChainChars / 2)
    throw noToken(
      'invalid_authorization_details',
      `The token would have ${minted.token.length} characters. Ask for fewer intents.`,
    );
  return { ...minted, subject, details, bound: key !== undefined };
};

const ofJwt = async (name: string, token: string, { authenticator }: Issuing, now: Date): Promise<Principal> => {
  let found: Principal;
  try {
    found = await authenticator.authenticate(token, now);
  } catch (error) {
    if (!(error instanceof OstiaryError) || error.code === 'credentials.unavailable') throw error;
    throw noToken('invalid_grant', `The ${name} is not taken: ${error.message}`, error);
  }
  // A token that could be had for a token would never end.
  if (found.credential.kind !== 'jwt')
    throw noToken('invalid_grant', `The ${name} must be a JWT of an issuer that this gateway knows.`);
  return found;
};

const carriedOver = (claims: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(claims).filter(([name]) => !own.includes(name)));

/** Who acts for the subject, the last first (RFC 8693, section 4.1). */
const actOf = ({ claims }: Principal, actor: Principal | undefined): { act?: JsonObject } => {
  const before = claims.act as JsonObject | undefined;
  if (actor === undefined) return before === undefined ? {} : { act: before };
  return { act: { sub: actor.id, ...(before === undefined ? {} : { act: before }) } };
};

const grantable = (
  wanted: readonly Detail[] = [{ type: detailType }],
  subject: Principal,
  { bundle, intents }: Issuing,
): RootClaims['authorization_details'] => {
  const callable = intents.filter((intent) => bundle.visibility(subject, intent) === 'callable').map(({ id }) => id);
  const no = (message: string) => noToken('invalid_authorization_details', message);
  if (callable.length === 0) throw no('There is nothing that this subject may call.');
  return wanted.map((detail) => {
    const { intents: ids = callable, purposes = [...subject.purposes], limits = {} } = detail;
    const stray = ids.find((id) => !callable.includes(id));
    if (stray !== undefined) throw no(`"${stray}" is nothing that this subject may call.`);
    const purpose = purposes.find((one) => !subject.purposes.some((above) => isWithin(one, above)));
    if (purpose !== undefined) throw no(`"${purpose}" is no purpose of this subject.`);
    const limited = Object.keys(limits).find((id) => !ids.includes(id));
    if (limited !== undefined) throw no(`"${limited}" is limited, and not asked for.`);
    return { ...detail, intents: ids, purposes };
  });
};
