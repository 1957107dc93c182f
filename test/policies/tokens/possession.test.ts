import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { exportJWK, generateKeyPair } from 'jose';
import { expect, test } from 'vitest';
import { memoryReplays } from '../../../adapters/keys/memory-replays.ts';
import type { OstiaryError } from '../../../intents/problems.ts';
import { signerOf } from '../../../policies/tokens/keys.ts';
import {
  makeProof,
  type Possession,
  type Sent,
  signedLevel,
  verifyPossession,
} from '../../../policies/tokens/possession.ts';

const sha = (text: string) => createHash('sha256').update(text).digest('base64url');
const now = new Date('2026-11-23T10:00:00Z');
const signer = await signerOf(await exportJWK((await generateKeyPair('ES384', { extractable: true })).privateKey));
const url = 'https://gate.test/v1/ask';

test('whatever is sent as a proof is refused by a code, and nothing else is thrown', () => {
  const part = fc.oneof(
    fc.json({ maxDepth: 3 }).map((text) => Buffer.from(text).toString('base64url')),
    fc.constantFrom(
      ...[
        { alg: 'ES384', typ: 'dpop+jwt', jwk: signer.publicJwk },
        { alg: 'ES256', typ: 'dpop+jwt', jwk: signer.publicJwk },
        { alg: 'ES384', typ: 'dpop+jwt', jwk: { ...signer.publicJwk, x: 'AAAA' } },
        { alg: 'none', typ: 'dpop+jwt', jwk: signer.publicJwk },
        { alg: 'HS256', typ: 'dpop+jwt', jwk: { kty: 'oct', k: 'AAAA' } },
      ].map((header) => Buffer.from(JSON.stringify(header)).toString('base64url')),
    ),
    fc.string({ maxLength: 20 }),
  );
  const proof = fc.oneof(
    fc.string(),
    fc.array(part, { maxLength: 4 }).map((parts) => parts.join('.')),
  );
  return fc.assert(
    fc.asyncProperty(proof, async (dpop) => {
      const refused = verifyPossession({ dpop, method: 'POST', urls: [url] }, undefined, memoryReplays(), now);
      expect(await refused.catch((error: OstiaryError) => error)).toMatchObject({
        name: 'OstiaryError',
        code: 'credentials.proof',
      });
    }),
    { numRuns: 500 },
  );
});

test('what is proved is what was signed', async () => {
  const signed = { int: 'orders.get@1', goal: 'service', inh: sha('{}'), utt: sha('x'), plan: sha('p') };
  const dpop = await makeProof(signer, { method: 'POST', url: `${url}?a#b`, ...signed }, { jti: 'a-proof-id', now });
  const found = await verifyPossession(
    { dpop, method: 'POST', urls: ['http://other.test/', url] },
    undefined,
    memoryReplays(),
    now,
  );
  expect(found).toEqual({ key: signer.publicJwk, ...signed });
});

const input = fc.record({ a: fc.constantFrom(1, 2), b: fc.constantFrom('x', '\u00e9') }, { requiredKeys: [] });
const sent: fc.Arbitrary<Sent> = fc.oneof(
  fc
    .record({ input, purpose: fc.constantFrom(undefined, 'p', 'q') })
    .map((typed) => ({ intents: ['i@1', 'i@1.2.3'], text: undefined, plan: undefined, ...typed })),
  fc
    .record({ input, purpose: fc.constantFrom(undefined, 'p', 'q'), text: fc.constantFrom('do it', 'do that') })
    .map((words) => ({ intents: ['i@1', 'i@1.2.3'], plan: undefined, ...words })),
  fc.constantFrom('plan', 'other').map((plan) => ({
    intents: ['i@1', 'i@1.2.3'],
    input: undefined,
    text: undefined,
    purpose: undefined,
    plan: sha(plan),
  })),
);
const inputs = ['{}', '{"a":1}', '{"a":2}', '{"b":"x"}', '{"a":1,"b":"x"}', '{"a":2,"b":"\u00e9"}'];
const possession = fc
  .record(
    {
      int: fc.constantFrom('i@1', 'i@1.2.3', 'j@1'),
      goal: fc.constantFrom('p', 'q'),
      inh: fc.constantFrom(...inputs.map(sha)),
      utt: fc.constantFrom(sha('do it'), sha('do that')),
      plan: fc.constantFrom(sha('plan'), sha('other')),
    },
    { requiredKeys: [] },
  )
  .map((claims): Possession => ({ key: signer.publicJwk, ...claims }));

/** Keys in their order: all there is to canonical JSON here. */
const plainly = (of: object) =>
  JSON.stringify(Object.fromEntries(Object.entries(of).sort(([a], [b]) => (a < b ? -1 : 1))));

test('a level is reached by signing all that was sent, and nothing else; a claim that lies is refused', () =>
  fc.assert(
    fc.property(possession, sent, ({ key: _, ...claims }, what) => {
      const truths: Record<string, string[]> = {
        int: [...what.intents],
        goal: what.purpose === undefined ? [] : [what.purpose],
        inh: what.input === undefined ? [] : [sha(plainly(what.input))],
        utt: what.text === undefined ? [] : [sha(what.text)],
        plan: what.plan === undefined ? [] : [what.plan],
      };
      const lies = Object.entries(claims).some(([name, claim]) => !truths[name]?.includes(claim as string));
      let level: string;
      try {
        level = signedLevel({ key: signer.publicJwk, ...claims }, what);
      } catch (error) {
        level = (error as OstiaryError).code;
      }
      // All that a caller sent: the words, or the intent; the values; the purpose, where there is one.
      const needed = [
        ...(what.text === undefined
          ? ['int', 'inh']
          : ['utt', ...(Object.keys(what.input ?? {}).length > 0 ? ['inh'] : [])]),
        ...(what.purpose === undefined ? [] : ['goal']),
      ];
      const whole = what.plan === undefined && needed.every((name) => name in claims);
      const expected = lies
        ? 'credentials.proof'
        : 'plan' in claims
          ? 'signed-plan'
          : whole
            ? 'signed-request'
            : 'dpop';
      expect(level, JSON.stringify([claims, what])).toBe(expected);
    }),
    { numRuns: 3_000 },
  ));
