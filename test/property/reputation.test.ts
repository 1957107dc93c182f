import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Asked, bands } from '../../policies/types.ts';
import type { WrittenRule } from '../policies/naive.ts';
import { compiled, policyOf, request, rulesOf } from './random-policies.ts';

const requests = fc.array(request, { minLength: 3, maxLength: 15 });
const everyBand = [...bands, 'unknown'] as const;
const readsBand = ({ when = {} }: WrittenRule) => Object.hasOwn(when, '/rep/band');
const under = (rules: readonly WrittenRule[]) => {
  const bundle = compiled(policyOf(rules));
  return (about: Asked, band: (typeof everyBand)[number]) => bundle.decide({ ...about, band });
};

test('where no rule asks for a band, none makes any difference', () =>
  fc.assert(
    fc.property(rulesOf({ absences: true }), requests, (rules, all) => {
      const decide = under(rules.filter((rule) => !readsBand(rule)));
      for (const about of all)
        for (const band of everyBand) {
          const { id: _, ...one } = decide(about, band);
          const { id: __, ...other } = decide(about, 'new');
          expect(one.outcome).toBe(other.outcome);
          expect(one.rules).toEqual(other.rules);
          expect(one.obligations).toEqual(other.obligations);
        }
    }),
    { numRuns: 60 },
  ));

test('what is permitted in a band is permitted in every better one, and without any rule that asks for one', () =>
  fc.assert(
    fc.property(rulesOf({ absences: true }), requests, (rules, all) => {
      const [decide, plain] = [under(rules), under(rules.filter((rule) => !readsBand(rule)))];
      for (const about of all) {
        const permitted = everyBand.map((band) => decide(about, band).outcome === 'permit');
        // From trusted to restricted, and what is not known last.
        for (const [at, here] of permitted.entries()) if (here) expect(permitted.slice(0, at)).not.toContain(false);
        if (permitted.includes(true)) expect(plain(about, 'new').outcome).toBe('permit');
      }
    }),
    { numRuns: 100 },
  ));

test('worse bands, where rules narrow for them, are permitted no more than better ones', () =>
  fc.assert(
    fc.property(
      rulesOf({ absences: true }),
      fc.array(fc.record({ kind: fc.constantFrom('deny', 'require'), from: fc.integer({ min: 1, max: 3 }) }), {
        minLength: 1,
        maxLength: 3,
      }),
      requests,
      (rules, narrower, all) => {
        const decide = under([
          ...rules.filter((rule) => !readsBand(rule)),
          ...narrower.map(
            ({ kind, from }): WrittenRule => ({
              [kind]: '',
              effects: ['write', 'destructive'],
              when: { '/rep/band': { in: bands.slice(from) } },
              ...(kind === 'require' ? { obligations: [{ confirm: { by: 'self' } }] } : {}),
            }),
          ),
        ]);
        const freely = (about: Asked, band: (typeof everyBand)[number]) => {
          const { outcome, obligations } = decide(about, band);
          return outcome === 'deny' ? 0 : obligations.length > 0 ? 1 : 2;
        };
        for (const about of all) {
          const ladder = everyBand.map((band) => freely(about, band));
          // From trusted to restricted, and what is not known last: each no freer than the one before.
          expect(ladder).toEqual(ladder.toSorted((a, b) => b - a));
        }
      },
    ),
    { numRuns: 60 },
  ));

test('turned off, what is permitted would be permitted in every band', () =>
  fc.assert(
    fc.property(rulesOf({ absences: false }), requests, (rules, all) => {
      const decide = under(rules);
      for (const about of all)
        if (decide(about, 'unknown').outcome === 'permit')
          for (const band of bands) expect(decide(about, band).outcome).toBe('permit');
    }),
    { numRuns: 100 },
  ));
