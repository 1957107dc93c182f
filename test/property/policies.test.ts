import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../intents/json.ts';
import type { Asked } from '../../policies/types.ts';
import { naive, type Written, type WrittenRule } from '../policies/naive.ts';
import { load, refund } from '../policies/set-up.ts';
import {
  alikeOf,
  caller,
  compiled,
  intents,
  junk,
  policyOf,
  purposes,
  request,
  ruleOf,
  rulesOf,
} from './random-policies.ts';

// fast-check prints the seed of a failure; a case it finds belongs into test/policies/ as a case of its own.

const any = { absences: true };
const plain = { absences: false };
/** Many requests for each policy: loading one costs more than deciding. */
const requests = fc.array(request, { minLength: 5, maxLength: 30 });
const runs = { numRuns: 60 };

const permits = (policy: Written) => {
  const bundle = compiled(policy);
  return (about: Asked) => bundle.decide(about).outcome === 'permit';
};
const never = (worse: boolean, better: boolean, about: unknown) =>
  expect(worse && !better, JSON.stringify(about)).toBe(false);

test('the engine decides as the naive interpreter does, by the same rules', () =>
  fc.assert(
    fc.property(rulesOf(any), requests, (rules, all) => {
      const policy = policyOf(rules);
      const bundle = compiled(policy);
      for (const about of all) {
        const { outcome, rules: fired, fields } = bundle.decide(about);
        expect({ outcome, rules: fired, fields }).toEqual(naive(policy, about));
      }
    }),
    { numRuns: 200 },
  ));

test('many rules that differ by a value, of which few are looked at, decide as if all were', () =>
  fc.assert(
    fc.property(alikeOf, requests, (rules, all) => {
      const policy = policyOf(rules);
      const bundle = compiled(policy);
      for (const about of all) {
        const mine = { ...about, intent: refund };
        const { outcome, rules: fired, fields } = bundle.decide(mine);
        expect({ outcome, rules: fired, fields }).toEqual(naive(policy, mine));
      }
    }),
    { numRuns: 120 },
  ));

test('one require more never takes an obligation away', () =>
  fc.assert(
    fc.property(rulesOf(any), ruleOf(['require'], any), requests, (rules, extra, all) => {
      const [before, after] = [compiled(policyOf(rules)), compiled(policyOf([...rules, extra]))];
      for (const about of all) {
        const kinds = (bundle: typeof before) => bundle.decide(about).obligations.map(({ type }) => type);
        expect(kinds(after)).toEqual(expect.arrayContaining(kinds(before)));
      }
    }),
    runs,
  ));

test('what is said of another tenant changes nothing for this one', () =>
  fc.assert(
    fc.property(rulesOf(any), rulesOf(any), requests, (rules, others, all) => {
      const own = policyOf(rules);
      const theirs = { rules: policyOf(others).rules.map((rule) => renamed(rule)) };
      const text = (part: object, tenant?: string) => JSON.stringify({ api: 'intent-policy/1', tenant, ...part });
      const { bundle: alone } = load([text(own)], intents);
      const { bundle: together } = load([text(own), text(theirs, 'other')], intents);
      for (const about of all) {
        const told = (bundle: typeof alone) => {
          const decision = bundle?.decide(about);
          return [decision?.outcome, decision?.rules, decision?.obligations, decision?.unknown];
        };
        expect(told(together)).toEqual(told(alone));
        // Nor is a total kept under one name for two.
        const stranger = { ...about, principal: { ...about.principal, tenant: 'other' } };
        const keys = (asked: Asked) => alone?.readings(asked).map(({ key }) => key) ?? [];
        for (const key of keys(about)) expect(keys(stranger)).not.toContain(key);
      }
    }),
    runs,
  ));
const renamed = (rule: WrittenRule): WrittenRule => {
  const kind = (['allow', 'deny', 'require'] as const).find((name) => rule[name] !== undefined) ?? 'deny';
  return { ...rule, [kind]: `other-${rule[kind]}` };
};

