import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import canonicalize from 'canonicalize';
import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { loadSetup } from '../../gateway/setup.ts';
import { tokenFindings } from '../../gateway/tokens.ts';
import { tokensOf } from '../../gateway/wire.ts';
import { makeProof } from '../../policies/tokens/possession.ts';
import { gatewayForTest } from './start.ts';
import { granted, newKey, newSigner, tokensForTest } from './tokens-world.ts';

const sha = (text: string) => createHash('sha256').update(text).digest('base64url');
const add = (times: number) => ({ text: 'x', times });

test('a token is who it says, with no more than it grants, and every link of it is in the record', async () => {
  const { gateway, app, agent, mint, handOn, send } = await tokensForTest();
  const { token, id } = await mint();
  const call = (path: string, body: unknown) => send(token, app, 'POST', `/v1/intents/${path}`, body);
  const done = await call('notes.add', add(10));
  expect(done.status).toBe(200);
  expect(await call('notes.add', add(11))).toMatchObject({
    status: 403,
    body: { code: 'policy.denied', detail: 'This token carries notes.add only with /times at most 10.' },
  });
  expect(await call('notes.add', { text: 'x' })).toMatchObject({
    status: 403,
    body: { detail: 'This token carries notes.add only with /times at most 10, and it is not given.' },
  });
  // The writer may, and this token may not: it is as if it were not there.
  expect(await call('notes.list', {})).toMatchObject({ status: 404, body: { code: 'intent.unknown' } });
  const { body } = await send(token, app, 'GET', '/v1/intents');
  expect(body.intents.map(({ intent }: { intent: string }) => intent).sort()).toEqual([
    'notes.add',
    'notes.get',
    'notes.wipe',
  ]);

  const less = await handOn(token, app, agent, {
    details: [granted({ intents: ['notes.add@1'], limits: { 'notes.add@1': { '/times': { lte: 2 } } } })],
  });
  expect((await send(less.token, agent, 'POST', '/v1/intents/notes.add', add(2))).status).toBe(200);
  const refused = await send(less.token, agent, 'POST', '/v1/intents/notes.add', add(3));
  expect(refused).toMatchObject({ status: 403, body: { code: 'policy.denied' } });
  expect((await send(less.token, agent, 'POST', '/v1/intents/notes.get', { note_id: 'N-1' })).status).toBe(404);

  const [entry] = (await gateway.entries(String(refused.headers['ostiary-request-id']))).filter(
    ({ kind }) => kind === 'outcome',
  );
  expect(entry).toMatchObject({
    principal: {
      id: 'writer',
      credential: less.id,
      links: [
        { id, key: app.thumbprint },
        { id: less.id, key: agent.thumbprint },
      ],
      proof: 'dpop',
    },
    decision: { why: 'link 1 of the token limits notes.add@1 to /times at most 2', footprint: { token: [[{}], [{}]] } },
  });
  expect(JSON.stringify(gateway.onDisk())).not.toContain(less.token.slice(-40));
  expect(gateway.received.filter(({ method }) => method === 'POST')).toHaveLength(2);
});

