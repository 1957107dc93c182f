import { hash } from 'node:crypto';
import fc from 'fast-check';
import { exportJWK, generateKeyPair, importJWK, type JWTPayload, SignJWT } from 'jose';
import { expect, test } from 'vitest';
import type { OstiaryError } from '../../../intents/problems.ts';
import { beyondToken, covers } from '../../../policies/tokens/ceiling.ts';
import { linkType } from '../../../policies/tokens/claims.ts';
import { type Detail, type Limit, widening } from '../../../policies/tokens/details.ts';
import { signerOf } from '../../../policies/tokens/keys.ts';
import { attenuate, mintRoot } from '../../../policies/tokens/mint.ts';
import { principalOf } from '../../../policies/tokens/principal.ts';
import { type Trust, verifyChain } from '../../../policies/tokens/verify.ts';
import { asked, intent } from '../set-up.ts';
import { naivelyWithin, type Question } from './naive.ts';

const intents = ['orders.get@1', 'orders.refund@2', 'orders.purge@1'];
const purposes = ['service', 'service/ticket', 'service/ticket/refund', 'finance', 'services'];
const number = fc.integer({ min: -2, max: 6 });
const value = fc.oneof(number, fc.constantFrom('EUR', 'USD', true));
const some = <T>(of: readonly T[], minLength = 1) => fc.subarray([...of], { minLength });
const limit = fc
  .record(
    { lte: number, gte: number, eq: value, in: fc.uniqueArray(value, { minLength: 1, maxLength: 3 }) },
    { requiredKeys: [] },
  )
  .filter((tests) => Object.keys(tests).length > 0) as fc.Arbitrary<Limit>;
const limits = fc.dictionary(
  fc.constantFrom(...intents),
  fc.dictionary(fc.constantFrom('/amount', '/currency'), limit, { maxKeys: 2 }),
  { maxKeys: 2 },
);
const detail = fc
  .record({ intents: some(intents), purposes: some(purposes, 0), limits }, { requiredKeys: [] })
  .map((members): Detail => ({ type: 'intent_capability', ...members }));
const details = fc.array(detail, { minLength: 1, maxLength: 2 });
const rootDetails = fc
  .array(fc.record({ intents: some(intents), purposes: some(purposes, 0) }), { minLength: 1, maxLength: 2 })
  .chain((all) =>
    fc.tuple(
      ...all.map((one) =>
        limits.map((of) => ({
          ...one,
          limits: Object.fromEntries(Object.entries(of).filter(([id]) => one.intents.includes(id))),
        })),
      ),
    ),
  )
  .map((all) => all.map((one) => ({ type: 'intent_capability' as const, ...one })));
const question: fc.Arbitrary<Question> = fc.record({
  intent: fc.constantFrom(...intents),
  purpose: fc.option(fc.constantFrom(...purposes, 'finance/reconcile', 'other'), { nil: undefined }),
  input: fc.record(
    {
      amount: fc.oneof(value, fc.constantFrom(null, Number.NaN, '3')),
      currency: fc.oneof(value, fc.constant(['EUR'])),
    },
    { requiredKeys: [] },
  ),
});
const byIntent = new Map(intents.map((id) => [id, intent(id, 'write', {})]));
const engineWithin = (links: readonly (readonly Detail[])[], { intent: id, purpose, input }: Question): boolean =>
  beyondToken(
    links,
    asked({
      intent: byIntent.get(id) as never,
      input: input as never,
      purpose: purpose === undefined ? undefined : { name: purpose, source: 'declared' },
    }),
  ) === undefined;

