import { type EntityJson, isAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Input } from '../../intents/json.ts';
import type { Asked } from '../../policies/types.ts';
import { naive, type When, type Written, type WrittenRule } from '../policies/naive.ts';
import { asked, getOrder, principal, purge, refund } from '../policies/set-up.ts';
import { compiled, intents, policyOf, purposes } from './random-policies.ts';

// Cedar as a third opinion, on what both languages can say. Cedar passes over a forbid whose attribute is missing, where
// ours fires, so every value here is there and of its type; a purpose that is wider than a forbid is for is spelled out.

const number = fc.constantFrom(-1, 0, 5, 100);
const some = <T>(options: readonly T[]) => fc.subarray([...options], { minLength: 1 });
const word = (...options: string[]) =>
  fc.oneof(
    fc.record({ eq: fc.constantFrom(...options) }),
    fc.record({ ne: fc.constantFrom(...options) }),
    fc.record({ in: some(options) }),
    fc.record({ notIn: some(options) }),
  );
const conditions: Record<string, fc.Arbitrary<Record<string, unknown>>> = {
  '/in/amount': fc.dictionary(fc.constantFrom('gt', 'gte', 'lt', 'lte', 'eq', 'ne'), number, {
    minKeys: 1,
    maxKeys: 2,
  }),
  '/in/currency': word('EUR', 'USD'),
  '/in/note': word('a', 'b'),
  '/in/urgent': fc.record({ eq: fc.boolean() }),
  '/in/tags': fc.oneof(fc.record({ has: fc.constantFrom('a', 'b') }), fc.record({ hasAny: some(['a', 'b']) })),
  '/ctx/door': word('http', 'grpc'),
};

const when: fc.Arbitrary<When> = fc
  .array(fc.constantFrom(...Object.entries(conditions)), { minLength: 1, maxLength: 3 })
  .chain((picked) => fc.tuple(...picked.map(([path, tests]) => fc.tuple(fc.constant(path), tests))))
  .map((entries) => Object.fromEntries(entries) as When);

const rule: fc.Arbitrary<WrittenRule> = fc
  .record({
    kind: fc.constantFrom('allow', 'allow', 'deny'),
    who: fc.option(some(['agent', 'boss']), { nil: undefined }),
    can: some(['view', 'refund', 'purge']),
    for: fc.option(fc.uniqueArray(fc.constantFrom(...purposes), { minLength: 1, maxLength: 2 }), { nil: undefined }),
    when: fc.option(when, { nil: undefined }),
  })
  .map(({ kind, when: conditional, can, ...rest }) => ({
    [kind]: '',
    ...rest,
    can: conditional === undefined ? can : ['refund'],
    when: conditional,
  }));

const request: fc.Arbitrary<Asked> = fc
  .record({
    roles: fc.subarray(['desk', 'boss']),
    intent: fc.constantFrom(refund, refund, getOrder, purge),
    purpose: fc.constantFrom(...purposes),
    door: fc.constantFrom('http', 'grpc'),
    input: fc.record({
      amount: number,
      currency: fc.constantFrom('EUR', 'USD'),
      note: fc.constantFrom('a', 'b', 'c'),
      urgent: fc.boolean(),
      tags: fc.subarray(['a', 'b', 'c']),
    }),
  })
  .map(({ roles, purpose, door, ...rest }) =>
    asked({
      ...rest,
      input: rest.input as Input,
      principal: principal({ claims: { roles }, purposes }),
      purpose: { name: purpose, source: 'declared' },
      context: { now: new Date('2026-11-23T09:00:00Z'), ip: undefined, door },
    }),
  );

const text = (value: unknown): string =>
  Array.isArray(value) ? `[${value.map(text).join(', ')}]` : JSON.stringify(value);
