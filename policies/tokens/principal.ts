import type { JsonObject } from '../../intents/json.ts';
import type { Principal } from '../types.ts';
import { purposesLeft } from './ceiling.ts';
import type { RootClaims } from './claims.ts';
import type { VerifiedChain } from './verify.ts';

/** Claims that say what the token is, not who its subject is. */
const ours = ['authorization_details', 'cnf', 'del_depth', 'del_max_depth'];

/**
 * Who asks with a verified token: its subject, for whom the holder of the last key acts, with what every link leaves.
 * @param tenant of the gateway
 */
export const principalOf = ({ root, links, holder }: VerifiedChain, tenant: string): Principal => {
  const details = links.flatMap((link) => (link.details === undefined ? [] : [link.details]));
  const purposes = purposesLeft(details);
  return {
    tenant,
    type: root.sub_type ?? 'user',
    id: root.sub,
    claims: claimsOf(root, links),
    purposes,
    // One that was narrowed away is no default any more.
    defaultPurpose: purposes.find((one) => one === root.purpose),
    capabilities: root.capabilities,
    credential: { kind: 'token', id: links.at(-1)?.id ?? '' },
    proof: holder === undefined ? 'bearer' : 'dpop',
    delegations: links.length - 1,
    token: { details, links: links.map(({ id, key }) => ({ id, ...(key === undefined ? {} : { key }) })) },
  };
};

/** Whoever a token was handed on to acts for its subject (RFC 8693, section 4.1), and is known by their key (RFC 9278). */
const claimsOf = (root: RootClaims, links: VerifiedChain['links']): JsonObject => {
  const claims = Object.fromEntries(Object.entries(root).filter(([name]) => !ours.includes(name))) as JsonObject;
  let act = claims.act;
  for (const { key } of links.slice(1))
    act = { sub: `urn:ietf:params:oauth:jwk-thumbprint:sha-256:${key}`, ...(act === undefined ? {} : { act }) };
  return act === undefined ? claims : { ...claims, act };
};

/**
 * The key of whoever a token was handed on to; undefined for a subject with a credential of their own. Who acts for a
 * subject is not the subject: what either was asked, and answered, is not for the other agents of the same subject.
 */
export const holderOf = ({
  delegations = 0,
  token,
}: Partial<Pick<Principal, 'delegations' | 'token'>>): string | undefined =>
  delegations > 0 ? token?.links.at(-1)?.key : undefined;

/** By which a token can be revoked before its time: each of its links, and each key that held it. */
export const revocationIds = (links: readonly { readonly id: string; readonly key?: string | undefined }[]): string[] =>
  links.flatMap(({ id, key }) => (key === undefined ? [revokedLink(id)] : [revokedLink(id), revokedKey(key)]));
export const revokedLink = (id: string): string => `link:${id}`;
export const revokedKey = (thumbprint: string): string => `key:${thumbprint}`;
