import { readFileSync } from 'node:fs';
import { createLocalJWKSet } from 'jose';
import { describe, expect, test } from 'vitest';
import { beyondToken, covers } from '../../../policies/tokens/ceiling.ts';
import { principalOf } from '../../../policies/tokens/principal.ts';
import { verifyChain } from '../../../policies/tokens/verify.ts';
import { type Case, file, makeVectors } from '../../vectors/make-capability-chain.ts';
import { asked, intent } from '../set-up.ts';

type Vectors = Awaited<ReturnType<typeof makeVectors>>;
const { now, trust, cases } = JSON.parse(readFileSync(file, 'utf8')) as Vectors;
const believed = {
  issuers: new Map([[trust.issuer, createLocalJWKSet(trust.jwks)]]),
  audience: trust.audience,
  tenant: trust.tenant,
  maxLifetimeMs: trust.max_lifetime_seconds * 1_000,
};
const verify = ({ chain, now: at = now }: Case) => verifyChain(chain, believed, new Date(at));

test('the file is what its script writes', async () => {
  expect(JSON.parse(JSON.stringify(await makeVectors()))).toEqual({ ...JSON.parse(readFileSync(file, 'utf8')) });
});

test('it has what it is for: at least 40 cases, names that differ, every invariant', () => {
  expect(cases.length).toBeGreaterThanOrEqual(40);
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  const broken = new Set(
    cases.flatMap(({ expect: { valid, ...rest } }) => (valid ? [] : [(rest as { invariant: string }).invariant])),
  );
  expect([...broken].sort()).toEqual([
    'algorithm',
    'audience',
    'claims',
    'critical',
    'delegable',
    'depth',
    'expiry',
    'form',
    'intents',
    'issued',
    'issuer',
    'lifetime',
    'limits',
    'not-before',
    'parent',
    'purposes',
    'repeated',
    'signature',
    'size',
    'tenant',
    'type',
  ]);
});

describe('each case of the file', () => {
  test.each(cases)('$name', async (one) => {
    const outcome = await verify(one).then(
      (chain) => ({ chain }),
      (error: { code: string; facts: { invariant: string; link?: number }; message: string }) => ({ error }),
    );
    if (one.expect.valid === false) {
      const { valid: _, ...facts } = one.expect;
      expect(outcome).toMatchObject({ error: { code: 'credentials.invalid' } });
      expect('error' in outcome && outcome.error.facts, 'error' in outcome ? outcome.error.message : '').toEqual(facts);
      return;
    }
    if ('error' in outcome) throw outcome.error;
    const principal = principalOf(outcome.chain, 'shop');
    const { delegations, purposes } = one.expect;
    expect(principal).toMatchObject({ delegations, purposes, type: 'user', id: 'dana', claims: { roles: ['desk'] } });
    for (const { intent: id, purpose, input, within } of one.asks ?? []) {
      const request = asked({
        principal,
        intent: intent(id, 'write', {}),
        input: input as never,
        purpose: purpose === null ? undefined : { name: purpose, source: 'declared' },
      });
      const { token } = principal;
      if (token === undefined) throw new Error('it has no details');
      expect(beyondToken(token.details, request) === undefined, `${id} ${purpose} ${JSON.stringify(input)}`).toBe(
        within,
      );
      if (within) expect(covers(token.details, id, purpose ?? undefined)).toBe(true);
    }
  });
});
