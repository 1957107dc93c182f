import { randomUUID } from 'node:crypto';
import { makeProof } from '../../policies/tokens/possession.ts';
import { readSigner } from './token-input.ts';

/**
 * Headers of one request with a credential that is bound to a key.
 * @param file the private key
 * @throws CommandError (rejects) where the file is no private key
 */
export const provedHeaders = async (
  credential: string,
  file: string,
  { method, url }: { readonly method: string; readonly url: string },
): Promise<{ authorization: string; dpop: string }> => ({
  authorization: `DPoP ${credential}`,
  dpop: await makeProof(await readSigner(file), { method, url, credential }, { jti: randomUUID(), now: new Date() }),
});
