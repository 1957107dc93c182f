import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
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
    published: () => readonly object[] = () => [jwk],
  ) => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked++;
      if (respond) response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: published() }));
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
    ['of nobody', { ...claims, sub: '' }, {}],
    ['of a number', { ...claims, sub: 5 }, {}],
    ['narrowed by a word, not a list', { ...claims, capabilities: 'view' }, {}],
    ['narrowed by nothing', { ...claims, capabilities: null }, {}],
    ['narrowed by a map', { ...claims, capabilities: { 0: 'view' } }, {}],
    ['narrowed by a list of something else', { ...claims, capabilities: ['view', 5] }, {}],
    ['for purposes in one word', { ...claims, purposes: 'support' }, {}],
    ['with a purpose that is a list', { ...claims, purpose: ['support'] }, {}],
    ['with an id that is no name', { ...claims, jti: { a: 1 } }, {}],
  ] as const)('%s is refused', (_name, payload, signer) =>
    withJwks(async (authenticate) => {
      expect(await rejection(async () => authenticate(await sign(payload, signer)))).toBe('credentials.invalid');
    }),
  );

  test('by a key that came later is taken, by one that was withdrawn no more', async () => {
    const next = await generateKeyPair('ES256', { extractable: true });
    const nextJwk = { ...(await exportJWK(next.publicKey)), kid: 'next', alg: 'ES256', use: 'sig' };
    let keys: object[] = [jwk];
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    await withJwks(
      async (authenticate, asked) => {
        const byNext = (jti: string) =>
          new SignJWT({ ...claims, jti }).setProtectedHeader({ alg: 'ES256', kid: 'next' }).sign(next.privateKey);
        expect(await authenticate(await sign(claims))).toMatchObject({ id: 'dana' });
        expect(await rejection(async () => authenticate(await byNext('a')))).toBe('credentials.invalid');
        keys = [nextJwk];
        // An unknown key id asks the issuer again, but not for each token that somebody makes up.
        expect(await rejection(async () => authenticate(await byNext('b')))).toBe('credentials.invalid');
        expect(asked()).toBe(1);
        vi.setSystemTime(Date.now() + 31_000);
        expect(await authenticate(await byNext('c'))).toMatchObject({ id: 'dana' });
        expect(asked()).toBe(2);
        expect(await rejection(async () => authenticate(await sign({ ...claims, jti: 'd' })))).toBe(
          'credentials.invalid',
        );
      },
      true,
      () => keys,
    );
  });

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