test('the requests and policies drawn here are permitted and denied often enough to mean something', () => {
  const outcomes = fc
    .sample(fc.tuple(rulesOf(any), requests), { numRuns: 60, seed: 1 })
    .flatMap(([rules, all]) => all.map(permits(policyOf(rules))));
  const permitted = outcomes.filter((outcome) => outcome).length / outcomes.length;
  expect(permitted).toBeGreaterThan(0.05);
  expect(permitted).toBeLessThan(0.8);
});

test('whatever a resolver proposes, nothing is permitted that the policy as written denies', () =>
  fc.assert(
    fc.property(rulesOf(any), caller, requests, (rules, principal, proposals) => {
      const policy = policyOf(rules);
      const permitted = permits(policy);
      for (const proposal of proposals) {
        // The adversary chooses everything but who asks and why.
        const about: Asked = { ...proposal, principal, purpose: { name: 'service/ticket', source: 'declared' } };
        never(permitted(about), naive(policy, about).outcome === 'permit', about);
      }
    }),
    runs,
  ));

test('an empty policy denies all', () =>
  fc.assert(
    fc.property(requests, (all) => {
      expect(all.map(permits(policyOf([])))).not.toContain(true);
    }),
    runs,
  ));

test('one more deny or require never permits more', () =>
  fc.assert(
    fc.property(rulesOf(any), ruleOf(['deny', 'require'], any), requests, (rules, extra, all) => {
      const [before, after] = [permits(policyOf(rules)), permits(policyOf([...rules, extra]))];
      for (const about of all) never(after(about), before(about), about);
    }),
    runs,
  ));

test('one allow less never permits more', () =>
  fc.assert(
    fc.property(rulesOf(any), fc.nat(5), requests, (rules, index, all) => {
      const fewer = rules.filter(({ allow }, at) => allow === undefined || at !== index);
      const [before, after] = [permits(policyOf(rules)), permits(policyOf(fewer))];
      for (const about of all) never(after(about), before(about), about);
    }),
    runs,
  ));

test('the order of rules changes no outcome, no rule that fires and no confirmation', () =>
  fc.assert(
    fc.property(
      rulesOf(any).chain((rules) => {
        const named = policyOf(rules).rules;
        return fc.tuple(fc.constant(named), fc.shuffledSubarray([...named], { minLength: named.length }));
      }),
      requests,
      ([rules, shuffled], all) => {
        const [one, other] = [compiled(policyOf(rules)), compiled(policyOf(shuffled))];
        const told = (bundle: typeof one, about: Asked) => {
          const { outcome, rules: fired, obligations } = bundle.decide(about);
          const sorted = Object.values(fired).map((ids) => [...ids].sort());
          return { outcome, sorted, confirms: obligations.some(({ type }) => type === 'confirm') };
        };
        for (const about of all) expect(told(other, about)).toEqual(told(one, about));
      },
    ),
    runs,
  ));

test('a value that is missing or of another type never permits more', () =>
  fc.assert(
    fc.property(rulesOf(plain), requests, fc.option(junk), (rules, all, to) => {
      const permitted = permits(policyOf(rules));
      for (const about of all)
        for (const name of Object.keys(about.input)) {
          const { [name]: _, ...rest } = about.input;
          // A value of the type that the contract asks for would be another request.
          if (to !== null && kindOf(to) === (refund.input.properties?.[name]?.type ?? 'string')) continue;
          const input = to === null ? rest : { ...rest, [name]: to };
          never(permitted({ ...about, input }), permitted(about), { about, name, to });
        }
    }),
    runs,
  ));
const kindOf = (value: Json) => (Array.isArray(value) ? 'array' : typeof value);

