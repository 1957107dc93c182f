import type { Config } from '../../gateway/config-document.ts';
import type { JsonObject } from '../../intents/json.ts';
import type { Principal } from '../../policies/types.ts';

/** The three callers of the shop, named as `utterances.yaml` names them: the demo key without its `demo-`. */
export const demoPrincipals = ({ tenant, credentials }: Config): Readonly<Record<string, Principal>> => {
  const callers: Readonly<Record<string, string>> = { dana: 'support', 'shopper-bot': 'shopper-bot', aram: 'auditor' };
  return Object.fromEntries(
    credentials.keys.map(({ id, subject, claims, purposes, default_purpose, capabilities }) => [
      callers[id] ?? id,
      {
        tenant,
        ...subject,
        claims: claims as JsonObject,
        purposes,
        defaultPurpose: default_purpose,
        capabilities,
        credential: { kind: 'api-key', id },
      },
    ]),
  );
};
