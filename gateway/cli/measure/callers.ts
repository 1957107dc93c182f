import { didYouMean } from '../../../intents/did-you-mean.ts';
import type { JsonObject } from '../../../intents/json.ts';
import type { Principal } from '../../../policies/types.ts';
import type { Config } from '../../config-document.ts';

/**
 * The callers of a set-up by the names a file of utterances may give them: the id of an API key, or who stands behind it.
 * @returns a function that says who is meant @throws Error (from it) that names the callers there are
 */
export const callersOf = ({ tenant, credentials }: Config): ((name: string) => Principal) => {
  const callers = new Map<string, Principal>();
  for (const { id, subject, claims, purposes, default_purpose, capabilities } of credentials.keys) {
    const principal: Principal = {
      tenant,
      ...subject,
      claims: claims as JsonObject,
      purposes,
      defaultPurpose: default_purpose,
      capabilities,
      credential: { kind: 'api-key', id },
    };
    const roles = Array.isArray(principal.claims.roles) ? principal.claims.roles : [];
    for (const name of [id, subject.id, ...roles.map(String)]) if (!callers.has(name)) callers.set(name, principal);
  }
  return (name) => {
    const found = callers.get(name);
    if (found !== undefined) return found;
    throw new Error(
      `There is no caller "${name}": a case is asked "as" the id of an API key in ostiary.yaml, the id of its subject, or one of its roles.${didYouMean(name, callers.keys())}`,
    );
  };
};