test('a claim, a margin or the label of a value that is missing never permits more', () =>
  fc.assert(
    fc.property(rulesOf(any), requests, (rules, all) => {
      const permitted = permits(policyOf(rules));
      for (const about of all) {
        const worse: Asked[] = [
          ...Object.keys(about.principal.claims).map((name) => {
            const { [name]: _, ...claims } = about.principal.claims;
            return { ...about, principal: { ...about.principal, claims } };
          }),
          { ...about, resolution: { ...about.resolution, margin: Number.NaN } },
          { ...about, provenance: {} },
        ];
        for (const one of worse) never(permitted(one), permitted(about), { about, one });
      }
    }),
    runs,
  ));

test('a wider purpose, none, or one that a model proposed never permits more', () =>
  fc.assert(
    fc.property(rulesOf(plain), requests, (rules, all) => {
      const permitted = permits(policyOf(rules));
      for (const about of all) {
        const { purpose: given } = about;
        if (given === undefined || !purposes.includes(given.name)) continue;
        for (const name of purposes.filter((wide) => given.name.startsWith(`${wide}/`)))
          never(permitted({ ...about, purpose: { ...given, name } }), permitted(about), { about, name });
        const proposed: Asked = { ...about, purpose: { ...given, source: 'proposed' } };
        expect(permitted(proposed)).toBe(permitted({ ...about, purpose: undefined }));
      }
    }),
    runs,
  ));

test('a credential that is narrowed never permits more', () =>
  fc.assert(
    fc.property(rulesOf(any), requests, fc.subarray(['view', 'refund', 'purge', 'all']), (rules, all, capabilities) => {
      const permitted = permits(policyOf(rules));
      for (const about of all) {
        const wide = { ...about, principal: { ...about.principal, capabilities: undefined } };
        const narrow = { ...about, principal: { ...about.principal, capabilities } };
        never(permitted(narrow), permitted(wide), about);
        const fewer = { ...wide, principal: { ...wide.principal, purposes: wide.principal.purposes.slice(1) } };
        if (about.purpose !== undefined) never(permitted(fewer), permitted(wide), about);
      }
    }),
    runs,
  ));

test('one condition more never lets an allow hold more often, nor a deny fire more often', () =>
  fc.assert(
    fc.property(ruleOf(['allow', 'deny'], any), ruleOf(['allow'], any), requests, (rule, { when: more }, all) => {
      fc.pre(more !== undefined && rule.can?.join() === 'refund' && rule.effects === undefined);
      const narrow: WrittenRule = { ...rule, when: { ...more, ...rule.when } };
      const [before, after] = [compiled(policyOf([rule])), compiled(policyOf([narrow]))];
      const fired = (bundle: typeof before, about: Asked) => {
        const { allow, deny } = bundle.decide(about).rules;
        return allow.length + deny.length > 0;
      };
      for (const about of all) never(fired(after, about), fired(before, about), about);
    }),
    runs,
  ));

test('what is not listed as callable is never permitted, and purposes are listed only where an allow is for them', () =>
  fc.assert(
    fc.property(rulesOf(any), caller, requests, (rules, principal, all) => {
      const policy = policyOf(rules);
      const bundle = compiled(policy);
      for (const intent of intents) {
        const callable = bundle.visibility(principal, intent) === 'callable';
        const listed = bundle.purposesFor(principal, intent);
        for (const about of all) {
          const mine: Asked = { ...about, principal, intent };
          const permitted = bundle.decide(mine).outcome === 'permit';
          never(permitted, callable, mine);
          if (mine.purpose !== undefined && mine.purpose.source !== 'proposed' && purposes.includes(mine.purpose.name))
            never(permitted, listed.includes(mine.purpose.name), mine);
        }
        for (const name of listed) {
          // Conditions aside, an allow is for this caller and this purpose, and no deny without conditions forbids it.
          const open = policyOf(
            policy.rules
              .filter(({ allow, deny, when }) => allow !== undefined || (deny !== undefined && when === undefined))
              .map(({ when: _, ...rule }) => rule),
          );
          const about: Asked = {
            ...(all[0] as Asked),
            principal,
            intent,
            input: {},
            purpose: { name, source: 'declared' },
          };
          expect(naive(open, about).outcome, JSON.stringify(about)).toBe('permit');
        }
      }
    }),
    runs,
  ));
