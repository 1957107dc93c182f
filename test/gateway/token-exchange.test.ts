import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Signer, thumbprintOf } from '../../policies/tokens/keys.ts';
import { makeProof } from '../../policies/tokens/possession.ts';
import { gatewayForTest } from './start.ts';
import { issuer, newSigner, tokensForTest } from './tokens-world.ts';

const idp = 'https://login.test';
const grant = 'urn:ietf:params:oauth:grant-type:token-exchange';
const jwtType = 'urn:ietf:params:oauth:token-type:jwt';

/** A gateway that knows an identity provider, and exchanges its tokens. */
const exchanging = async (tokens = '') => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-idp-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  writeFileSync(
    join(folder, 'jwks.json'),
    JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }] }),
  );
  const world = await tokensForTest({
    options: { issuers: `{ issuer: "${idp}", audience: notes, jwks: "file:${folder}/jwks.json" }` },
    tokens,
  });
  const login = (claims: object = {}, lifetime = '20m') =>
    new SignJWT({ sub: 'eve', iss: idp, aud: 'notes', roles: ['writer'], purposes: ['work'], ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'k' })
      .setExpirationTime(lifetime)
      .sign(privateKey);
  const post = async (path: string, form: Record<string, string> | string, headers: Record<string, string> = {}) =>
    world.gateway.call('POST', path, typeof form === 'string' ? form : new URLSearchParams(form).toString(), {
      key: null,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });
  const exchange = async (more: Record<string, string> = {}, by?: Signer) =>
    post(
      '/v1/token',
      { grant_type: grant, subject_token: await login(), subject_token_type: jwtType, ...more },
      by === undefined
        ? {}
        : {
            dpop: await makeProof(
              by,
              { method: 'POST', url: `${world.gateway.url}/v1/token` },
              { jti: randomUUID(), now: new Date() },
            ),
          },
    );
  return { ...world, login, post, exchange };
};

test('a login becomes a token for its subject: bound to a key, with what they may call, for no longer', async () => {
  const { gateway, app, agent, exchange, login, send, handOn } = await exchanging();
  const { status, body, headers } = await exchange({}, app);
  expect(status).toBe(200);
  expect(headers['cache-control']).toBe('no-store');
  expect(body).toEqual({
    access_token: expect.any(String),
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    token_type: 'DPoP',
    expires_in: 900,
    authorization_details: [
      {
        type: 'intent_capability',
        intents: ['notes.add@1', 'notes.get@1', 'notes.list@1', 'notes.wipe@1'],
        purposes: ['work'],
      },
    ],
  });
  const token = body.access_token as string;
  expect(decodeJwt(token)).toMatchObject({
    iss: issuer,
    aud: issuer,
    sub: 'eve',
    sub_type: 'user',
    roles: ['writer'],
    del_max_depth: 4,
    cnf: { jwk: app.publicJwk },
  });
  expect((await send(token, app, 'POST', '/v1/intents/notes.add', { text: 'x' })).status).toBe(200);
  const less = await handOn(token, app, agent, { details: [{ type: 'intent_capability', intents: ['notes.get@1'] }] });
  expect((await send(less.token, agent, 'POST', '/v1/intents/notes.get', { note_id: 'N-1' })).status).toBe(200);
  expect((await send(less.token, agent, 'POST', '/v1/intents/notes.add', { text: 'x' })).status).toBe(404);

  const [entry] = await gateway.entries(String(headers['ostiary-request-id']));
  expect(entry).toMatchObject({
    asked: 'token exchange',
    outcome: 'completed',
    principal: { id: 'eve' },
    token: { link: expect.stringMatching(/^[\w-]{43}$/), bound: true },
  });
  expect(JSON.stringify(gateway.onDisk())).not.toContain(token);
  const short = await exchange({ subject_token: await login({}, '1m') });
  expect(short.body.expires_in).toBeLessThanOrEqual(60);
  expect(short.body.token_type).toBe('Bearer');
});

