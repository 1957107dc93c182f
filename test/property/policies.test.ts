import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../intents/json.ts';
import type { Asked } from '../../policies/types.ts';
import { naive, type Written } from '../policies/naive.ts';
import { asked, bundleOf, desk, refund } from '../policies/world.ts';

const purposes = ['service', 'service/ticket', 'service/ticket/refund', 'service/export', 'finance'];
const purpose = fc.constantFrom(...purposes);
const roles = ['desk', 'bot', 'controller'];
const number = fc.constantFrom(-1, 0, 5, 200, 200.01, 1000);
const limits = (operators: readonly string[]) =>
  fc.dictionary(fc.constantFrom(...operators), number, { minKeys: 1, maxKeys: 2 });
/** Without `present`, which alone may answer for what is missing. */
const conditions = {
  '/in/amount': limits(['gt', 'gte', 'lt', 'lte', 'eq', 'ne']),
  '/in/currency': fc.oneof(
    fc.record({ eq: fc.constantFrom('EUR', 'USD') }),
    fc.record({ in: fc.constantFrom(['EUR'], ['EUR', 'USD']) }),
    fc.record({ ne: fc.constantFrom('EUR', 'USD') }),
  ),
  '/in/tags': fc.record({ has: fc.constantFrom('vip', 'late') }),
  '/resolution/margin': fc.record({ lt: fc.constantFrom(0.1, 0.5) }),
};
const when = fc
  .record(conditions, { requiredKeys: [] })
  .map((paths) => (Object.keys(paths).length === 0 ? undefined : (paths as Written['when'])));
const ruleOf = (...kinds: Written['kind'][]): fc.Arbitrary<Written> =>
  fc
    .record({
      kind: fc.constantFrom(...kinds),
      id: fc.uuid().map((id) => `r-${id}`),
      who: fc.option(fc.subarray(roles, { minLength: 1 }), { nil: undefined }),
      for: fc.option(fc.uniqueArray(purpose, { minLength: 1, maxLength: 2 }), { nil: undefined }),
      notFor: fc.option(fc.uniqueArray(purpose, { minLength: 1, maxLength: 1 }), { nil: undefined }),
      when: fc.option(when, { nil: undefined }),
      priority: fc.constantFrom(0, 0, 1, -1),
    })
    .map((rule) => rule as Written);
const ruleSet = fc.array(ruleOf('allow', 'allow', 'deny', 'require'), { maxLength: 6 });

const sane = fc.record(
  {
    amount: number,
    currency: fc.constantFrom('EUR', 'USD'),
    tags: fc.subarray(['vip', 'late']),
  },
  { requiredKeys: [] },
);
const junk = fc.constantFrom<Json>(null, true, 'x', [], {}, [[5]], '5', Number.NaN, Number.POSITIVE_INFINITY);
const input = fc.oneof(
  { weight: 3, arbitrary: sane },
  fc.record({ amount: fc.oneof(number, junk), currency: junk, tags: junk }, { requiredKeys: [] }),
);
const request: fc.Arbitrary<Asked> = fc
  .record({
    input,
    purpose: fc.option(
      fc.record({ name: purpose, source: fc.constantFrom('declared', 'declared', 'token', 'proposed') }),
      { nil: undefined },
    ),
    roles: fc.oneof({ weight: 4, arbitrary: fc.subarray(roles) }, fc.constantFrom<Json>('desk', null, [5], {})),
    purposes: fc.constantFrom(purposes, ['service'], []),
    margin: fc.constantFrom(0, 0.3, 1, Number.NaN),
  })
  .map(({ input, purpose, roles, purposes, margin }) =>
    asked({
      input: input as Asked['input'],
      purpose: purpose as Asked['purpose'],
      principal: desk({ claims: { roles: roles as Json }, purposes: [...purposes] }),
      resolution: { tier: 'classifier', confidence: 1, margin },
    }),
  );

const textOf = (rules: readonly Written[]): string =>
  JSON.stringify({
    api: 'intent-policy/1',
    purposes,
    subjects: Object.fromEntries(roles.map((role) => [role, { match: { '/token/roles': { has: role } } }])),
    capabilities: { 'orders.refund': { intents: ['orders.refund@2'] } },
    rules: rules.map(({ kind, id, priority, ...rest }) => ({
      [kind]: id,
      can: ['orders.refund'],
      ...rest,
      ...(kind === 'allow' ? { priority } : {}),
      ...(kind === 'require' ? { obligations: [{ confirm: { by: 'self' } }] } : {}),
    })),
  });
