import { createPublicKey, verify } from 'node:crypto';
import canonicalize from 'canonicalize';
import { isObject, type Json } from '../../intents/json.ts';

/** What signs the log. */
export interface AuditKey {
  /** The public key: the 32 bytes of Ed25519, base64url, as the member `x` of a JWK (RFC 8037). */
  readonly id: string;
  /** @returns base64url */
  sign(text: string): string;
}

/** The newest entry of a writer, up to some entry. A store with one chain has one writer, ''. */
export interface Head {
  readonly sequence: number;
  readonly hash: string;
}
export type Heads = Readonly<Record<string, Head>>;

/** A signed statement, itself an entry of the log: so far it was like this; or, so far it was taken away. */
export interface Statement {
  readonly kind: 'checkpoint' | 'cut';
  /** ISO 8601. */
  readonly at: string;
  readonly heads: Heads;
  /** `AuditKey.id` */
  readonly key: string;
}

/** @returns one JSON object, with its signature */
export const signStatement = (kind: Statement['kind'], at: Date, heads: Heads, key: AuditKey): string => {
  const statement: Statement = { kind, at: at.toISOString(), heads, key: key.id };
  return JSON.stringify({ ...statement, signature: key.sign(signedText(statement)) });
};

/** @returns undefined for an entry of another kind. Whether it is signed, and by whom, is not looked at */
export const statementIn = (body: string): (Statement & { readonly signature: unknown }) | undefined => {
  if (!/"kind":"(checkpoint|cut)"/.test(body)) return undefined;
  try {
    const entry = JSON.parse(body) as unknown;
    const fits = isObject(entry) && (entry.kind === 'checkpoint' || entry.kind === 'cut') && isObject(entry.heads);
    return fits ? (entry as unknown as Statement & { signature: unknown }) : undefined;
  } catch {
    return undefined;
  }
};

/** Whether a statement, or anything else with these members, is signed by the key that it names. */
export const isSigned = ({ signature, ...signed }: { readonly signature?: unknown; readonly key: string }): boolean => {
  if (typeof signature !== 'string') return false;
  try {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: signed.key }, format: 'jwk' });
    const bytes = Buffer.from(signature, 'base64url');
    // One way to write a signature, so that no other byte of it passes.
    return bytes.toString('base64url') === signature && verify(null, Buffer.from(signedText(signed)), key, bytes);
  } catch {
    return false;
  }
};

/** What is signed: canonical JSON (RFC 8785) behind a line that no other use of the key has. */
export const signedText = (members: object): string => `ostiary audit\n${canonicalize(members as Json) ?? ''}`;