describe('a token that is bound to a key', () => {
  const proved = async () => {
    const world = await tokensForTest();
    const { token } = await world.mint();
    const { gateway, app } = world;
    const path = '/v1/intents/notes.get';
    const proof = (more: object = {}, by = app, now = new Date(), jti: string = randomUUID()) =>
      makeProof(by, { method: 'POST', url: `${gateway.url}${path}`, credential: token, ...more }, { jti, now });
    const send = async (made: string | undefined, headers: Record<string, string> = {}) => {
      const { status, body } = await gateway.call(
        'POST',
        path,
        { note_id: 'N-1' },
        {
          key: null,
          headers: { authorization: `DPoP ${token}`, ...(made === undefined ? {} : { dpop: made }), ...headers },
        },
      );
      return [status, body.code, body.detail];
    };
    return { ...world, token, path, proof, send };
  };

  test('is nothing without a proof that is fresh, new, and for this very request', async () => {
    const { gateway, app, token, path, proof, send } = await proved();
    const stranger = await newSigner();
    const ago = (ms: number) => new Date(Date.now() - ms);
    const withHeader = async (header: object, claims: object = {}) =>
      new SignJWT({
        jti: randomUUID(),
        htm: 'POST',
        htu: `${gateway.url}${path}`,
        iat: Math.floor(Date.now() / 1_000),
        ath: sha(token),
        ...claims,
      })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'dpop+jwt', jwk: app.publicJwk, ...header } as never)
        .sign(app.key);
    const no = (detail: RegExp) => [401, 'credentials.proof', expect.stringMatching(detail)];
    expect((await send(await proof()))[0]).toBe(200);
    expect(await send(undefined)).toEqual(no(/bound to a key/));
    expect(await send('x')).toEqual(no(/no JWT/));
    expect(await send('x'.repeat(5_000))).toEqual(no(/characters/));
    expect(await send(`${await proof()}, ${await proof()}`)).toEqual(no(/does not hold/));
    expect(await send(await proof({}, stranger))).toEqual(no(/another key/));
    expect(await send(await proof({ method: 'GET' }))).toEqual(no(/"htm"/));
    expect(await send(await proof({ url: `${gateway.url}/v1/intents/notes.wipe` }))).toEqual(no(/"htu"/));
    expect(await send(await proof({ url: `https://evil.test${path}` }), { host: 'evil.test' })).toEqual(no(/"htu"/));
    expect((await send(await proof({ url: `${gateway.url}${path}?x=1#y` })))[0]).toBe(200);
    expect((await send(await proof({ url: `${gateway.url.replace('127.0.0.1', 'LOCALHOST')}${path}` })))[0]).toBe(200);
    expect(await send(await proof({ credential: `${token}x` }))).toEqual(no(/"ath"/));
    expect(await send(await withHeader({}, { ath: undefined }))).toEqual(no(/"ath"/));
    expect(await send(await proof({}, app, ago(70_000)))).toEqual(no(/"iat"/));
    expect(await send(await proof({}, app, ago(-10_000)))).toEqual(no(/"iat"/));
    expect(await send(await withHeader({}, { jti: 'short' }))).toEqual(no(/"jti"/));
    expect(await send(await withHeader({ typ: 'JWT' }))).toEqual(no(/type/));
    expect(await send(await withHeader({ jwk: undefined }))).toEqual(no(/"jwk"/));
    expect(await send(await withHeader({ jwk: { ...app.publicJwk, d: 'AAAA' } }))).toEqual(no(/"jwk"/));
    const once = await proof();
    expect((await send(once))[0]).toBe(200);
    expect(await send(once)).toEqual(no(/used before/));
    // Whoever steals both still cannot send it, whatever they change.
    const [header, body, signature] = once.split('.') as [string, string, string];
    const changed = Buffer.from(
      JSON.stringify({ ...JSON.parse(Buffer.from(body, 'base64url').toString()), jti: 'another-one' }),
    ).toString('base64url');
    expect(await send([header, changed, signature].join('.'))).toEqual(no(/does not hold/));
    expect(gateway.received).toHaveLength(4);
    await gateway.close();
    const faults = gateway.onDisk().map(({ fault }) => fault);
    for (const fault of ['missing', 'form', 'type', 'key', 'signature', 'replay', 'htm', 'htu', 'ath', 'iat'])
      expect(faults).toContain(fault);
  });

  test('of 20 that send the same proof at once, one is heard', async () => {
    const { proof, send } = await proved();
    const once = await proof();
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(once)));
    expect(answers.filter(([status]) => status === 200)).toHaveLength(1);
  });

  test('takes proofs for the address that is configured, and no other', async () => {
    const { app, mint, gateway } = await tokensForTest({ options: { listen: 'url: "https://gate.example/api/"' } });
    const { token } = await mint();
    const send = async (url: string) => {
      const dpop = await makeProof(
        app,
        { method: 'GET', url, credential: token },
        { jti: randomUUID(), now: new Date() },
      );
      return (
        await gateway.call('GET', '/v1/intents', undefined, {
          key: null,
          headers: { authorization: `DPoP ${token}`, dpop },
        })
      ).status;
    };
    expect(await send('https://gate.example/api/v1/intents')).toBe(200);
    expect(await send(`${gateway.url}/v1/intents`)).toBe(401);
  });
});

test('what is not bound to a key goes without a proof, and a proof with it is refused', async () => {
  const { gateway, app, mint, send } = await tokensForTest();
  const { token } = await mint({ cnf: undefined });
  expect((await send(token, undefined, 'GET', '/v1/intents')).status).toBe(200);
  expect(await send(token, app, 'GET', '/v1/intents')).toMatchObject({
    status: 401,
    body: { code: 'credentials.invalid' },
  });
  const dpop = await makeProof(
    app,
    { method: 'GET', url: `${gateway.url}/v1/intents` },
    { jti: randomUUID(), now: new Date() },
  );
  const withKey = await gateway.call('GET', '/v1/intents', undefined, { headers: { dpop } });
  expect(withKey).toMatchObject({ status: 401, body: { code: 'credentials.invalid' } });
});