const decide = (rules: readonly Written[], about: Asked) => bundleOf(textOf(rules)).decide(about);
const permits = (rules: readonly Written[], about: Asked) => decide(rules, about).outcome === 'permit';
const implies = (narrower: boolean, wider: boolean): void => {
  expect({ narrower, wider }).not.toEqual({ narrower: true, wider: false });
};
const runs = { numRuns: 400 };

test('compiled and naive decide alike, by the same rule', () =>
  fc.assert(
    fc.property(ruleSet, request, (rules, about) => {
      const decision = decide(rules, about);
      const plain = naive(rules, about);
      expect(decision.outcome).toBe(plain.outcome);
      if (plain.by !== undefined) expect(decision.reason.admin).toContain(plain.by);
    }),
    { numRuns: 1500 },
  ));

test('no rule permits nothing', () =>
  fc.assert(
    fc.property(request, (about) => {
      expect(permits([], about)).toBe(false);
    }),
    runs,
  ));

test('one more deny or require never permits more', () =>
  fc.assert(
    fc.property(ruleSet, ruleOf('deny', 'require'), request, (rules, extra, about) =>
      implies(permits([...rules, extra], about), permits(rules, about)),
    ),
    runs,
  ));

test('one allow less never permits more', () =>
  fc.assert(
    fc.property(ruleSet, fc.nat(5), request, (rules, index, about) => {
      const fewer = rules.filter(({ kind }, at) => kind !== 'allow' || at !== index);
      implies(permits(fewer, about), permits(rules, about));
    }),
    runs,
  ));

test('the order of rules changes no outcome and no obligation to confirm', () =>
  fc.assert(
    fc.property(
      ruleSet.chain((rules) => fc.tuple(fc.constant(rules), fc.shuffledSubarray(rules, { minLength: rules.length }))),
      request,
      ([rules, shuffled], about) => {
        const [one, other] = [decide(rules, about), decide(shuffled, about)];
        expect(other.outcome).toBe(one.outcome);
        expect(other.obligations.map(({ type }) => type)).toEqual(one.obligations.map(({ type }) => type));
      },
    ),
    runs,
  ));

test('a value that is missing or of another type never permits more', () =>
  fc.assert(
    fc.property(
      ruleSet,
      request,
      fc.constantFrom('amount', 'currency', 'tags'),
      fc.option(junk),
      (rules, about, name, to) => {
        const { [name]: before, ...rest } = about.input;
        // Only a change of type: another value of the same type is another request.
        fc.pre(
          before !== undefined &&
            (to === null || typeof to !== typeof before || Array.isArray(to) !== Array.isArray(before)),
        );
        const worse = { ...about, input: (to === null ? rest : { ...rest, [name]: to }) as Asked['input'] };
        implies(permits(rules, worse), permits(rules, about));
      },
    ),
    runs,
  ));

test('a wider purpose, none, or one that a model proposed never permits more', () =>
  fc.assert(
    fc.property(ruleSet, request, (rules, about) => {
      fc.pre(about.purpose !== undefined && about.purpose.source !== 'proposed');
      const { purpose: given } = about;
      if (given === undefined) return;
      const narrow = permits(rules, about);
      for (let at = given.name.lastIndexOf('/'); at > 0; at = given.name.lastIndexOf('/', at - 1)) {
        const wider = { ...about, purpose: { ...given, name: given.name.slice(0, at) } };
        implies(permits(rules, wider), narrow);
      }
      const proposed = { ...about, purpose: { ...given, source: 'proposed' as const } };
      expect(permits(rules, proposed)).toBe(permits(rules, { ...about, purpose: undefined }));
    }),
    runs,
  ));

test('what is permitted is listed as callable', () =>
  fc.assert(
    fc.property(ruleSet, request, (rules, about) => {
      const bundle = bundleOf(textOf(rules));
      const declared = about.purpose !== undefined && about.purpose.source !== 'proposed';
      fc.pre(declared);
      if (bundle.decide(about).outcome === 'permit') {
        expect(bundle.visibility(about.principal, refund)).toBe('callable');
        expect(bundle.purposesFor(about.principal, refund)).toContain(about.purpose?.name);
      }
    }),
    runs,
  ));
