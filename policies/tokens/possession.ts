import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { calculateJwkThumbprint, decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Input } from '../../intents/json.ts';
import { OstiaryError } from '../../intents/problems.ts';
import type { ReplayStore } from '../ports.ts';
import type { ProofLevel } from '../types.ts';
import { algorithmsOf, type PublicJwk, publicKeyDocument, type Signer, verifyingKey } from './keys.ts';

/** What a door was given beside a credential. */
export interface Presented {
  /** The header `DPoP`. */
  readonly dpop: string | undefined;
  readonly method: string;
  /** Addresses of what was asked, as the caller may know it; without query. */
  readonly urls: readonly string[];
}

const digest = z.string().regex(/^[\w-]{43}$/, 'is no SHA-256 in base64url');
const claims = z.looseObject({
  jti: z.string().min(8).max(200),
  htm: z.string().max(20),
  htu: z.string().max(2_000),
  iat: z.number(),
  ath: digest.optional(),
  int: z.string().max(300).optional(),
  goal: z.string().max(300).optional(),
  inh: digest.optional(),
  utt: digest.optional(),
  plan: digest.optional(),
});

/** What a proof says of the very request it came with. */
export interface Possession {
  readonly key: PublicJwk;
  /** Its intent, `orders.refund@2`; its purpose. */
  readonly int?: string | undefined;
  readonly goal?: string | undefined;
  /** SHA-256 of its input, of its words, and of the plan that a confirmation shows. */
  readonly inh?: string | undefined;
  readonly utt?: string | undefined;
  readonly plan?: string | undefined;
}

export const proofType = 'dpop+jwt';
const proofAlgorithms = ['ES256', 'ES384', 'EdDSA', 'Ed25519'];
const maxProofChars = 4_096;
const maxAgeSeconds = 60;
const toleranceSeconds = 5;

/** What is wrong with a proof: a claim by its name, or one of these. */
type Fault =
  | 'missing'
  | 'form'
  | 'type'
  | 'key'
  | 'signature'
  | 'replay'
  | 'htm'
  | 'htu'
  | 'ath'
  | 'iat'
  | keyof Possession;

const refused = (fault: Fault, message: string, cause?: unknown) =>
  new OstiaryError('credentials.proof', message, { proof: 'dpop', fault }, cause);

/**
 * Verifies a proof of possession: that whoever sent this request, now and to here, holds the key. Source: RFC 9449,
 * section 4.3; no nonce is asked for, because each proof is taken once.
 * @param bound by the credential: the thumbprint of the key, and the credential itself; left out, for any key
 * @throws OstiaryError (rejects) `credentials.proof`, `credentials.unavailable` where replays cannot be told
 */
export const verifyPossession = async (
  { dpop, method, urls }: Presented,
  bound: { readonly key: string; readonly credential: string } | undefined,
  replays: ReplayStore,
  now: Date,
): Promise<Possession> => {
  if (dpop === undefined)
    throw refused(
      'missing',
      'This credential is bound to a key. Send it as "Authorization: DPoP …", with a proof in "DPoP".',
    );
  if (dpop.length > maxProofChars) throw refused('form', `The proof has more than ${maxProofChars} characters.`);
  const jwk = keyIn(dpop);
  const thumbprint = await calculateJwkThumbprint(jwk, 'sha256');
  if (bound !== undefined && thumbprint !== bound.key)
    throw refused('key', 'The proof is by another key than the one that the credential is bound to.');
  const proof = await read(dpop, jwk, now);
  if (proof.htm !== method) throw refused('htm', `The proof is for ${proof.htm}, not for ${method} ("htm").`);
  const address = addressOf(proof.htu);
  if (!urls.some((url) => addressOf(url) === address))
    throw refused('htu', `The proof is for another address than ${urls[0]} ("htu").`);
  if (bound !== undefined && proof.ath !== hashOf(bound.credential))
    throw refused('ath', 'The proof was made for another credential ("ath").');
  await takeOnce(replays, thumbprint, proof.jti, proof.iat, now);
  const { int, goal, inh, utt, plan } = proof;
  return { key: jwk, int, goal, inh, utt, plan };
};

const keyIn = (dpop: string): PublicJwk => {
  let jwk: unknown;
  try {
    jwk = decodeProtectedHeader(dpop).jwk;
  } catch (error) {
    throw refused('form', 'The proof is no JWT.', error);
  }
  const parsed = publicKeyDocument.safeParse(jwk);
  if (!parsed.success)
    throw refused('key', 'The header of the proof has no public key of the kinds P-256, P-384 or Ed25519 in "jwk".');
  return parsed.data;
};