test('what the links leave is what the oracle says; one more link never adds to it', () => {
  fc.assert(
    fc.property(fc.array(details, { maxLength: 4 }), details, question, (links, more, one) => {
      const before = engineWithin(links, one);
      expect(before).toBe(naivelyWithin(links, one));
      expect(engineWithin([...links, more], one)).toBe(before && naivelyWithin([more], one));
      // What is listed is what can be asked at all.
      if (before) expect(covers(links, one.intent, one.purpose)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test('details that count as no wider, and leave nothing unsaid, permit nothing that those above do not', () => {
  fc.assert(
    fc.property(details, details, question, (child, above, one) => {
      if (widening(child, above) !== undefined) return;
      // What a detail leaves unsaid is as those above say, so each is joined with one that covers it.
      const said = child.map((own) => above.find((wide) => widening([own], [wide]) === undefined) as Detail);
      const permitted = child.some((own, at) => naivelyWithin([[own], [said[at] as Detail]], one));
      if (permitted) expect(naivelyWithin([above], one)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test('a limit that is drawn anew, and not refused, admits no value that was out', () => {
  const within = (of: Limit): Detail => ({
    type: 'intent_capability',
    limits: { 'orders.refund@2': { '/amount': of } },
  });
  fc.assert(
    fc.property(limit, limit, value, (one, most, amount) => {
      const ask = { intent: 'orders.refund@2', purpose: undefined, input: { amount } };
      // Where every test of the limit above is drawn anew, nothing is inherited.
      const anew = (Object.keys(most) as (keyof Limit)[]).every((test) => one[test] !== undefined);
      if (!anew || widening([within(one)], [within(most)]) !== undefined) return;
      if (naivelyWithin([[within(one)]], ask)) expect(naivelyWithin([[within(most)]], ask)).toBe(true);
    }),
    { numRuns: 3_000 },
  );
});

const now = new Date('2026-11-23T10:00:00Z');
const at = Math.floor(now.getTime() / 1_000);
const signers = await Promise.all(
  Array.from({ length: 5 }, async (_, index) =>
    signerOf(
      await exportJWK((await generateKeyPair(index % 2 === 0 ? 'EdDSA' : 'ES256', { extractable: true })).privateKey),
    ),
  ),
);
const keyAt = (index: number) => signers[index % signers.length] as (typeof signers)[number];
const issuerKey = await importJWK(keyAt(0).publicJwk, keyAt(0).alg);
const believed: Trust = {
  issuers: new Map([['https://gate.test', async () => issuerKey as never]]),
  audience: 'https://gate.test',
  tenant: 'default',
  maxLifetimeMs: 900_000,
};
const mint = (authorization_details: ReturnType<typeof detailsOf>) =>
  mintRoot(keyAt(0), {
    iss: 'https://gate.test',
    aud: 'https://gate.test',
    sub: 'dana',
    iat: at,
    exp: at + 600,
    jti: 'root',
    authorization_details,
    cnf: { jwk: keyAt(1).publicJwk },
    del_depth: 0,
    del_max_depth: 4,
  });
const detailsOf = (of: readonly { intents: string[]; purposes: string[] }[]) =>
  of.map((one) => ({ type: 'intent_capability' as const, ...one }));
const grants = async (chain: string) =>
  principalOf(await verifyChain(chain, believed, now), 'default').token?.details ?? [];

test('any way of handing on is refused, or narrows: signed, verified and asked', () =>
  fc.assert(
    fc.asyncProperty(
      rootDetails,
      fc.array(fc.option(details, { nil: undefined }), { maxLength: 4 }),
      fc.array(question, { minLength: 5, maxLength: 10 }),
      async (first, links, questions) => {
        let { token } = await mint(first);
        const said: (readonly Detail[])[] = [first];
        let holder = 1;
        for (const [index, more] of links.entries()) {
          const made = await attenuate(
            token,
            keyAt(holder),
            keyAt(index + 2).publicJwk,
            more === undefined ? {} : { details: more },
            { jti: `link-${index}`, now },
          ).catch((error: OstiaryError) => error);
          if (made instanceof Error) {
            expect(made.code).toBe('credentials.invalid');
            continue;
          }
          holder = index + 2;
          const before = await grants(token);
          token = made.token;
          const after = await grants(token);
          if (more !== undefined) said.push(more);
          else said.push(said[0] as readonly Detail[]);
          for (const one of questions) {
            expect(engineWithin(after, one)).toBe(naivelyWithin(said, one));
            if (engineWithin(after, one)) expect(engineWithin(before, one)).toBe(true);
          }
        }
      },
    ),
    { numRuns: 60 },
  ));

test('a link that was signed by the right key and reaches beyond any before it is refused', () =>
  fc.assert(
    fc.asyncProperty(rootDetails, details, async (first, wider) => {
      const beyond = widening(wider, first);
      const { token, id } = await mint(first);
      const link = await new SignJWT({
        jti: 'link',
        iat: at,
        exp: at + 60,
        cnf: { jwk: keyAt(2).publicJwk },
        del_depth: 1,
        par_hash: id,
        authorization_details: wider,
      } as unknown as JWTPayload)
        .setProtectedHeader({ alg: keyAt(1).alg, typ: linkType })
        .sign(keyAt(1).key);
      const outcome = await verifyChain(`${token}~${link}`, believed, now).catch((error: OstiaryError) => error);
      if (beyond === undefined) expect(outcome).not.toBeInstanceOf(Error);
      else expect(outcome).toMatchObject({ facts: { invariant: beyond.invariant, link: 1 } });
    }),
    { numRuns: 100 },
  ));

test('one character changed anywhere: refused, or it says the same', async () => {
  const { token } = await mint(detailsOf([{ intents: ['orders.get@1'], purposes: ['service'] }]));
  const { token: chain } = await attenuate(token, keyAt(1), keyAt(2).publicJwk, {}, { jti: 'link', now });
  const good = await verifyChain(chain, believed, now);
  await fc.assert(
    fc.asyncProperty(fc.nat(chain.length - 1), fc.constantFrom(...'AZaz09-_.~ =%\u00e9'), async (place, other) => {
      const changed = `${chain.slice(0, place)}${other}${chain.slice(place + 1)}`;
      // The last bits of a signature may stand for nothing: then it is the same signature of the same words.
      const outcome = await verifyChain(changed, believed, now).catch((error: OstiaryError) => error);
      if (outcome instanceof Error) expect(outcome.code).toBe('credentials.invalid');
      else expect(outcome).toEqual(good);
    }),
    { numRuns: 300 },
  );
});

test('whatever is sent as a token is refused by a code, and nothing else is thrown', () => {
  const part = fc.oneof(
    fc.json({ maxDepth: 3 }).map((text) => Buffer.from(text).toString('base64url')),
    fc.constant(Buffer.from('{"alg":"EdDSA","typ":"intent-cap+jwt"}').toString('base64url')),
    fc.constant(Buffer.from('{"iss":"https://gate.test","__proto__":{"exp":1}}').toString('base64url')),
    fc.string({ maxLength: 20 }),
    fc.constant(hash('sha256', 'x', 'base64url')),
  );
  const chain = fc
    .array(
      fc.array(part, { maxLength: 4 }).map((parts) => parts.join('.')),
      { maxLength: 6 },
    )
    .map((links) => links.join('~'));
  return fc.assert(
    fc.asyncProperty(chain, async (written) => {
      const error = await verifyChain(written, believed, now).catch((thrown: OstiaryError) => thrown);
      expect(error).toMatchObject({ name: 'OstiaryError', code: 'credentials.invalid' });
    }),
    { numRuns: 500 },
  );
});