describe('how much of a request is signed', () => {
  const asking = (level: string) => ({
    options: {
      policy: (text: string) =>
        `${text}  - { require: signed, effects: [write], obligations: [{ proof: ${level} }] }\n`,
    },
  });

  test('signed-request: the intent, the input and the purpose, as they were sent', async () => {
    const { app, mint, send } = await tokensForTest(asking('signed-request'));
    const { token } = await mint();
    const call = async (signed: object, headers: Record<string, string> = {}) => {
      const { status, body } = await send(token, app, 'POST', '/v1/intents/notes.add', add(1), { signed, headers });
      return [status, body.code, body.detail ?? ''];
    };
    const inh = sha(canonicalize(add(1)) ?? '');
    const whole = { int: 'notes.add@1', inh };
    expect(await call({})).toEqual([401, 'credentials.proof', expect.stringMatching('"signed-request"')]);
    expect((await call(whole))[0]).toBe(200);
    expect((await call({ ...whole, int: 'notes.add@1.0.0' }))[0]).toBe(200);
    expect((await call({ int: 'notes.add@1' }))[0]).toBe(401);
    expect((await call({ inh }))[0]).toBe(401);
    expect(await call({ ...whole, int: 'notes.wipe@1' })).toEqual([
      401,
      'credentials.proof',
      expect.stringMatching('"int"'),
    ]);
    expect(await call({ ...whole, inh: sha('{}') })).toEqual([
      401,
      'credentials.proof',
      expect.stringMatching('"inh"'),
    ]);
    expect(await call({ ...whole, utt: sha('x') })).toEqual([401, 'credentials.proof', expect.stringMatching('"utt"')]);
    expect(await call({ ...whole, plan: sha('x') })).toEqual([
      401,
      'credentials.proof',
      expect.stringMatching('"plan"'),
    ]);
    // A purpose that is declared must be signed as well.
    expect((await call(whole, { 'ostiary-purpose': 'work' }))[0]).toBe(401);
    expect((await call({ ...whole, goal: 'work' }, { 'ostiary-purpose': 'work' }))[0]).toBe(200);
    expect(await call({ ...whole, goal: 'work' })).toEqual([401, 'credentials.proof', expect.stringMatching('"goal"')]);
  });

  test('signed-request: the words of an ask, and what is given beside them', async () => {
    const { gateway, app, mint, send } = await tokensForTest({
      ...asking('signed-request'),
      claims: { authorization_details: [granted({ limits: {} })] },
    });
    const { token } = await mint();
    const text = 'add the note "call back"';
    const call = async (body: object, signed: object) =>
      (await send(token, app, 'POST', '/v1/ask', body, { signed })).body;
    expect(await call({ text }, {})).toMatchObject({ code: 'credentials.proof' });
    expect(await call({ text }, { utt: sha('add the note "pay them"') })).toMatchObject({ code: 'credentials.proof' });
    expect(await call({ text }, { utt: sha(text) })).toMatchObject({ outcome: 'completed' });
    expect(await call({ text, input: { times: 3 } }, { utt: sha(text) })).toMatchObject({ code: 'credentials.proof' });
    expect(await call({ text, input: { times: 3 } }, { utt: sha(text), inh: sha('{"times":3}') })).toMatchObject({
      outcome: 'completed',
    });
    expect(gateway.received).toHaveLength(2);
  });

  test('signed-plan: what was shown is signed, and only that is done', async () => {
    const { gateway, app, mint, send } = await tokensForTest(asking('signed-plan'));
    const { token } = await mint();
    const ask = () => send(token, app, 'POST', '/v1/intents/notes.add', add(1));
    const held = await ask();
    expect(held).toMatchObject({ status: 428, body: { confirmation: { plan: expect.stringMatching(/^[\w-]{43}$/) } } });
    const { id, plan } = held.body.confirmation;
    const other = (await ask()).body.confirmation;
    const answer = (signed: object, to = id, confirm = true) =>
      send(token, app, 'POST', `/v1/confirmations/${to}`, { confirm }, { signed });
    expect(await answer({})).toMatchObject({ status: 401, body: { code: 'credentials.proof', proof: 'signed-plan' } });
    expect(await answer({ plan: sha('another') })).toMatchObject({ status: 401 });
    expect(gateway.received).toHaveLength(0);
    expect(await answer({ plan })).toMatchObject({ status: 200, body: { outcome: 'completed' } });
    expect(await answer({ plan })).toMatchObject({ status: 404 });
    expect(await answer({}, other.id, false)).toMatchObject({ status: 200, body: { outcome: 'declined' } });
    expect(gateway.received).toHaveLength(1);
    // Whoever has no key can sign no plan, and is told so at once.
    const key = await gateway.call('POST', '/v1/intents/notes.add', add(1));
    expect(key).toMatchObject({ status: 401, body: { code: 'credentials.proof', proof: 'signed-plan' } });
  });

  test('a plan that was signed for a smaller thing does not let a changed one through', async () => {
    const { gateway, app, mint, send } = await tokensForTest(asking('signed-plan'));
    const { token } = await mint();
    const small = (await send(token, app, 'POST', '/v1/intents/notes.add', add(1))).body.confirmation;
    const large = (await send(token, app, 'POST', '/v1/intents/notes.add', add(9))).body.confirmation;
    expect(small.plan).not.toBe(large.plan);
    const swapped = await send(
      token,
      app,
      'POST',
      `/v1/confirmations/${large.id}`,
      { confirm: true },
      { signed: { plan: small.plan } },
    );
    expect(swapped).toMatchObject({ status: 401, body: { code: 'credentials.proof' } });
    expect(gateway.received).toHaveLength(0);
  });
});

