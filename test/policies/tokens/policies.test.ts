import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Detail, Limit } from '../../../policies/tokens/details.ts';
import { caller, compiled, intents, policyOf, purposes, request, rulesOf } from '../../property/random-policies.ts';
import { naivelyWithin } from './naive.ts';

const ids = intents.map(({ id }) => id);
const number = fc.integer({ min: -5, max: 300 });
const limit = fc.oneof(
  number.map((lte): Limit => ({ lte })),
  number.map((gte): Limit => ({ gte })),
  fc.constantFrom('EUR', 'USD', 20, true).map((eq): Limit => ({ eq })),
  fc.uniqueArray(fc.constantFrom('EUR', 'USD', 'A-1', 20), { minLength: 1 }).map((list): Limit => ({ in: list })),
);
const detail = fc
  .record(
    {
      intents: fc.subarray(ids, { minLength: 1 }),
      purposes: fc.subarray(purposes),
      limits: fc.dictionary(
        fc.constantFrom(...ids),
        fc.dictionary(fc.constantFrom('/amount', '/currency', '/order_id', '/note', '/__proto__'), limit, {
          maxKeys: 2,
        }),
        { maxKeys: 2 },
      ),
    },
    { requiredKeys: [] },
  )
  .map((members): Detail => ({ type: 'intent_capability', ...members }));
const details = fc.array(fc.array(detail, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 });

// With a token, just those requests are permitted that are permitted without it and that every link of it covers.
test('under any policy, a token takes away what is beyond it, and adds nothing', () =>
  fc.assert(
    fc.property(
      rulesOf({ absences: true }),
      fc.array(fc.tuple(request, details), { minLength: 5, maxLength: 20 }),
      (rules, all) => {
        const bundle = compiled(policyOf(rules));
        for (const [about, held] of all) {
          const { principal, purpose, intent, input } = about;
          const holding = { ...principal, token: { details: held, links: [] } };
          const counts = purpose !== undefined && purpose.source !== 'proposed' && purposes.includes(purpose.name);
          const question = { intent: intent.id, purpose: counts ? purpose.name : undefined, input };
          const without = bundle.decide(about);
          const decided = bundle.decide({ ...about, principal: holding });
          const permitted = without.outcome === 'permit' && naivelyWithin(held, question);
          expect(decided.outcome, JSON.stringify([about, held])).toBe(permitted ? 'permit' : 'deny');
          if (permitted) expect(decided.obligations).toEqual(without.obligations);
          // What cannot be seen cannot be called.
          if (permitted && principal.purposes.length > 0 && counts)
            expect(bundle.purposesFor(holding, intent)).toContain(purpose.name);
        }
      },
    ),
    { numRuns: 120 },
  ));

test('what is listed under a token is listed without it, for no other purposes', () =>
  fc.assert(
    fc.property(
      rulesOf({ absences: true }),
      fc.array(fc.tuple(caller, details), { minLength: 3, maxLength: 10 }),
      (rules, all) => {
        const bundle = compiled(policyOf(rules));
        for (const [principal, held] of all)
          for (const intent of intents) {
            const holding = { ...principal, token: { details: held, links: [] } };
            if (bundle.visibility(holding, intent) === 'callable')
              expect(bundle.visibility(principal, intent)).toBe('callable');
            const before = bundle.purposesFor(principal, intent);
            for (const purpose of bundle.purposesFor(holding, intent)) expect(before).toContain(purpose);
          }
      },
    ),
    { numRuns: 60 },
  ));
