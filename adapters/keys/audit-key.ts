import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { AuditKey } from '../../policies/audit/signing.ts';

/**
 * The key that signs the audit log: an Ed25519 private key in PKCS #8, PEM. Where the file is not there it is made, for
 * its owner alone to read.
 * @throws Error that names the file, and nothing of what is in it
 */
export const openAuditKey = (path: string): AuditKey => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    // Of two processes that start at once, one makes it and the other reads it.
    writeFileSync(path, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }), {
      flag: 'wx',
      mode: 0o600,
      flush: true,
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw new Error(`The audit key ${path} cannot be made: ${(error as Error).message}`);
  }
  const key = readKey(path);
  return {
    id: createPublicKey(key).export({ format: 'jwk' }).x ?? '',
    sign: (text) => sign(null, Buffer.from(text), key).toString('base64url'),
  };
};

const readKey = (path: string): KeyObject => {
  let key: KeyObject;
  try {
    key = createPrivateKey(readFileSync(path));
  } catch (error) {
    throw new Error(`The audit key ${path} cannot be read: ${(error as Error).message}`);
  }
  if (key.asymmetricKeyType !== 'ed25519')
    throw new Error(`The audit key ${path} is ${key.asymmetricKeyType}; an Ed25519 key is needed.`);
  return key;
};
