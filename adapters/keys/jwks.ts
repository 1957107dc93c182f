import { readFileSync } from 'node:fs';
import { createLocalJWKSet, createRemoteJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

/**
 * Keys of a JWT issuer, from its JWKS address (fetched when first needed, again when an unknown key id comes, at most
 * once in 30 seconds) or from a file.
 * @throws Error where the file cannot be read or is no JWKS
 */
export const jwksKeys = (from: URL): JWTVerifyGetKey =>
  from.protocol === 'file:'
    ? createLocalJWKSet(JSON.parse(readFileSync(from, 'utf8')) as JSONWebKeySet)
    : createRemoteJWKSet(from, { timeoutDuration: 3_000, cooldownDuration: 30_000 });