test('only what is asked for is given, with its limits', async () => {
  const { app, exchange, send } = await exchanging();
  const details = [
    { type: 'intent_capability', intents: ['notes.add@1'], limits: { 'notes.add@1': { '/times': { lte: 3 } } } },
  ];
  const { body } = await exchange({ authorization_details: JSON.stringify(details) }, app);
  expect(body.authorization_details).toEqual([{ ...details[0], purposes: ['work'] }]);
  const call = async (input: object) =>
    (await send(body.access_token, app, 'POST', '/v1/intents/notes.add', input)).status;
  expect(await call({ text: 'x', times: 3 })).toBe(200);
  expect(await call({ text: 'x', times: 4 })).toBe(403);
});

test('who acts for the subject stands in the token, and counts as an agent', async () => {
  const { app, exchange, login } = await exchanging();
  const { body } = await exchange({ actor_token: await login({ sub: 'helper' }), actor_token_type: jwtType }, app);
  expect(decodeJwt(body.access_token)).toMatchObject({ sub: 'eve', act: { sub: 'helper' } });
  const nested = await exchange(
    {
      subject_token: await login({ act: { sub: 'first' } }),
      actor_token: await login({ sub: 'helper' }),
      actor_token_type: jwtType,
    },
    app,
  );
  expect(decodeJwt(nested.body.access_token)).toMatchObject({ act: { sub: 'helper', act: { sub: 'first' } } });
});

test('a login that is narrowed stays so, and can name nothing of a token for itself', async () => {
  const { app, exchange, login, send } = await exchanging();
  const { body } = await exchange(
    {
      subject_token: await login({
        capabilities: ['read'],
        del_max_depth: 9,
        tenant: 'x',
        sub_type: 'boss',
        cnf: undefined,
      }),
    },
    app,
  );
  expect(decodeJwt(body.access_token)).toMatchObject({
    capabilities: ['read'],
    del_max_depth: 4,
    tenant: 'default',
    sub_type: 'user',
  });
  expect(body.authorization_details[0].intents).toEqual(['notes.get@1']);
  expect((await send(body.access_token, app, 'POST', '/v1/intents/notes.add', { text: 'x' })).status).toBe(404);
});

