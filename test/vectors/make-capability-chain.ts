// Writes capability-chain.json: tokens with fixed keys and a fixed clock, good ones and every invariant broken alone. They
// are put together by hand here, claim by claim, so that what verifies them is not what made them. "npm run format" lays it out.
import { createPrivateKey, createPublicKey, hash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { importJWK, SignJWT } from 'jose';

type Claims = Record<string, unknown>;
export interface Ask {
  readonly intent: string;
  readonly purpose: string | null;
  readonly input: Record<string, unknown>;
  readonly within: boolean;
}
export interface Case {
  readonly name: string;
  readonly chain: string;
  /** Left out, the time of the file. */
  readonly now?: string;
  readonly expect:
    | { readonly valid: true; readonly delegations: number; readonly purposes: readonly string[] }
    | { readonly valid: false; readonly invariant: string; readonly link?: number };
  readonly asks?: readonly Ask[];
}

const now = 1_795_428_000; // 2026-11-23T10:00:00Z
const issuer = 'https://gate.test';

/** Ed25519, whose signatures are the same each time (RFC 8032). */
const keyOf = async (name: string) => {
  const seed = hash('sha256', `capability-chain ${name}`, 'buffer');
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const secret = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const { kty, crv, x, d } = secret.export({ format: 'jwk' });
  const jwk = createPublicKey(secret).export({ format: 'jwk' }) as { kty: string; crv: string; x: string };
  return {
    jwk: { kty: jwk.kty, crv: jwk.crv, x: jwk.x },
    all: { kty, crv, x, d },
    key: await importJWK({ kty: 'OKP', crv: 'Ed25519', x: x ?? '', d: d ?? '' }, 'EdDSA'),
  };
};
type Key = Awaited<ReturnType<typeof keyOf>>;

const sign = (claims: Claims, { key }: Key, header: Claims) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', ...header } as { alg: string }).sign(key);
const idOf = (jws: string) => hash('sha256', jws.slice(0, jws.lastIndexOf('.')), 'base64url');
const encoded = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

export const makeVectors = async () => {
  const [issuing, app, agent, helper, fourth, fifth, stranger] = (await Promise.all(
    ['issuer', 'app', 'agent', 'helper', 'fourth', 'fifth', 'stranger'].map(keyOf),
  )) as [Key, Key, Key, Key, Key, Key, Key];
  const limits = { 'orders.refund@2': { '/amount': { gte: 1, lte: 200 }, '/currency': { in: ['EUR', 'USD'] } } };
  const detail = (more: Claims = {}) => ({
    type: 'intent_capability',
    intents: ['orders.get@1', 'orders.refund@2'],
    purposes: ['service', 'finance/reconcile'],
    limits,
    ...more,
  });
  const rootClaims = (more: Claims = {}): Claims => ({
    iss: issuer,
    sub: 'dana',
    sub_type: 'user',
    tenant: 'shop',
    roles: ['desk'],
    aud: issuer,
    iat: now - 60,
    exp: now + 840,
    jti: 'root-1',
    authorization_details: [detail()],
    cnf: { jwk: app.jwk },
    del_depth: 0,
    del_max_depth: 4,
    ...more,
  });
  const root = (more: Claims = {}, signer = issuing, header: Claims = {}) =>
    sign(rootClaims(more), signer, { typ: 'intent-cap+jwt', kid: 'issuer', ...header });
  const linkClaims = (parent: string, depth: number, to: Key, more: Claims = {}): Claims => ({
    jti: `link-${depth}`,
    iat: now - 30,
    exp: now + 600,
    cnf: { jwk: to.jwk },
    del_depth: depth,
    par_hash: idOf(parent),
    ...more,
  });
  const link = (parent: string, depth: number, by: Key, to: Key, more: Claims = {}, header: Claims = {}) =>
    sign(linkClaims(parent, depth, to, more), by, { typ: 'intent-cap-link+jwt', ...header });

  const first = await root();
  const open = [{ type: 'intent_capability', intents: ['orders.refund@2'], purposes: ['service'] }];
  const narrow = {
    authorization_details: [
      {
        type: 'intent_capability',
        intents: ['orders.refund@2'],
        purposes: ['service/ticket'],
        limits: { 'orders.refund@2': { '/amount': { lte: 50 } } },
      },
    ],
  };
  const second = await link(first, 1, app, agent, narrow);
  /** A link below the usual root, with one thing changed. */
  const after = async (more: Claims, header: Claims = {}, by = app) =>
    `${first}~${await link(first, 1, by, agent, more, header)}`;
  const granting = (more: Claims) => ({ authorization_details: [{ type: 'intent_capability', ...more }] });

  const cases: Case[] = [];
  const valid = (name: string, chain: string, delegations: number, purposes: string[], more: Partial<Case> = {}) =>
    cases.push({ name, chain, expect: { valid: true, delegations, purposes }, ...more });
  const refused = (name: string, chain: string, invariant: string, at?: number, more: Partial<Case> = {}) =>
    cases.push({
      name,
      chain,
      expect: { valid: false, invariant, ...(at === undefined ? {} : { link: at }) },
      ...more,
    });
  const ask = (within: boolean, intent: string, purpose: string | null, input: Record<string, unknown>): Ask => ({
    intent,
    purpose,
    input,
    within,
  });
  const both = ['service', 'finance/reconcile'];

  valid('a root', first, 0, both, {
    asks: [
      ask(true, 'orders.get@1', 'service', {}),
      ask(true, 'orders.get@1', 'service/ticket', {}),
      ask(true, 'orders.get@1', 'finance/reconcile', {}),
      ask(false, 'orders.get@1', 'finance', {}),
      ask(false, 'orders.get@1', null, {}),
      ask(false, 'orders.purge@1', 'service', {}),
      ask(true, 'orders.refund@2', 'service', { amount: 200, currency: 'EUR' }),
      ask(false, 'orders.refund@2', 'service', { amount: 200.01, currency: 'EUR' }),
      ask(false, 'orders.refund@2', 'service', { amount: 0, currency: 'EUR' }),
      ask(false, 'orders.refund@2', 'service', { amount: 5, currency: 'GBP' }),
      ask(false, 'orders.refund@2', 'service', { amount: 5 }),
      ask(false, 'orders.refund@2', 'service', { amount: '5', currency: 'EUR' }),
      ask(false, 'orders.refund@2', 'service', { amount: [5], currency: 'EUR' }),
      ask(false, 'orders.refund@2', 'service', { amount: null, currency: 'EUR' }),
    ],
  });
  valid('a root for any holder', await root({ cnf: undefined }), 0, both);
  valid('a root for several audiences', await root({ aud: ['https://other.test', issuer] }), 0, both);
  valid('a root without a tenant', await root({ tenant: undefined }), 0, both);
  valid('a root for no purpose', await root({ authorization_details: [detail({ purposes: [] })] }), 0, [], {
    asks: [ask(true, 'orders.get@1', null, {}), ask(false, 'orders.get@1', 'service', {})],
  });
  valid('handed on, with less', `${first}~${second}`, 1, ['service/ticket'], {
    asks: [
      ask(true, 'orders.refund@2', 'service/ticket', { amount: 50, currency: 'EUR' }),
      ask(false, 'orders.refund@2', 'service/ticket', { amount: 51, currency: 'EUR' }),
      // What a link does not say, the one before it still does.
      ask(false, 'orders.refund@2', 'service/ticket', { amount: 0.5, currency: 'EUR' }),
      ask(false, 'orders.refund@2', 'service/ticket', { amount: 50, currency: 'GBP' }),
      ask(false, 'orders.refund@2', 'service', { amount: 5, currency: 'EUR' }),
      ask(false, 'orders.get@1', 'service/ticket', {}),
    ],
  });
  valid('handed on as it is', await after({}), 1, both, {
    asks: [
      ask(true, 'orders.get@1', 'service', {}),
      ask(false, 'orders.refund@2', 'service', { amount: 201, currency: 'EUR' }),
    ],
  });
  valid('a link that names only an intent', await after(granting({ intents: ['orders.get@1'] })), 1, both);
  valid('a link that names only a purpose', await after(granting({ purposes: ['service'] })), 1, ['service']);
  valid('a link that leaves a limit out still has it', await after({ authorization_details: open }), 1, ['service'], {
    asks: [
      ask(false, 'orders.refund@2', 'service', { amount: 201, currency: 'EUR' }),
      ask(true, 'orders.refund@2', 'service', { amount: 200, currency: 'EUR' }),
    ],
  });
  valid(
    'a limit that becomes one value',
    await after(granting({ limits: { 'orders.refund@2': { '/amount': { eq: 20 } } } })),
    1,
    both,
    {
      asks: [
        ask(true, 'orders.refund@2', 'service', { amount: 20, currency: 'EUR' }),
        ask(false, 'orders.refund@2', 'service', { amount: 21, currency: 'EUR' }),
      ],
    },
  );
  valid(
    'a limit on another field',
    await after(granting({ limits: { 'orders.refund@2': { '/order_id': { in: ['A-1', 'A-2'] } } } })),
    1,
    both,
    {
      asks: [
        ask(true, 'orders.refund@2', 'service', { amount: 20, currency: 'EUR', order_id: 'A-1' }),
        ask(false, 'orders.refund@2', 'service', { amount: 20, currency: 'EUR', order_id: 'A-3' }),
      ],
    },
  );
  valid(
    'a narrower audience',
    await (async () => {
      const wide = await root({ aud: [issuer, 'https://other.test'] });
      return `${wide}~${await link(wide, 1, app, agent, { aud: issuer })}`;
    })(),
    1,
    both,
  );
  valid(
    'two details, each for its own purpose',
    await root({
      authorization_details: [
        detail({ intents: ['orders.get@1'], purposes: ['service'], limits: {} }),
        detail({ purposes: ['finance'] }),
      ],
    }),
    0,
    ['service', 'finance'],
    {
      asks: [
        ask(true, 'orders.get@1', 'service', {}),
        ask(false, 'orders.refund@2', 'service', { amount: 5, currency: 'EUR' }),
        ask(true, 'orders.refund@2', 'finance', { amount: 5, currency: 'EUR' }),
      ],
    },
  );
  const third = await link(second, 2, agent, helper, { exp: now + 500 });
  const fourthLink = await link(third, 3, helper, fourth, { exp: now + 400 });
  const fifthLink = await link(fourthLink, 4, fourth, fifth, { exp: now + 300 });
  const deepest = [first, second, third, fourthLink, fifthLink].join('~');
  valid('handed on twice', [first, second, third].join('~'), 2, ['service/ticket']);
  valid('handed on as often as may be', deepest, 4, ['service/ticket'], {
    asks: [
      ask(true, 'orders.refund@2', 'service/ticket', { amount: 50, currency: 'EUR' }),
      ask(false, 'orders.refund@2', 'service/ticket', { amount: 60, currency: 'EUR' }),
    ],
  });
  valid('handed on to the same key', await after({ cnf: { jwk: app.jwk } }), 1, both);

  refused('nothing at all', '', 'form', 0);
  refused('no JWS', 'a.b', 'form', 0);
  refused('a header that is no JSON', `${encoded('no')}.${encoded('{}')}.AA`, 'form', 0);
  refused('a payload that is no object', `${encoded({ alg: 'EdDSA' })}.${encoded('[]')}.AA`, 'form', 0);
  refused('a link that is no JWS', `${first}~x`, 'form', 1);
  refused('an empty link at the end', `${first}~`, 'form', 1);
  refused('a link in front of its root', `${second}~${first}`, 'issuer', 0);
  refused('longer than is read', `${first}~${'a'.repeat(9_000)}.a.a`, 'size');
  refused('one link more than any token may have', `${deepest}~${await link(fifthLink, 5, fifth, stranger)}`, 'depth');
  refused('a root of an unknown issuer', await root({ iss: 'https://evil.test' }), 'issuer', 0);
  refused('a root by a key that is not of its issuer', await root({}, stranger), 'signature', 0);
  refused('a root of another type', await root({}, issuing, { typ: 'at+jwt' }), 'type', 0);
  refused('a root without a type', await root({}, issuing, { typ: undefined }), 'type', 0);
  const [, body = ''] = first.split('.');
  refused('a root that is not signed', `${encoded({ alg: 'none', typ: 'intent-cap+jwt' })}.${body}.AA`, 'algorithm', 0);
  refused(
    'a root with a shared secret',
    `${encoded({ alg: 'HS256', typ: 'intent-cap+jwt', kid: 'issuer' })}.${body}.AA`,
    'algorithm',
    0,
  );
  refused(
    'a root that asks for something unknown',
    `${encoded({ alg: 'EdDSA', typ: 'intent-cap+jwt', kid: 'issuer', crit: ['x'], x: 1 })}.${body}.${first.split('.')[2]}`,
    'critical',
    0,
  );
  refused('a root whose grant was changed', first.replace(body, encoded(rootClaims({ sub: 'boss' }))), 'signature', 0);
  refused('a root of another tenant', await root({ tenant: 'bank' }), 'tenant', 0);
  refused('a root that has expired', first, 'expiry', 0, { now: '2026-11-23T10:14:06Z' });
  refused('a root that is not valid yet', await root({ nbf: now + 60 }), 'not-before', 0);
  refused('a root from the future', await root({ iat: now + 60 }), 'issued', 0);
  refused('a root that lives too long', await root({ exp: now + 3_600 }), 'lifetime', 0);
  refused('a root for somebody else', await root({ aud: 'https://other.test' }), 'audience');
  refused('a root without a subject', await root({ sub: undefined }), 'claims', 0);
  refused('a root that never ends', await root({ exp: undefined }), 'claims', 0);
  refused('a root without an id', await root({ jti: undefined }), 'claims', 0);
  refused(
    'a root without intents',
    await root({ authorization_details: [detail({ intents: undefined })] }),
    'claims',
    0,
  );
  refused(
    'a root without purposes',
    await root({ authorization_details: [detail({ purposes: undefined })] }),
    'claims',
    0,
  );
  refused('a root without details', await root({ authorization_details: [] }), 'claims', 0);
  refused(
    'a root that limits what it does not grant',
    await root({ authorization_details: [detail({ intents: ['orders.get@1'] })] }),
    'limits',
    0,
  );
  refused(
    'a detail of a type that is not known',
    await root({ authorization_details: [detail({ type: 'payment' })] }),
    'claims',
    0,
  );
  refused(
    'a constraint that is not known',
    await root({ authorization_details: [detail({ limits: { 'orders.refund@2': { '/amount': { below: 5 } } } })] }),
    'claims',
    0,
  );
  refused(
    'a limit that says nothing',
    await root({ authorization_details: [detail({ limits: { 'orders.refund@2': { '/amount': {} } } })] }),
    'claims',
    0,
  );
  refused(
    'a member of a detail that is not known',
    await root({ authorization_details: [detail({ except: ['orders.get@1'] })] }),
    'claims',
    0,
  );
  refused('a root that says it was handed on', await root({ del_depth: 1 }), 'claims', 0);
  refused('a root that may be handed on more often than any', await root({ del_max_depth: 5 }), 'claims', 0);
  refused('a private key in a root', await root({ cnf: { jwk: app.all } }), 'claims', 0);
  refused(
    'a shared secret as the key of a holder',
    await root({ cnf: { jwk: { kty: 'oct', k: 'AAAA' } } }),
    'claims',
    0,
  );

  refused('a link by another key than the one it was handed to', await after(narrow, {}, stranger), 'signature', 1);
  refused('a link by the issuer', await after(narrow, {}, issuing), 'signature', 1);
  refused('a link by whom it is handed to', await after(narrow, {}, agent), 'signature', 1);
  refused(
    'a link that was changed',
    `${first}~${second.replace(second.split('.')[1] ?? '', encoded(linkClaims(first, 1, agent)))}`,
    'signature',
    1,
  );
  refused('a link of the type of a root', await after(narrow, { typ: 'intent-cap+jwt' }), 'type', 1);
  refused(
    'a link that asks for something unknown',
    `${first}~${encoded({ alg: 'EdDSA', typ: 'intent-cap-link+jwt', crit: ['x'], x: 1 })}.${second.split('.')[1]}.${second.split('.')[2]}`,
    'critical',
    1,
  );
  refused(
    'a link in another algorithm',
    `${first}~${encoded({ alg: 'ES256', typ: 'intent-cap-link+jwt' })}.${second.split('.')[1]}.${second.split('.')[2]}`,
    'algorithm',
    1,
  );
  refused(
    'a link to a root that is bound to no key',
    await (async () => {
      const bearer = await root({ cnf: undefined });
      return `${bearer}~${await link(bearer, 1, app, agent)}`;
    })(),
    'delegable',
    1,
  );
  refused('a link that was made for another root', `${await root({ jti: 'root-2' })}~${second}`, 'parent', 1);
  refused('a link that names no parent', await after({ par_hash: undefined }), 'claims', 1);
  refused('a link taken out of the middle', [first, third].join('~'), 'signature', 1);
  refused('links in another order', [first, third, second].join('~'), 'signature', 1);
  refused('a link that leaves one out of the count', await after({ del_depth: 2 }), 'depth', 1);
  refused('a link that does not count itself', await after({ del_depth: 0 }), 'depth', 1);
  refused(
    'a link below a root that may not be handed on',
    await (async () => {
      const last = await root({ del_max_depth: 0 });
      return `${last}~${await link(last, 1, app, agent)}`;
    })(),
    'depth',
    1,
  );
  refused(
    'a link below one that ends it',
    await (async () => {
      const last = await link(first, 1, app, agent, { del_max_depth: 1 });
      return `${first}~${last}~${await link(last, 2, agent, helper)}`;
    })(),
    'depth',
    2,
  );
  refused(
    'a link that allows more of them',
    await (async () => {
      const two = await root({ del_max_depth: 2 });
      return `${two}~${await link(two, 1, app, agent, { del_max_depth: 3 })}`;
    })(),
    'depth',
    1,
  );
  refused('a link that ends later', await after({ exp: now + 841 }), 'expiry', 1);
  refused('a link that has expired', await after({ exp: now - 10 }), 'expiry', 1);
  refused('a link that is not valid yet', await after({ nbf: now + 60 }), 'not-before', 1);
  refused('a link from before its root', await after({ iat: now - 600 }), 'issued', 1);
  refused('a link from the future', await after({ iat: now + 60 }), 'issued', 1);
  refused('a link with the id of its root', await after({ jti: 'root-1' }), 'repeated', 1);
  refused(
    'a link with one more intent',
    await after(granting({ intents: ['orders.get@1', 'orders.purge@1'] })),
    'intents',
    1,
  );
  refused('a link with a wider purpose', await after(granting({ purposes: ['finance'] })), 'purposes', 1);
  refused(
    'a link with a purpose that only begins alike',
    await after(granting({ purposes: ['services'] })),
    'purposes',
    1,
  );
  refused(
    'a link with a higher limit',
    await after(granting({ limits: { 'orders.refund@2': { '/amount': { lte: 201 } } } })),
    'limits',
    1,
  );
  refused(
    'a link with a lower floor',
    await after(granting({ limits: { 'orders.refund@2': { '/amount': { gte: 0 } } } })),
    'limits',
    1,
  );
  refused(
    'a link with one more value',
    await after(granting({ limits: { 'orders.refund@2': { '/currency': { in: ['EUR', 'GBP'] } } } })),
    'limits',
    1,
  );
  refused(
    'a link with a value out of bounds',
    await after(granting({ limits: { 'orders.refund@2': { '/amount': { eq: 500 } } } })),
    'limits',
    1,
  );
  refused(
    'a link with a value of another type',
    await after(granting({ limits: { 'orders.refund@2': { '/amount': { eq: '5' } } } })),
    'limits',
    1,
  );
  refused(
    'a link that joins what two details grant apart',
    await (async () => {
      const apart = await root({
        authorization_details: [
          detail({ intents: ['orders.get@1'], purposes: ['service'], limits: {} }),
          detail({ purposes: ['finance'] }),
        ],
      });
      return `${apart}~${await link(apart, 1, app, agent, granting({ intents: ['orders.refund@2'], purposes: ['service'] }))}`;
    })(),
    'purposes',
    1,
  );
  refused(
    'a link that takes back what the one before gave up',
    await (async () => {
      const less = await link(first, 1, app, agent, granting({ intents: ['orders.get@1'] }));
      return `${first}~${less}~${await link(less, 2, agent, helper, granting({ intents: ['orders.refund@2'] }))}`;
    })(),
    'intents',
    2,
  );
  refused(
    'a link that takes back what one further up gave up',
    `${first}~${second}~${third}~${await link(third, 3, helper, fourth, { exp: now + 400, ...granting({ limits: { 'orders.refund@2': { '/amount': { lte: 51 } } } }) })}`,
    'limits',
    3,
  );
  refused('a link for somebody else as well', await after({ aud: [issuer, 'https://other.test'] }), 'audience', 1);
  refused(
    'a link for somebody else',
    await (async () => {
      const wide = await root({ aud: [issuer, 'https://other.test'] });
      return `${wide}~${await link(wide, 1, app, agent, { aud: 'https://other.test' })}`;
    })(),
    'audience',
  );
  refused('a link with a subject', await after({ sub: 'boss' }), 'claims', 1);
  refused('a link with a tenant', await after({ tenant: 'shop' }), 'claims', 1);
  refused('a link with roles', await after({ roles: ['boss'] }), 'claims', 1);
  refused('a link that is bound to no key', await after({ cnf: undefined }), 'claims', 1);
  refused('a link that never ends', await after({ exp: undefined }), 'claims', 1);
  refused('a private key in a link', await after({ cnf: { jwk: agent.all } }), 'claims', 1);

  return {
    about: 'Capability tokens, docs/tokens.md. Written by test/vectors/make-capability-chain.ts.',
    now: new Date(now * 1_000).toISOString(),
    trust: {
      issuer,
      audience: issuer,
      tenant: 'shop',
      max_lifetime_seconds: 900,
      jwks: { keys: [{ ...issuing.jwk, kid: 'issuer', alg: 'EdDSA' }] },
    },
    cases,
  };
};

export const file = fileURLToPath(new URL('capability-chain.json', import.meta.url));
if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(file, `${JSON.stringify(await makeVectors(), null, 2)}\n`);
