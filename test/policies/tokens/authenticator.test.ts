import { exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { memoryReplays } from '../../../adapters/keys/memory-replays.ts';
import { memoryRevocations } from '../../../adapters/keys/memory-revocations.ts';
import { type Checks, createAuthenticator } from '../../../policies/credentials.ts';
import { signerOf } from '../../../policies/tokens/keys.ts';
import { attenuate, mintRoot } from '../../../policies/tokens/mint.ts';
import { makeProof, type Presented } from '../../../policies/tokens/possession.ts';
import { revokedKey, revokedLink } from '../../../policies/tokens/principal.ts';
import type { Principal } from '../../../policies/types.ts';

const now = new Date('2026-11-23T10:00:00Z');
const seconds = now.getTime() / 1_000;
const issuer = 'https://gate.test';
const newSigner = async () =>
  signerOf(await exportJWK((await generateKeyPair('EdDSA', { extractable: true })).privateKey));

const world = async (more: Partial<Checks> = {}) => {
  const [signer, app, agent] = await Promise.all([newSigner(), newSigner(), newSigner()]);
  const key = await importJWK(signer.publicJwk, 'EdDSA');
  let lookedUp = 0;
  const revocations = memoryRevocations();
  const checks: Checks = {
    trust: {
      issuers: new Map([
        [
          issuer,
          async () => {
            lookedUp++;
            return key as never;
          },
        ],
      ]),
      audience: issuer,
      tenant: 't',
      maxLifetimeMs: 900_000,
    },
    revocations,
    replays: memoryReplays(),
    ...more,
  };
  const root = (cnf: object | undefined = { jwk: app.publicJwk }) =>
    mintRoot(signer, {
      iss: issuer,
      aud: issuer,
      sub: 'dana',
      iat: seconds,
      exp: seconds + 600,
      jti: 'root',
      authorization_details: [{ type: 'intent_capability', intents: ['orders.get@1'], purposes: ['service'] }],
      ...(cnf === undefined ? {} : { cnf: cnf as never }),
      del_depth: 0,
      del_max_depth: 4,
    });
  let made = 0;
  const url = 'https://gate.test/v1/ask';
  const presented = async (credential: string, by = app): Promise<Presented> => ({
    dpop: await makeProof(by, { method: 'POST', url, credential }, { jti: `proof-no-${++made}`, now }),
    method: 'POST',
    urls: [url],
  });
  return {
    authenticator: createAuthenticator('t', [], [], checks),
    revocations,
    app,
    agent,
    signer,
    root,
    presented,
    lookups: () => lookedUp,
  };
};
const code = async (attempt: () => unknown) => {
  try {
    await attempt();
    return 'none';
  } catch (error) {
    const { code: told, facts } = error as { code: string; facts: { invariant?: string } };
    return facts.invariant ?? told;
  }
};

test('a token that is bound to no key costs a look into the cache from the second time on', async () => {
  const { authenticator, signer, lookups } = await world();
  const { token } = await mintRoot(signer, {
    iss: issuer,
    aud: issuer,
    sub: 'dana',
    iat: seconds,
    exp: seconds + 600,
    jti: 'root',
    authorization_details: [{ type: 'intent_capability', intents: ['orders.get@1'], purposes: ['service'] }],
    del_depth: 0,
    del_max_depth: 0,
  });
  const first = await authenticator.authenticate(token, now);
  const second = authenticator.authenticate(token, now);
  expect(second).toBe(first);
  expect(lookups()).toBe(1);
  expect(first).toMatchObject({ type: 'user', id: 'dana', proof: 'bearer', delegations: 0, purposes: ['service'] });
  expect(await code(() => authenticator.authenticate(token, new Date((seconds + 606) * 1_000)))).toBe('expiry');
});

test('with a proof it is the same principal each time as well, and each proof counts once', async () => {
  const { authenticator, root, app, agent, presented, lookups } = await world();
  const { token: first } = await root();
  const { token } = await attenuate(first, app, agent.publicJwk, {}, { jti: 'link', now });
  const one = await presented(token, agent);
  const found = await authenticator.identify(token, now, one);
  expect(found.principal).toMatchObject({
    proof: 'dpop',
    delegations: 1,
    claims: { act: { sub: expect.stringContaining(agent.thumbprint) } },
  });
  // What is asked for the sake of the same request stands on the same proof; the same bytes in another one do not.
  expect((await authenticator.identify(token, now, one)).principal).toBe(found.principal);
  expect(await code(() => authenticator.identify(token, now, { ...one }))).toBe('credentials.proof');
  expect((await authenticator.identify(token, now, await presented(token, agent))).principal).toBe(found.principal);
  expect(lookups()).toBe(1);
  // A proof of the key that handed it on is not one of the key that holds it now.
  expect(await code(async () => authenticator.identify(token, now, await presented(token, app)))).toBe(
    'credentials.proof',
  );
});

test.each([
  ['its own link', 'link 1'],
  ['the root above it', 'link 0'],
  ['the key that holds it', 'key 1'],
  ['the key that held it before', 'key 0'],
])('%s is revoked: it is refused from then on, though it was verified', async (_name, what) => {
  const { authenticator, revocations, root, app, agent, presented } = await world();
  const { token: first } = await root();
  const { token } = await attenuate(first, app, agent.publicJwk, {}, { jti: 'link', now });
  const { links } = (await authenticator.authenticate(token, now, await presented(token, agent))).token as NonNullable<
    Principal['token']
  >;
  const [kind, at] = what.split(' ');
  const link = links[Number(at)];
  await revocations.revoke(
    kind === 'link' ? revokedLink(link?.id ?? '') : revokedKey(link?.key ?? ''),
    now.getTime() + 1,
  );
  expect(await code(async () => authenticator.authenticate(token, now, await presented(token, agent)))).toBe('revoked');
  // What stands above the revoked link goes on.
  const above = await code(async () => authenticator.authenticate(first, now, await presented(first, app)));
  expect(above).toBe(at === '1' ? 'none' : 'revoked');
});

test.each([
  [
    'throws',
    () => {
      throw new Error('down');
    },
  ],
  ['rejects', () => Promise.reject(new Error('down'))],
])('what is revoked cannot be told (the store %s): nothing is let through', async (_name, down) => {
  const { authenticator, root, presented } = await world({ revocations: { revoke: async () => {}, revoked: down } });
  const { token } = await root();
  expect(await code(async () => authenticator.authenticate(token, now, await presented(token)))).toBe(
    'credentials.unavailable',
  );
});

test('replays cannot be told: nothing is let through', async () => {
  const { authenticator, root, presented } = await world({
    replays: { take: () => Promise.reject(new Error('down')) },
  });
  const { token } = await root();
  expect(await code(async () => authenticator.authenticate(token, now, await presented(token)))).toBe(
    'credentials.unavailable',
  );
});

test('the keys of an issuer cannot be had: its tokens wait', async () => {
  const { root } = await world();
  const { token } = await root();
  const { authenticator } = await world({
    trust: {
      issuers: new Map([[issuer, () => Promise.reject(new Error('no network'))]]),
      audience: issuer,
      tenant: 't',
      maxLifetimeMs: 900_000,
    },
  });
  expect(await code(() => authenticator.authenticate(token, now))).toBe('credentials.unavailable');
});

test('a JWT that its issuer bound to a key needs a proof as well; bound in another way, it is refused', async () => {
  const { app, presented, revocations } = await world();
  const pair = await generateKeyPair('ES256');
  const authenticator = createAuthenticator(
    't',
    [],
    [
      {
        issuer,
        audience: 'notes',
        keys: async () => pair.publicKey,
        subjectType: 'user',
        purposes: [],
        defaultPurpose: undefined,
      },
    ],
    { trust: undefined, revocations, replays: memoryReplays() },
  );
  const bound = (cnf: object) =>
    new SignJWT({ sub: 'eve', iss: issuer, aud: 'notes', cnf })
      .setProtectedHeader({ alg: 'ES256' })
      .setExpirationTime(seconds + 600)
      .sign(pair.privateKey);
  const token = await bound({ jkt: app.thumbprint });
  expect(await code(() => authenticator.authenticate(token, now))).toBe('credentials.proof');
  expect(await authenticator.authenticate(token, now, await presented(token))).toMatchObject({
    id: 'eve',
    proof: 'dpop',
  });
  expect(await code(async () => authenticator.authenticate(await bound({ 'x5t#S256': 'x' }), now))).toBe(
    'credentials.invalid',
  );
  await revocations.revoke(revokedKey(app.thumbprint), now.getTime() + 1);
  expect(await code(async () => authenticator.authenticate(token, now, await presented(token)))).toBe('revoked');
});