test('whom a token was handed on to is an agent, and no second person for its owner', async () => {
  const { gateway, app, agent, mint, handOn, send } = await tokensForTest({
    options: {
      policy: (text) =>
        `${text}  - { deny: no-agents, can: [wipe], when: { /ctx/agent: { eq: true } }, reason: Wiping is for people. }
  - { require: short-chains, effects: [write], when: { /chain/depth: { gt: 1 } }, obligations: [{ confirm: { by: self } }] }
`,
    },
  });
  const { token } = await mint();
  const once = await handOn(token, app, agent);
  const twice = await handOn(once.token, agent, app);
  expect((await send(token, app, 'POST', '/v1/intents/notes.wipe', {})).status).toBe(428);
  expect(await send(once.token, agent, 'POST', '/v1/intents/notes.wipe', {})).toMatchObject({
    status: 403,
    body: { detail: 'Wiping is for people.' },
  });
  expect((await send(once.token, agent, 'POST', '/v1/intents/notes.add', add(1))).status).toBe(200);
  expect((await send(twice.token, app, 'POST', '/v1/intents/notes.add', add(1))).status).toBe(428);
  expect(gateway.received).toHaveLength(1);
});

test('an agent says yes to what it asked itself, and sees nothing that its owner or another agent was asked', async () => {
  const { gateway, app, agent, mint, handOn, send } = await tokensForTest();
  const { token } = await mint();
  const mine = (await handOn(token, app, agent)).token;
  const another = await newSigner();
  const theirs = (await handOn(token, app, another)).token;
  const wipe = async (one: string, by: typeof app) =>
    (await send(one, by, 'POST', '/v1/intents/notes.wipe', {})).body.confirmation.id as string;
  const [owners, agents] = [await wipe(token, app), await wipe(mine, agent)];
  const listed = async (one: string, by: typeof app) =>
    (await send(one, by, 'GET', '/v1/confirmations')).body.confirmations.map(({ id }: { id: string }) => id).sort();
  const yes = async (one: string, by: typeof app, id: string) =>
    (await send(one, by, 'POST', `/v1/confirmations/${id}`, { confirm: true })).status;
  expect(await listed(mine, agent)).toEqual([agents]);
  expect(await listed(theirs, another)).toEqual([]);
  expect(await listed(token, app)).toEqual([agents, owners].sort());
  expect([await yes(mine, agent, owners), await yes(theirs, another, agents)]).toEqual([404, 404]);
  expect(gateway.received).toEqual([]);
  expect([await yes(mine, agent, agents), await yes(token, app, owners)]).toEqual([200, 200]);
});

test('the Idempotency-Key of an owner gives an agent no answer', async () => {
  const { gateway, app, agent, mint, handOn, send } = await tokensForTest();
  const { token } = await mint();
  const mine = (await handOn(token, app, agent)).token;
  const headers = { 'idempotency-key': randomUUID() };
  expect((await send(token, app, 'POST', '/v1/intents/notes.add', add(1), { headers })).status).toBe(200);
  expect((await send(token, app, 'POST', '/v1/intents/notes.add', add(1), { headers })).status).toBe(200);
  expect(gateway.received).toHaveLength(1);
  expect((await send(mine, agent, 'POST', '/v1/intents/notes.add', add(1), { headers })).status).toBe(200);
  expect(gateway.received).toHaveLength(2);
});

