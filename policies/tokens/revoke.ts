import { OstiaryError } from '../../intents/problems.ts';
import type { RevocationStore } from '../ports.ts';
import type { Principal } from '../types.ts';
import { noToken } from './exchange.ts';
import { revokedKey, revokedLink } from './principal.ts';
import { type Trust, toleranceSeconds, type VerifiedChain, verifyChain } from './verify.ts';

/** What is to be revoked: a token that is shown, or by its name what was seen in the record. */
export type Revocation = { readonly token: string } | { readonly link: string } | { readonly key: string };

export interface Revoking {
  readonly trust: Trust;
  readonly revocations: RevocationStore;
  /** Ids of API keys that may revoke whatever they name. */
  readonly revokers: readonly string[];
}

/**
 * Revokes the last link of a token, and all that was handed on below it; or a link or a key by its name. A token may be
 * revoked by its subject, by who holds it and by whoever handed it on; by name only by those who may revoke anything.
 * @param credential that the caller came with
 * @returns what is revoked from now on; nothing, where it had ended by itself
 * @throws OstiaryError (rejects) `token.refused`, `store.unavailable`
 */
export const revoke = async (
  asked: Revocation,
  caller: Principal,
  credential: string,
  { trust, revocations, revokers }: Revoking,
  now: Date,
): Promise<string[]> => {
  const any = caller.credential.kind === 'api-key' && revokers.includes(caller.credential.id);
  let found: { id: string; untilMs: number };
  if ('token' in asked) {
    const chain = await readable(asked.token, trust, now);
    if (chain === undefined) return [];
    const above = asked.token === credential || asked.token.startsWith(`${credential}~`);
    if (!(any || above || isSubject(caller, chain, trust)))
      throw noToken('unauthorized_client', 'Only its subject, its holder and who handed it on may revoke this token.');
    found = { id: revokedLink(chain.links.at(-1)?.id ?? ''), untilMs: chain.expiresAtMs };
  } else {
    if (!any)
      throw noToken('unauthorized_client', 'Show the token itself: to revoke by name is for keys that may revoke any.');
    found =
      'link' in asked
        ? // No token that has the link can live longer.
          { id: revokedLink(asked.link), untilMs: now.getTime() + trust.maxLifetimeMs + 2_000 * toleranceSeconds }
        : // A key that is out stays out: it could be given new tokens.
          { id: revokedKey(asked.key), untilMs: Number.MAX_SAFE_INTEGER };
  }
  await revocations.revoke(found.id, found.untilMs).catch((error: unknown) => {
    throw new OstiaryError('store.unavailable', 'The revocation cannot be kept. The token is still valid.', {}, error);
  });
  return [found.id];
};

const readable = async (token: string, trust: Trust, now: Date): Promise<VerifiedChain | undefined> => {
  try {
    return await verifyChain(token, trust, now);
  } catch (error) {
    if (!(error instanceof OstiaryError))
      throw new OstiaryError(
        'credentials.unavailable',
        'The keys of the issuer cannot be had at the moment.',
        {},
        error,
      );
    if (error.facts.invariant === 'expiry' && error.facts.link !== undefined) return undefined;
    throw noToken('invalid_request', error.message, error);
  }
};

/** With a credential of their own: not one by which somebody acts for them. */
const isSubject = (
  { tenant, type, id, claims, credential }: Principal,
  { root }: VerifiedChain,
  trust: Trust,
): boolean =>
  credential.kind !== 'token' &&
  claims.act === undefined &&
  tenant === trust.tenant &&
  type === (root.sub_type ?? 'user') &&
  id === root.sub;