const read = async (dpop: string, jwk: PublicJwk, now: Date): Promise<z.output<typeof claims>> => {
  try {
    const { payload } = await jwtVerify(dpop, () => verifyingKey(jwk), {
      typ: proofType,
      algorithms: proofAlgorithms.filter((one) => algorithmsOf(jwk).includes(one)),
      currentDate: now,
      clockTolerance: toleranceSeconds,
      maxTokenAge: maxAgeSeconds,
    });
    const parsed = claims.safeParse(payload);
    if (parsed.success) return parsed.data;
    throw refused(
      'form',
      `The proof has claims that do not fit: ${parsed.error.issues.map(({ path, message }) => `"${path.join('.')}" ${message}`).join('; ')}.`,
    );
  } catch (error) {
    if (error instanceof OstiaryError) throw error;
    const { code, claim } = error as { code?: string; claim?: string };
    if (claim === 'typ') throw refused('type', `The proof is not of the type "${proofType}".`, error);
    if (claim === 'iat' || code === 'ERR_JWT_EXPIRED')
      throw refused(
        'iat',
        `The proof was not made within the last ${maxAgeSeconds} seconds ("iat"). The time here is ${now.toISOString()}.`,
        error,
      );
    if (error instanceof errors.JOSEError)
      throw refused('signature', 'The signature of the proof, or its form, does not hold.', error);
    throw refused('key', 'The key of the proof is no key.', error);
  }
};

/** Without query and fragment, in the one form that is compared (RFC 3986, section 6.2). */
const addressOf = (written: string): string | undefined => {
  const url = URL.parse(written);
  return url === null || url.username !== '' || url.password !== '' ? undefined : `${url.origin}${url.pathname}`;
};

const takeOnce = async (replays: ReplayStore, holder: string, jti: string, iat: number, now: Date): Promise<void> => {
  const until = (iat + maxAgeSeconds + 2 * toleranceSeconds) * 1_000;
  let first: boolean;
  try {
    first = await replays.take(holder, hashOf(jti), until, now.getTime());
  } catch (error) {
    throw new OstiaryError('credentials.unavailable', 'Proofs cannot be checked at the moment.', {}, error);
  }
  if (!first) throw refused('replay', 'This proof was used before. Make one for each request.');
};

/** What was sent, as far as a proof can speak of it. */
export interface Sent {
  /** Ways to write the intent that was called: `orders.refund@2.1.0` and `orders.refund@2`. */
  readonly intents: readonly string[];
  /** As it was sent, before defaults; undefined for the answer to a confirmation. */
  readonly input: Input | undefined;
  readonly text: string | undefined;
  readonly purpose: string | undefined;
  /** What the confirmation that is answered was bound to. */
  readonly plan: string | undefined;
}

/**
 * How much of the request its proof signs: nothing, all that was sent, or the plan that was shown for it.
 * @throws OstiaryError `credentials.proof` where it says something else than what was sent
 */
export const signedLevel = (proof: Possession, sent: Sent): ProofLevel => {
  const differs = (claim: keyof Possession, what: string) =>
    refused(claim, `The proof signs another ${what} ("${claim}").`);
  if (proof.int !== undefined && !sent.intents.includes(proof.int)) throw differs('int', 'intent');
  if (proof.goal !== undefined && proof.goal !== sent.purpose) throw differs('goal', 'purpose');
  if (proof.inh !== undefined && (sent.input === undefined || proof.inh !== inputHash(sent.input)))
    throw differs('inh', 'input');
  if (proof.utt !== undefined && (sent.text === undefined || proof.utt !== hashOf(sent.text)))
    throw differs('utt', 'text');
  if (proof.plan !== undefined && proof.plan !== sent.plan) throw differs('plan', 'plan');
  if (proof.plan !== undefined) return 'signed-plan';
  const purpose = sent.purpose === undefined || proof.goal !== undefined;
  const input = proof.inh !== undefined || (sent.input !== undefined && Object.keys(sent.input).length === 0);
  const meant =
    sent.text === undefined ? proof.int !== undefined && proof.inh !== undefined : proof.utt !== undefined && input;
  return purpose && meant && sent.plan === undefined ? 'signed-request' : 'dpop';
};

/** SHA-256, base64url, of a text in UTF-8. */
export const hashOf = (text: string): string => hash('sha256', text, 'base64url');

/** The same of an input in canonical JSON (RFC 8785). */
export const inputHash = (input: Input): string => hashOf(canonicalize(input) ?? '');

/** Makes a proof for one request. @param jti random: no two proofs may have the same */
export const makeProof = (
  { alg, key, publicJwk }: Signer,
  {
    method,
    url,
    credential,
    ...signed
  }: { readonly method: string; readonly url: string; readonly credential?: string } & Omit<Possession, 'key'>,
  { jti, now }: { readonly jti: string; readonly now: Date },
): Promise<string> =>
  new SignJWT({
    jti,
    htm: method,
    htu: addressOf(url) ?? url,
    iat: Math.floor(now.getTime() / 1_000),
    ...(credential === undefined ? {} : { ath: hashOf(credential) }),
    ...signed,
  })
    .setProtectedHeader({ alg, typ: proofType, jwk: publicJwk })
    .sign(key);
