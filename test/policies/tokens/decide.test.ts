import { expect, test } from 'vitest';
import { replay } from '../../../policies/replay.ts';
import type { Detail } from '../../../policies/tokens/details.ts';
import type { Asked, Principal } from '../../../policies/types.ts';
import { asked, bundleOf, catalogue, getOrder, principal, purge, refund } from '../set-up.ts';

const bundle = bundleOf(`
  - { allow: read, who: [agent], can: [view], for: [service, finance] }
  - { allow: pay, who: [agent], can: [refund], for: [service] }
  - { allow: purge, who: [agent], can: [purge] }
`);
const holder = (...links: Omit<Detail, 'type'>[][]): Principal =>
  principal({
    credential: { kind: 'token', id: 'l' },
    token: {
      details: links.map((link) => link.map((one) => ({ type: 'intent_capability', ...one }))),
      links: [{ id: 'l' }],
    },
  });
const all = { intents: ['orders.get@1', 'orders.refund@2', 'orders.purge@1'], purposes: ['service', 'finance'] };
const under = (limit: object, field = '/amount') =>
  ({ ...all, limits: { 'orders.refund@2': { [field]: limit } } }) as Omit<Detail, 'type'>;
const decided = (who: Principal, given: Partial<Asked> = {}) => bundle.decide(asked({ principal: who, ...given }));

test.each([
  ['within its limit', holder([under({ lte: 20 })]), 'permit'],
  ['above it', holder([under({ lte: 19 })]), 'deny'],
  ['above that of one link', holder([under({ lte: 100 })], [under({ lte: 19 })]), 'deny'],
  ['a limit on what is not there', holder([under({ lte: 1 }, '/times')]), 'deny'],
  ['a limit on a list', holder([under({ eq: 'x' }, '/tags')]), 'deny'],
  ['an intent that one link left out', holder([all], [{ intents: ['orders.get@1'] }]), 'deny'],
  ['a purpose that one link left out', holder([all], [{ purposes: ['finance'] }]), 'deny'],
  ['one detail covers it, another does not', holder([under({ lte: 1 }), under({ lte: 20 })]), 'permit'],
  ['no detail covers the whole of it', holder([{ ...all, purposes: ['finance'] }, under({ lte: 1 })]), 'deny'],
])('%s: %s', (_name, who, outcome) => {
  const decision = decided(who);
  expect(decision.outcome).toBe(outcome);
  if (outcome === 'deny') expect(decision.reason.admin).toMatch(/^(the root of the token|link 1 of the token) /);
});

test('a token is no way around a policy', () => {
  const who = holder([all]);
  expect(decided({ ...who, claims: { roles: ['intern'] } }).outcome).toBe('deny');
  expect(decided(who, { purpose: { name: 'marketing', source: 'declared' } }).outcome).toBe('deny');
});

test('why is told to the caller by the field, and to the admin by the link', () => {
  expect(decided(holder([under({ lte: 100 })], [under({ gte: 30, lte: 50 })])).reason).toEqual({
    user: 'This token carries orders.refund only with /amount at least 30 and at most 50.',
    admin: 'link 1 of the token limits orders.refund@2 to /amount at least 30 and at most 50',
  });
  const missing = decided(holder([under({ in: ['a', 'b'] }, '/batch')]));
  expect(missing.reason.user).toBe(
    'This token carries orders.refund only with /batch one of "a", "b", and it is not given.',
  );
  expect(missing.unknown).toEqual([{ rule: 'token', path: '/in/batch', why: 'is missing' }]);
});

test('what is listed is what its links leave, each for the purposes that are left', () => {
  const who = holder(
    [all],
    [
      { intents: ['orders.get@1'], purposes: ['service'] },
      { intents: ['orders.refund@2'], purposes: ['finance'] },
    ],
  );
  expect([getOrder, refund, purge].map((intent) => bundle.visibility(who, intent))).toEqual([
    'callable',
    'hidden',
    'hidden',
  ]);
  expect(bundle.purposesFor(who, getOrder)).toEqual([
    'service',
    'service/ticket',
    'service/ticket/refund',
    'service/export',
  ]);
  expect(bundle.visibility(holder([all]), purge)).toBe('callable');
});

test('replayed from its record, a token still limits: the candidate does not seem to permit what it would not', async () => {
  const who = holder([under({ lte: 19 })]);
  const request = asked({ principal: who });
  const decision = bundle.decide(request);
  const entry = {
    kind: 'outcome',
    request: 'r',
    at: request.context.now.toISOString(),
    door: 'http',
    asked: 'typed',
    principal: { tenant: 'default', type: 'user', id: 'dana', credential: 'l' },
    purpose: request.purpose,
    intent: 'orders.refund@2.0.0',
    input: request.input,
    provenance: request.provenance,
    decision: {
      outcome: decision.outcome,
      rules: decision.rules,
      footprint: { purposes: who.purposes, token: who.token?.details, read: bundle.footprint(request) },
    },
  };
  const { flips, same } = await replay([JSON.parse(JSON.stringify(entry))], bundle, catalogue);
  expect({ flips, same }).toEqual({ flips: [], same: 1 });
});