describe('no token is given', () => {
  const detail = (more: object) => ({
    authorization_details: JSON.stringify([{ type: 'intent_capability', ...more }]),
  });
  test.each([
    ['for another grant', { grant_type: 'client_credentials' }, 'unsupported_grant_type'],
    ['without a subject', { subject_token: '' }, 'invalid_request'],
    ['for a type that is not known', { subject_token_type: 'urn:x' }, 'invalid_request'],
    ['of another type', { requested_token_type: 'urn:ietf:params:oauth:token-type:saml2' }, 'invalid_request'],
    ['for somebody else', { audience: 'https://other.test' }, 'invalid_target'],
    ['for a scope', { scope: 'all' }, 'invalid_scope'],
    ['for a JWT that is none', { subject_token: 'a.b.c' }, 'invalid_grant'],
    ['for an API key', { subject_token: 'key-writer' }, 'invalid_grant'],
    ['for an actor that is not known', { actor_token: 'a.b.c', actor_token_type: jwtType }, 'invalid_grant'],
    ['for details that are no JSON', { authorization_details: '{' }, 'invalid_authorization_details'],
    ['for details of no kind', { authorization_details: '[{"type":"payment"}]' }, 'invalid_authorization_details'],
    [
      'for an unknown constraint',
      detail({ intents: ['notes.add@1'], limits: { 'notes.add@1': { '/times': { below: 3 } } } }),
      'invalid_authorization_details',
    ],
    ['for what the subject may not call', detail({ intents: ['notes.hidden@1'] }), 'invalid_authorization_details'],
    ['for what is not there', detail({ intents: ['notes.burn@1'] }), 'invalid_authorization_details'],
    ['for another purpose', detail({ purposes: ['play'] }), 'invalid_authorization_details'],
  ])('%s', async (_name, more, error) => {
    const { gateway, exchange } = await exchanging();
    const { status, body, headers } = await exchange(more as Record<string, string>);
    expect({ status, body }).toMatchObject({
      status: 400,
      body: { error, code: 'token.refused', error_description: expect.any(String) },
    });
    expect(String(headers['content-type'])).toMatch(/^application\/json/);
    expect(await gateway.entries(String(headers['ostiary-request-id']))).toMatchObject([
      { outcome: 'failed', code: 'token.refused' },
    ]);
  });

  test('for a token, so that none lives on by itself; nor twice in one form, nor as JSON, nor with a wrong proof', async () => {
    const { gateway, app, exchange, post, login } = await exchanging();
    const { token_type: type, access_token: token } = (await exchange()).body;
    expect(type).toBe('Bearer');
    expect((await exchange({ subject_token: token })).body).toMatchObject({ error: 'invalid_grant' });
    expect((await post('/v1/token', 'grant_type=a&grant_type=b')).body).toMatchObject({ error: 'invalid_request' });
    const json = await gateway.call('POST', '/v1/token', { grant_type: grant }, { key: null });
    expect(json.body).toMatchObject({ error: 'invalid_request' });
    expect((await post('/v1/token', { grant_type: grant }, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post('/v1/token', 'x'.repeat(70_000))).status).toBe(413);
    const dpop = await makeProof(
      app,
      { method: 'POST', url: `${gateway.url}/v1/ask` },
      { jti: randomUUID(), now: new Date() },
    );
    const wrong = await post(
      '/v1/token',
      { grant_type: grant, subject_token: await login(), subject_token_type: jwtType },
      { dpop },
    );
    expect(wrong).toMatchObject({ status: 401, body: { code: 'credentials.proof' } });
    expect((await gateway.call('GET', '/v1/token')).status).toBe(405);
  });

  test('where a gateway has no key for them', async () => {
    const gateway = await gatewayForTest();
    const answer = await gateway.call('POST', '/v1/token', `grant_type=${grant}`, {
      key: null,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(answer).toMatchObject({ status: 400, body: { error: 'unsupported_grant_type' } });
  });
});

test('another gateway takes the tokens of this one by the keys that it shows', async () => {
  const { gateway, app, exchange } = await exchanging();
  const { body } = await exchange({}, app);
  const keys = await gateway.call('GET', '/v1/token/keys', undefined, { key: null });
  expect(keys.body.keys).toHaveLength(1);
  expect(JSON.stringify(keys.body)).not.toContain('"d"');
  const other = await gatewayForTest({
    tokens: `{ issuer: "https://other.test", audience: "${issuer}", trust: [{ issuer: "${issuer}", jwks: "${gateway.url}/v1/token/keys" }] }`,
  });
  const path = '/v1/intents';
  const dpop = await makeProof(
    app,
    { method: 'GET', url: `${other.url}${path}`, credential: body.access_token },
    { jti: randomUUID(), now: new Date() },
  );
  const answer = await other.call('GET', path, undefined, {
    key: null,
    headers: { authorization: `DPoP ${body.access_token}`, dpop },
  });
  expect(answer.status).toBe(200);
});

describe('revoking', () => {
  const revoking = async () => {
    const world = await exchanging('revokers: [other]');
    const { app, agent, handOn, exchange, send, post, login } = world;
    const token = (await exchange({}, app)).body.access_token as string;
    const less = await handOn(token, app, agent);
    const works = async (one: string, by: Signer) => (await send(one, by, 'GET', '/v1/intents')).status === 200;
    const bearer = async (credential: string) => ({ authorization: `Bearer ${credential}` });
    const asHolder = async (form: Record<string, string>, credential: string, by: Signer) => {
      const proof = await makeProof(
        by,
        { method: 'POST', url: `${world.gateway.url}/v1/token/revoke`, credential },
        { jti: randomUUID(), now: new Date() },
      );
      return post('/v1/token/revoke', form, { authorization: `DPoP ${credential}`, dpop: proof });
    };
    const asOther = (form: Record<string, string>, key = 'other') =>
      post('/v1/token/revoke', form, { authorization: `Bearer key-${key}` });
    return { ...world, token, less, works, bearer, asHolder, asOther, login };
  };

  test('who handed it on takes it back, and keeps their own', async () => {
    const { gateway, app, agent, token, less, works, asHolder } = await revoking();
    expect(await works(less.token, agent)).toBe(true);
    const answer = await asHolder({ token: less.token }, token, app);
    expect(answer).toMatchObject({ status: 200, body: { revoked: [`link:${less.id}`] } });
    expect([await works(less.token, agent), await works(token, app)]).toEqual([false, true]);
    expect(await gateway.entries(String(answer.headers['ostiary-request-id']))).toMatchObject([
      { asked: 'token revocation', revoked: [`link:${less.id}`] },
    ]);
    // It holds over a reload.
    await gateway.reload();
    expect(await works(less.token, agent)).toBe(false);
  });

  test('its holder gives it up, and cannot take that of whoever it came from', async () => {
    const { app, agent, token, less, works, asHolder } = await revoking();
    expect(await asHolder({ token }, less.token, agent)).toMatchObject({
      status: 400,
      body: { error: 'unauthorized_client' },
    });
    expect((await asHolder({ token: less.token }, less.token, agent)).status).toBe(200);
    expect([await works(less.token, agent), await works(token, app)]).toEqual([false, true]);
  });

  test('its subject ends it, root and all; somebody else does not, nor who acts for the subject', async () => {
    const { app, agent, token, less, works, post, login } = await revoking();
    const as = async (claims: object) =>
      post('/v1/token/revoke', { token }, { authorization: `Bearer ${await login(claims)}` });
    expect(await as({ sub: 'mallory' })).toMatchObject({ status: 400, body: { error: 'unauthorized_client' } });
    expect(await as({ act: { sub: 'helper' } })).toMatchObject({ status: 400, body: { error: 'unauthorized_client' } });
    expect((await as({})).status).toBe(200);
    expect([await works(token, app), await works(less.token, agent)]).toEqual([false, false]);
  });

  test('a key that may revoke anything does so by name; no other does', async () => {
    const { app, agent, token, less, works, asOther, exchange } = await revoking();
    expect(await asOther({ link: less.id }, 'writer')).toMatchObject({
      status: 400,
      body: { error: 'unauthorized_client' },
    });
    expect((await asOther({ link: less.id })).status).toBe(200);
    expect([await works(less.token, agent), await works(token, app)]).toEqual([false, true]);
    const key = await thumbprintOf(app.publicJwk);
    expect((await asOther({ key })).body).toEqual({ revoked: [`key:${key}`] });
    expect(await works(token, app)).toBe(false);
    // A new token for the same key is none either.
    expect(await works((await exchange({}, app)).body.access_token, app)).toBe(false);
  });

  test.each([
    ['nothing', {}],
    ['two things', { link: 'a'.repeat(43), key: 'b'.repeat(43) }],
    ['no name', { link: 'x' }],
    ['no token', { token: 'a~b' }],
  ])('%s: a precise refusal', async (_name, form) => {
    const { asOther } = await revoking();
    expect(await asOther(form as Record<string, string>)).toMatchObject({
      status: 400,
      body: { error: 'invalid_request', code: 'token.refused' },
    });
  });

  test('without a credential nothing is revoked', async () => {
    const { post, token, app, works } = await revoking();
    expect(await post('/v1/token/revoke', { token })).toMatchObject({
      status: 401,
      body: { error: 'invalid_client', code: 'credentials.missing' },
    });
    const stranger = await newSigner();
    expect(await works(token, stranger)).toBe(false);
    expect(await works(token, app)).toBe(true);
  });
});
