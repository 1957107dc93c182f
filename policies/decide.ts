import type { IntentRules } from './bundle.ts';
import { truthOf } from './conditions.ts';
import { complies, isWithin, purposeGap, type Truth } from './purposes.ts';
import { whyNot } from './reasons.ts';
import { type Rule, withinContract } from './rules.ts';
import type { Asked, Decision, Mask, Obligation, Unknown } from './types.ts';

interface Facts {
  readonly hash: string;
  /** Those that are declared: any other counts for nothing. */
  readonly purposes: ReadonlySet<string>;
  readonly capabilities: ReadonlyMap<string, ReadonlySet<string>>;
  readonly newId: () => string;
}

/**
 * Decides over the rules of one intent. Permit iff no deny fires and an allow holds. An allow holds when it is true; a
 * deny or a require fires when it is true or cannot be known. Obligations are those of the determining allow (highest
 * priority, then first) and of every require that fires. Never throws: a condition that does is an unknown.
 */
export const decide = (rules: IntentRules, given: Asked, { hash, purposes, capabilities, newId }: Facts): Decision => {
  const gap = purposeGap(given.purpose, purposes);
  const asked = gap === undefined ? given : { ...given, purpose: undefined };
  const unknown: Unknown[] = [];
  const evaluated = (rule: Rule) => evaluate(rule, asked, gap, unknown);
  const denies = rules.deny.filter((rule) => evaluated(rule) !== false);
  const allows = rules.allow.filter((rule) => evaluated(rule) === true);
  const requires = rules.require.filter((rule) => evaluated(rule) !== false);
  const shared = {
    id: newId(),
    rules: { allow: ids(allows), deny: ids(denies), require: ids(requires) },
    unknown,
    bundle: hash,
  };
  const denied = (user: string, admin: string): Decision => ({
    ...shared,
    outcome: 'deny',
    obligations: [],
    fields: [],
    reason: { user, admin },
  });

  const { intent, principal, purpose } = asked;
  if (
    principal.capabilities !== undefined &&
    !principal.capabilities.some((name) => capabilities.get(name)?.has(intent.id))
  )
    return denied(
      `This credential does not carry a capability for ${intent.name}.`,
      `capabilities ${principal.capabilities.join(', ') || 'none'}`,
    );
  // A default purpose comes from a configuration or a claim, and may be wider than what the credential carries.
  if (purpose !== undefined && !principal.purposes.some((carried) => isWithin(purpose.name, carried)))
    return denied(
      `This credential does not carry the purpose "${purpose.name}".`,
      `the credential is for ${principal.purposes.join(', ') || 'no purpose'}`,
    );
  if (purpose !== undefined && !withinContract(intent, purpose.name))
    return denied(
      `${intent.name} is not there for the purpose "${purpose.name}".`,
      `the contract is for ${intent.purposes.join(', ')}`,
    );
  if (purpose === undefined && intent.purposes.length > 0)
    return denied(`${intent.name} needs a purpose: ${intent.purposes.join(' or ')}.`, 'no purpose');
  if (denies.length > 0)
    return denied(
      reasonFor(denies, asked, unknown) ?? `A rule does not let ${intent.name} be done like this.`,
      denies.map(({ id, place }) => `deny ${id} at ${place}`).join('; '),
    );
  const [first, ...others] = allows;
  if (first === undefined)
    return denied(
      whyNot(rules.allow, asked),
      `no allow holds: ${rules.allow.map(({ id, place }) => `${id} at ${place}`).join(', ') || 'there is none'}`,
    );
  const determining = others.reduce((best, rule) => (rule.priority > best.priority ? rule : best), first);
  return {
    ...shared,
    outcome: 'permit',
    obligations: obligationsOf([determining, ...requires], asked),
    fields: determining.fields,
    reason: {
      user: determining.reason ?? `Permitted${purpose === undefined ? '' : ` for ${purpose.name}`}.`,
      admin: `allow ${determining.id} at ${determining.place}`,
    },
  };
};

const ids = (rules: readonly Rule[]): string[] => rules.map(({ id }) => id);

/** A rule that may be about somebody else fires, but its words are not for this caller. One that surely holds explains best. */
const reasonFor = (denies: readonly Rule[], asked: Asked, unknown: readonly Unknown[]): string | undefined => {
  const certain = denies.filter(({ id }) => !unknown.some(({ rule }) => rule === id));
  const mine = ({ reason, who }: Rule) => reason !== undefined && truthOf(who, asked) === true;
  return [...certain, ...denies].find(mine)?.reason;
};

const evaluate = (rule: Rule, asked: Asked, gap: string | undefined, unknown: Unknown[]): Truth => {
  const doubts: Unknown[] = [];
  const doubt = (path: string, why: string) => doubts.push({ rule: rule.id, path, why });
  const who = truthOf(rule.who, asked, doubt);
  if (who === false) return false;
  const { allowed, prohibited } = rule.purposes;
  const purpose = complies(asked.purpose, allowed, prohibited);
  if (purpose === false) return false;
  if (purpose === undefined) doubt('/purpose/name', gap ?? 'is wider than what the rule speaks of');
  const { when } = rule;
  const holds = when === undefined ? true : truthOf(when, asked, doubt);
  if (holds === false) return false;
  if (who === true && purpose === true && holds === true) return true;
  unknown.push(...doubts);
  return undefined;
};

const strength: Readonly<Record<Mask, number>> = { 'mail-mask': 1, mask: 2, drop: 3 };

const obligationsOf = (rules: readonly Rule[], { intent }: Asked): Obligation[] => {
  const obligations: Obligation[] = [];
  const [shortest] = rules
    .flatMap(({ id, confirms }) => confirms.map((confirm) => ({ id, ...confirm })))
    .filter(({ onEffects }) => onEffects?.includes(intent.effect) ?? true)
    .sort((a, b) => a.ttlMs - b.ttlMs);
  if (shortest !== undefined)
    obligations.push({ type: 'confirm', by: 'self', ttlMs: shortest.ttlMs, rule: shortest.id });
  const fields: Record<string, Mask> = {};
  const by: string[] = [];
  for (const { id, redacts } of rules) {
    if (redacts.length === 0) continue;
    by.push(id);
    for (const [pointer, mask] of redacts.flatMap((redact) => Object.entries(redact))) {
      const before = fields[pointer];
      if (before === undefined || strength[mask] > strength[before]) fields[pointer] = mask;
    }
  }
  if (by.length > 0) obligations.push({ type: 'redact', fields, rule: by.join(', ') });
  return obligations;
};
