import type { Intent } from '../intents/contract.ts';
import { isWeaker } from './proof.ts';
import type { Duty, Rule } from './rules.ts';
import type { Mask, Obligation } from './types.ts';

type Given<T extends Duty['type']> = Extract<Duty, { type: T }> & { readonly rule: string };

/**
 * Joins what several rules ask for into one obligation of each kind, so strict that it meets every one of them: the
 * shortest confirmation and by somebody else if any says so, the strongest login and proof, the tightest rate, and of
 * two masks the one that hides more.
 */
export const obligationsOf = (rules: readonly Pick<Rule, 'id' | 'duties'>[], intent: Intent): Obligation[] => {
  const duties = rules.flatMap(({ id, duties: own }) => own.map((duty) => ({ ...duty, rule: id })));
  if (duties.length === 0) return [];
  const of = <T extends Duty['type']>(type: T) => duties.filter((duty) => duty.type === type) as unknown as Given<T>[];
  return [
    ...confirm(of('confirm').filter(({ onEffects }) => onEffects?.includes(intent.effect) ?? true)),
    ...stepUp(of('step-up')),
    ...proof(of('proof')),
    ...rate(of('rate')),
    ...redact(of('redact')),
  ];
};

const confirm = (given: readonly Given<'confirm'>[]): Obligation[] => {
  const [shortest] = given.toSorted((a, b) => a.ttlMs - b.ttlMs);
  if (shortest === undefined) return [];
  const strictest = given.find(({ by }) => by === 'other-human') ?? shortest;
  return [{ type: 'confirm', by: strictest.by, ttlMs: shortest.ttlMs, rule: strictest.rule }];
};

const stepUp = (given: readonly Given<'step-up'>[]): Obligation[] => {
  if (given.length === 0) return [];
  const [first, ...others] = given.flatMap(({ accepts }) => (accepts === undefined ? [] : [accepts]));
  const accepts = first?.filter((acr) => others.every((more) => more.includes(acr)));
  const ages = given.flatMap(({ maxAgeMs }) => (maxAgeMs === undefined ? [] : [maxAgeMs]));
  return [
    {
      type: 'step-up',
      // What accepts the fewest is the strongest.
      acr: given.toSorted((a, b) => (a.accepts?.length ?? Infinity) - (b.accepts?.length ?? Infinity))[0]?.acr,
      accepts,
      maxAgeMs: ages.length === 0 ? undefined : Math.min(...ages),
      rule: named(given),
    },
  ];
};

const proof = (given: readonly Given<'proof'>[]): Obligation[] => {
  const [first, ...others] = given;
  if (first === undefined) return [];
  const { level, rule } = others.reduce((best, one) => (isWeaker(best.level, one.level) ? one : best), first);
  return [{ type: 'proof', level, rule }];
};

const rate = (given: readonly Given<'rate'>[]): Obligation[] => {
  const [tightest] = given.toSorted((a, b) => a.rate.requests / a.rate.perMs - b.rate.requests / b.rate.perMs);
  return tightest === undefined ? [] : [{ type: 'rate', rate: tightest.rate, rule: tightest.rule }];
};

const redact = (given: readonly Given<'redact'>[]): Obligation[] => {
  if (given.length === 0) return [];
  const fields: Record<string, Mask> = {};
  for (const [pointer, mask] of given.flatMap((one) => Object.entries(one.fields))) {
    const before = Object.hasOwn(fields, pointer) ? fields[pointer] : undefined;
    fields[pointer] = before === undefined ? mask : stronger(before, mask);
  }
  return [{ type: 'redact', fields, rule: named(given) }];
};

/** What hides all that either hides. Two that keep different ends together hide nothing less than everything. */
const stronger = (one: Mask, other: Mask): Mask => {
  if (nameOf(one) === nameOf(other)) return one;
  const rank = (mask: Mask) => ['mail-mask', 'mask', 'drop'].indexOf(nameOf(mask));
  if (typeof one !== 'string' || typeof other !== 'string') return 'drop';
  return rank(one) > rank(other) ? one : other;
};
const nameOf = (mask: Mask): string => (typeof mask === 'string' ? mask : mask.name);

const named = (given: readonly { readonly rule: string }[]): string =>
  [...new Set(given.map(({ rule }) => rule))].join(', ');