test.each([
  ['two links that are none', 'a~b', 'form'],
  ['a long one of such', `${'a'.repeat(4_000)}.b.c~${'d'.repeat(4_000)}.e.f`, 'form'],
  ['six links', 'a.b.c~a.b.c~a.b.c~a.b.c~a.b.c~a.b.c', 'depth'],
])('%s: a precise refusal, recorded, and nothing done', async (_name, token, invariant) => {
  const { gateway, send } = await tokensForTest();
  const { status, body, headers } = await send(token, undefined, 'POST', '/v1/intents/notes.add', add(1));
  expect([status, body]).toMatchObject([401, { code: 'credentials.invalid', invariant }]);
  expect(await gateway.entries(String(headers['ostiary-request-id']))).toMatchObject([
    { outcome: 'denied', code: 'credentials.invalid' },
  ]);
  expect(gateway.received).toEqual([]);
});

test('a plan can be signed with the yes that is said in a conversation', async () => {
  const { gateway, app, mint, send } = await tokensForTest({
    options: {
      policy: (text) =>
        `${text}  - { require: signed, effects: [destructive], obligations: [{ proof: signed-plan }] }\n`,
    },
    claims: { authorization_details: [granted({ limits: {} })] },
  });
  const { token } = await mint();
  const say = async (body: object, signed: object) =>
    (await send(token, app, 'POST', '/v1/ask', body, { signed })).body;
  const held = await say({ text: 'wipe all notes' }, {});
  expect(held).toMatchObject({ outcome: 'confirm' });
  const yes = { text: 'yes', session: held.session };
  expect(await say(yes, { utt: sha('yes') })).toMatchObject({ code: 'credentials.proof', proof: 'signed-plan' });
  expect(gateway.received).toEqual([]);
  expect(await say(yes, { utt: sha('yes'), plan: held.confirmation.plan })).toMatchObject({ outcome: 'completed' });
  expect(gateway.received).toHaveLength(1);
});

test('keys change over: the first of them signs, and what another of them signed is good until it ends', async () => {
  const { gateway, app, mint, send } = await tokensForTest();
  const { token } = await mint();
  const works = async () => (await send(token, app, 'GET', '/v1/intents')).status;
  const config = join(gateway.folder, 'ostiary.yaml');
  const text = readFileSync(config, 'utf8');
  const [old = ''] = /"file:[^"]+token-key\.jwk"/.exec(text) ?? [];
  writeFileSync(join(gateway.folder, 'new.jwk'), JSON.stringify(await newKey()));
  writeFileSync(config, text.replace(old, `"file:./new.jwk", ${old}`));
  await gateway.reload();
  expect(await works()).toBe(200);
  const { body } = await gateway.call('GET', '/v1/token/keys', undefined, { key: null });
  expect(body.keys.map(({ alg }: { alg: string }) => alg)).toEqual(['EdDSA', 'ES256']);
  writeFileSync(config, text.replace(old, '"file:./new.jwk"'));
  await gateway.reload();
  expect(await works()).toBe(401);
  // A key that cannot be read stops nothing that serves.
  writeFileSync(config, text.replace(old, '"file:./none.jwk"'));
  await expect(gateway.reload()).rejects.toThrow('none.jwk cannot be read');
  const { setup } = await loadSetup(gateway.folder, {});
  if (setup === undefined) throw new Error('the set-up does not load');
  expect(await tokenFindings(tokensOf(setup), gateway.folder)).toMatchObject([
    { severity: 'error', code: 'config.tokens', message: expect.stringContaining('none.jwk cannot be read') },
  ]);
  expect((await gateway.call('GET', '/v1/intents')).status).toBe(200);
});

test('a gateway that signs no tokens takes none', async () => {
  const { mint } = await tokensForTest();
  const { token } = await mint();
  const other = await gatewayForTest();
  const answer = await other.call('GET', '/v1/intents', undefined, {
    key: null,
    headers: { authorization: `Bearer ${token}` },
  });
  expect(answer).toMatchObject({
    status: 401,
    body: { code: 'credentials.invalid', detail: 'This gateway takes no capability tokens.' },
  });
});