const signs = { eq: '==', ne: '!=', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

const condition = (path: string, operator: string, operand: unknown): string => {
  const value = path.replace(/^\/(in|ctx)\//, 'context.');
  if (Object.hasOwn(signs, operator)) return `${value} ${signs[operator as keyof typeof signs]} ${text(operand)}`;
  switch (operator) {
    case 'in':
      return `${text(operand)}.contains(${value})`;
    case 'notIn':
      return `!(${text(operand)}.contains(${value}))`;
    case 'has':
      return `${value}.contains(${text(operand)})`;
    case 'hasAny':
      return `${value}.containsAny(${text(operand)})`;
  }
  throw new Error(`Cedar is not told of "${operator}"`);
};

const roles: Readonly<Record<string, string>> = {
  agent: 'principal.roles.contains("desk")',
  boss: 'principal.roles.containsAny(["boss", "chief"])',
};

/** A rule of ours as a policy of Cedar. */
const translated = (
  { capabilities }: Written,
  { allow, who, can = [], for: wanted, when: tests = {} }: WrittenRule,
) => {
  const actions = can.flatMap((name) => capabilities[name]?.intents ?? []).map((id) => `Action::${text(id)}`);
  const purpose = (name: string) =>
    allow === undefined
      ? `(context.purpose in Purpose::${text(name)} || Purpose::${text(name)} in context.purpose)`
      : `context.purpose in Purpose::${text(name)}`;
  const all = [
    ...(who === undefined ? [] : [who.map((name) => roles[name]).join(' || ')]),
    ...(wanted === undefined ? [] : [wanted.map(purpose).join(' || ')]),
    ...Object.entries(tests).flatMap(([path, of]) =>
      Object.entries(of).map(([operator, operand]) => condition(path, operator, operand)),
    ),
  ];
  const effect = allow === undefined ? 'forbid' : 'permit';
  return `${effect} (principal, action in [${actions.join(', ')}], resource) when { ${all.map((one) => `(${one})`).join(' && ') || 'true'} };`;
};

/** What every request passes besides: a contract for some purposes is for those alone. */
const ceilings = intents
  .filter((intent) => intent.purposes.length > 0)
  .map(
    ({ id, purposes: of }) =>
      `forbid (principal, action == Action::${text(id)}, resource) unless { ${of.map((name) => `context.purpose in Purpose::${text(name)}`).join(' || ')} };`,
  );

const entities: EntityJson[] = purposes.map((name) => {
  const above = name.split('/').slice(0, -1).join('/');
  return {
    uid: { type: 'Purpose', id: name },
    attrs: {},
    parents: above === '' ? [] : [{ type: 'Purpose', id: above }],
  };
});

const cedar = (policy: Written, { principal: who, intent, input, purpose, context }: Asked): 'permit' | 'deny' => {
  const answer = isAuthorized({
    principal: { type: 'User', id: who.id },
    action: { type: 'Action', id: intent.id },
    resource: { type: 'Intent', id: intent.id },
    context: {
      ...input,
      door: context.door,
      purpose: { __entity: { type: 'Purpose', id: purpose?.name ?? '' } },
    } as never,
    policies: { staticPolicies: [...policy.rules.map((one) => translated(policy, one)), ...ceilings].join('\n') },
    entities: [
      ...entities,
      { uid: { type: 'User', id: who.id }, attrs: { roles: who.claims.roles as never }, parents: [] },
    ],
  });
  if (answer.type === 'failure') throw new Error(JSON.stringify(answer.errors));
  expect(answer.response.diagnostics.errors).toEqual([]);
  return answer.response.decision === 'allow' ? 'permit' : 'deny';
};

test('the engine, the naive interpreter and Cedar decide alike where all of them can speak', () => {
  const outcomes = { permit: 0, deny: 0 };
  fc.assert(
    fc.property(
      fc.array(rule, { minLength: 1, maxLength: 8 }),
      fc.array(request, { minLength: 5, maxLength: 20 }),
      (rules, all) => {
        const policy = policyOf(rules);
        const bundle = compiled(policy);
        for (const about of all) {
          const { outcome } = bundle.decide(about);
          expect({ ours: outcome, plainly: naive(policy, about).outcome }).toEqual({ ours: outcome, plainly: outcome });
          expect(cedar(policy, about), JSON.stringify({ policy, about })).toBe(outcome);
          outcomes[outcome]++;
        }
      },
    ),
    { numRuns: 80 },
  );
  expect(Math.min(outcomes.permit, outcomes.deny)).toBeGreaterThan(50);
});
