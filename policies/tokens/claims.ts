import { hash } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { z } from 'zod';
import { OstiaryError } from '../../intents/problems.ts';
import { detailDocument, detailsDocument } from './details.ts';
import { publicKeyDocument } from './keys.ts';

/** Types of the two kinds of link: neither can be taken for the other, nor for any other JWT (RFC 8725, section 3.11). */
export const rootType = 'intent-cap+jwt';
export const linkType = 'intent-cap-link+jwt';

/** No token is handed on more often. */
export const maxDepth = 4;
export const maxChainChars = 8_192;
/** Between links: none of their characters, and one that a bearer credential may hold (RFC 6750, section 2.1). */
const between = '~';

const seconds = z.int().min(0).max(100_000_000_000);
const name = z.string().min(1).max(300);
const audience = z.union([name, z.array(name).min(1).max(20)]);
const depth = z.int().min(0).max(maxDepth);
const cnf = z.strictObject({ jwk: publicKeyDocument });

/** What an issuer says. Claims beyond these are what it says of the subject, and policies read them. */
export const rootClaims = z.looseObject({
  iss: name,
  sub: name,
  aud: audience,
  iat: seconds,
  exp: seconds,
  nbf: seconds.optional(),
  jti: name,
  tenant: name.optional(),
  sub_type: name.optional(),
  purpose: name.optional(),
  capabilities: z.array(name).max(200).optional(),
  authorization_details: z
    .array(detailDocument.required({ intents: true, purposes: true }))
    .min(1)
    .max(20),
  cnf: cnf.optional(),
  del_depth: z.literal(0),
  del_max_depth: depth,
});
export type RootClaims = z.infer<typeof rootClaims>;

/** What a holder says who hands on: less than was said before, and nothing of who the subject is. */
export const linkClaims = z.strictObject({
  jti: name,
  iat: seconds,
  exp: seconds,
  nbf: seconds.optional(),
  aud: audience.optional(),
  authorization_details: detailsDocument.optional(),
  cnf,
  del_depth: depth,
  del_max_depth: depth.optional(),
  par_hash: z.string().regex(/^[\w-]{43}$/, 'is no SHA-256 in base64url'),
});
export type LinkClaims = z.infer<typeof linkClaims>;

/** What must hold of a token; each has its own cases in test/vectors/capability-chain.json. */
export type Invariant =
  | 'form'
  | 'size'
  | 'type'
  | 'algorithm'
  | 'critical'
  | 'claims'
  | 'issuer'
  | 'signature'
  | 'delegable'
  | 'parent'
  | 'depth'
  | 'expiry'
  | 'not-before'
  | 'issued'
  | 'lifetime'
  | 'audience'
  | 'tenant'
  | 'repeated'
  | 'intents'
  | 'purposes'
  | 'limits'
  | 'revoked';

/** A token that is refused says which of its links broke which rule. */
export const broken = (invariant: Invariant, link: number | undefined, message: string, cause?: unknown) =>
  new OstiaryError(
    'credentials.invalid',
    `This token is not valid: ${link === undefined ? '' : link === 0 ? 'its root ' : `its link ${link} `}${message}.`,
    { invariant, ...(link === undefined ? {} : { link }) },
    cause,
  );

/** One link as it is written, before anything of it is believed. */
export interface Written {
  readonly jws: string;
  /** SHA-256 of what is signed, base64url: by it the next link names it, and by it it is revoked. */
  readonly id: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Whether a credential says that it is a capability token; nothing more is known of it. */
export const looksLikeChain = (credential: string): boolean => {
  if (credential.includes(between)) return true;
  try {
    return decodeProtectedHeader(credential).typ === rootType;
  } catch {
    return false;
  }
};

/**
 * Takes a token apart, believing nothing.
 * @throws OstiaryError `credentials.invalid`
 */
export const takeApart = (chain: string): readonly [Written, ...Written[]] => {
  if (chain.length > maxChainChars)
    throw broken('size', undefined, `it has ${chain.length} characters, and at most ${maxChainChars} are read`);
  const written = chain.split(between);
  if (written.length > maxDepth + 1)
    throw broken('depth', undefined, `it was handed on ${written.length - 1} times, and at most ${maxDepth} are taken`);
  return written.map((jws, at): Written => {
    if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(jws)) throw broken('form', at, 'is no compact JWS');
    try {
      return {
        jws,
        id: linkId(jws),
        header: { ...decodeProtectedHeader(jws) },
        payload: decodeJwt(jws) as Readonly<Record<string, unknown>>,
      };
    } catch (error) {
      throw broken('form', at, 'is no JWT: its header or payload is no JSON object', error);
    }
  }) as [Written, ...Written[]];
};

export const join = (chain: string, link: string): string => `${chain}${between}${link}`;

const linkId = (jws: string): string => hash('sha256', jws.slice(0, jws.lastIndexOf('.')), 'base64url');

/** @throws OstiaryError `credentials.invalid` naming the members that do not fit */
export const parseClaims = <T>(schema: z.ZodType<T>, { payload }: Written, link: number): T => {
  const parsed = schema.safeParse(payload);
  if (parsed.success) return parsed.data;
  const told = parsed.error.issues.slice(0, 5).map((issue) => {
    const at = `/${issue.path.join('/')}`;
    return issue.code === 'unrecognized_keys'
      ? `${at} has "${issue.keys.join('", "')}", which is not known`
      : `${at} ${issue.message}`;
  });
  throw broken('claims', link, `has claims that do not fit: ${told.join('; ')}`);
};
