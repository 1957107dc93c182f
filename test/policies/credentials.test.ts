import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { jwksKeys } from '../../adapters/keys/jwks.ts';
import { createAuthenticator } from '../../policies/credentials.ts';

const principal = {
  tenant: 't',
  type: 'user',
  id: 'dana',
  claims: { roles: ['support'] },
  purposes: ['support'],
  defaultPurpose: undefined,
  capabilities: undefined,
};
const key = { id: 'k1', sha256: createHash('sha256').update('right').digest('hex'), principal };
const now = new Date();
const inAnHour = Math.floor(now.getTime() / 1000) + 3_600;

const rejection = async (attempt: () => unknown) => {
  try {
    await attempt();
    return 'none';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

test.each([
  ['no credential', undefined, 'credentials.missing'],
  ['an empty one', '', 'credentials.missing'],
  ['a wrong key', 'wrong', 'credentials.invalid'],
  ['the hash instead of the key', key.sha256, 'credentials.invalid'],
  ['something enormous', 'x'.repeat(100_000), 'credentials.invalid'],
  ['a JWT where no issuer is known', 'a.b.c', 'credentials.invalid'],
])('%s: %s', async (_name, bearer, code) => {
  expect(await rejection(() => createAuthenticator('t', [key], []).authenticate(bearer, now))).toBe(code);
});

test('an API key names its principal', () => {
  expect(createAuthenticator('t', [key], []).authenticate('right', now)).toEqual({
    ...principal,
    credential: { kind: 'api-key', id: 'k1' },
  });
});

describe('a JWT, by the keys its issuer publishes', async () => {
  const good = await generateKeyPair('ES256', { extractable: true });
  const other = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(good.publicKey)), kid: 'k', alg: 'ES256', use: 'sig' };
  const issuer = 'https://issuer.test';
  const claims = { sub: 'dana', iss: issuer, aud: 'ostiary', exp: inAnHour, roles: ['support'], purposes: ['support'] };
  const sign = (payload: object, { key: signer = good.privateKey, alg = 'ES256' } = {}) =>
    new SignJWT({ ...payload }).setProtectedHeader({ alg, kid: 'k' }).sign(signer);

  const withJwks = async (
    work: (authenticate: (token: string, at?: Date) => unknown, asked: () => number) => Promise<void>,
    respond = true,
  ) => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked++;
      if (respond) response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }));
      else response.writeHead(500).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`);
    const authenticator = createAuthenticator(
      't',
      [],
      [
        {
          issuer,
          audience: 'ostiary',
          keys: jwksKeys(url),
          subjectType: 'user',
          purposes: [],
          defaultPurpose: undefined,
        },
      ],
    );
    try {
      await work(
        (token, at = now) => authenticator.authenticate(token, at),
        () => asked,
      );
    } finally {
      server.close();
    }
  };

  test('gives its claims, is verified once, and is not believed after it expired', () =>
    withJwks(async (authenticate, asked) => {
      const token = await sign(claims);
      expect(await authenticate(token)).toMatchObject({
        tenant: 't',
        type: 'user',
        id: 'dana',
        purposes: ['support'],
        claims: { roles: ['support'] },
        credential: { kind: 'jwt' },
      });
      expect(authenticate(token)).not.toBeInstanceOf(Promise);
      expect(asked()).toBe(1);
      expect(await rejection(() => authenticate(token, new Date((inAnHour + 60) * 1000)))).toBe('credentials.invalid');
    }));

  test.each([
    ['forged', claims, { key: other.privateKey }],
    ['expired', { ...claims, exp: inAnHour - 7_200 }, {}],
    ['for somebody else', { ...claims, aud: 'another' }, {}],
    ['of another issuer', { ...claims, iss: 'https://evil.test' }, {}],
    ['without a subject', { ...claims, sub: undefined }, {}],
    ['that never ends', { ...claims, exp: undefined }, {}],
  ] as const)('%s is refused', (_name, payload, signer) =>
    withJwks(async (authenticate) => {
      expect(await rejection(async () => authenticate(await sign(payload, signer)))).toBe('credentials.invalid');
    }),
  );

  test('without a signature, or signed with the public key as a secret, is refused', () =>
    withJwks(async (authenticate) => {
      const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const none = `${encode({ alg: 'none' })}.${encode(claims)}.`;
      expect(await rejection(() => authenticate(none))).toBe('credentials.invalid');
      const secret = new TextEncoder().encode(JSON.stringify(jwk));
      const confused = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'k' }).sign(secret);
      expect(await rejection(() => authenticate(confused))).toBe('credentials.invalid');
    }));

  test('cannot be checked while the issuer is down: unavailable, not invalid', () =>
    withJwks(async (authenticate) => {
      expect(await rejection(async () => authenticate(await sign(claims)))).toBe('credentials.unavailable');
    }, false));
});
