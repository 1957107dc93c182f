import { additionOf } from './aggregates.ts';
import type { IntentRules } from './bundle.ts';
import { truthOf } from './conditions.ts';
import { obligationsOf } from './obligations.ts';
import { isWithin, type Truth } from './purposes.ts';
import { whyNot } from './reasons.ts';
import { type Rule, withinContract } from './rules.ts';
import { type Lane, meeting, type View } from './standing.ts';
import { beyondToken } from './tokens/ceiling.ts';
import type { Asked, Decision, Unknown } from './types.ts';
import { unseenValues } from './unseen.ts';

interface Facts {
  readonly hash: string;
  readonly capabilities: ReadonlyMap<string, ReadonlySet<string>>;
  readonly newId: () => string;
}

/**
 * Decides over the rules of one intent. Permit iff no deny fires and an allow holds. An allow holds when it is true; a
 * deny or a require fires when it is true or cannot be known. Obligations are those of the determining allow (highest
 * priority, then first), of every require that fires, and what no rule need ask for (`unseenValues`). Never throws: a
 * condition that does is an unknown.
 * @param view how the rules stand to this principal and purpose
 * @param asked with a purpose only where it counts
 */
export const decide = (
  rules: IntentRules,
  view: View,
  asked: Asked,
  { hash, capabilities, newId }: Facts,
): Decision => {
  const unknown: Unknown[] = [];
  const denies = firing(view.deny, asked, unknown, true);
  const allows = firing(view.allow, asked, unknown, false);
  const requires = firing(view.require, asked, unknown, true);
  const shared = {
    id: newId(),
    rules: { allow: ids(allows), deny: ids(denies), require: ids(requires) },
    fired: [...allows, ...denies, ...requires],
    unknown,
    bundle: hash,
  };
  // Words cost more than the decision: they are made when somebody reads them.
  const denied = (user: () => string, admin: () => string): Decision => ({
    ...shared,
    outcome: 'deny',
    obligations: [],
    fields: [],
    additions: [],
    reason: lazily(user, admin),
  });

  const { intent, principal, purpose } = asked;
  if (
    principal.capabilities !== undefined &&
    !principal.capabilities.some((name) => capabilities.get(name)?.has(intent.id))
  )
    return denied(
      () => `This credential does not carry a capability for ${intent.name}.`,
      () => `capabilities ${principal.capabilities?.join(', ') || 'none'}`,
    );
  const beyond = principal.token && beyondToken(principal.token.details, asked);
  if (beyond !== undefined) {
    if (beyond.missing) unknown.push({ rule: 'token', path: `/in${beyond.field}`, why: 'is missing' });
    return denied(
      () => beyond.user,
      () => beyond.admin,
    );
  }
  // A default purpose comes from a configuration or a claim, and may be wider than what the credential carries.
  if (purpose !== undefined && !principal.purposes.some((carried) => isWithin(purpose.name, carried)))
    return denied(
      () => `This credential does not carry the purpose "${purpose.name}".`,
      () => `the credential is for ${principal.purposes.join(', ') || 'no purpose'}`,
    );
  if (purpose !== undefined && !withinContract(intent, purpose.name))
    return denied(
      () => `${intent.name} is not there for the purpose "${purpose.name}".`,
      () => `the contract is for ${intent.purposes.join(', ')}`,
    );
  if (purpose === undefined && intent.purposes.length > 0)
    return denied(
      () => `${intent.name} needs a purpose: ${intent.purposes.join(' or ')}.`,
      () => 'no purpose',
    );
  if (denies.length > 0)
    return denied(
      () => reasonFor(denies, asked, unknown) ?? `A rule does not let ${intent.name} be done like this.`,
      () => denies.map(({ id, place }) => `deny ${id} at ${place}`).join('; '),
    );
  const [first, ...others] = allows;
  if (first === undefined)
    return denied(
      () => whyNot(rules.allow, asked),
      () => `no allow holds: ${rules.allow.map(({ id, place }) => `${id} at ${place}`).join(', ') || 'there is none'}`,
    );
  const determining = others.reduce((best, rule) => (rule.priority > best.priority ? rule : best), first);
  return {
    ...shared,
    outcome: 'permit',
    obligations: obligationsOf(
      [determining, ...requires, ...(rules.unseen?.(asked) === true ? [unseenValues] : [])],
      intent,
    ),
    fields: determining.fields,
    additions: rules.counted.flatMap((aggregate) => additionOf(aggregate, asked) ?? []),
    reason: {
      user: determining.reason ?? `Permitted${purpose === undefined ? '' : ` for ${purpose.name}`}.`,
      admin: `allow ${determining.id} at ${determining.place}`,
    },
  };
};

const lazily = (user: () => string, admin: () => string): Decision['reason'] => {
  let [forUser, forAdmin]: (string | undefined)[] = [];
  return {
    get user() {
      forUser ??= user();
      return forUser;
    },
    get admin() {
      forAdmin ??= admin();
      return forAdmin;
    },
  };
};

const ids = (rules: readonly Rule[]): string[] => rules.map(({ id }) => id);

/** @param orUnknown whether a rule that cannot be decided fires as well */
const firing = (lane: Lane, asked: Asked, unknown: Unknown[], orUnknown: boolean): Rule[] => {
  const fired: Rule[] = [];
  for (const standing of meeting(lane, asked)) {
    const { rule, certain } = standing;
    let rest: Truth = true;
    if (rule.rest !== undefined) {
      rest = truthOf(rule.rest, asked);
      if (rest === false) continue;
    }
    if (certain && rest === true) fired.push(rule);
    else {
      unknown.push(...standing.doubts);
      // Asked once more, for the reasons: most rules never come here.
      if (rest === undefined && rule.rest !== undefined)
        truthOf(rule.rest, asked, (path, why) => unknown.push({ rule: rule.id, path, why }));
      if (orUnknown) fired.push(rule);
    }
  }
  return fired;
};

/** A rule that may be about somebody else fires, but its words are not for this caller. One that surely holds explains best. */
const reasonFor = (denies: readonly Rule[], asked: Asked, unknown: readonly Unknown[]): string | undefined => {
  const certain = denies.filter(({ id }) => !unknown.some(({ rule }) => rule === id));
  const mine = ({ reason, who }: Rule) => reason !== undefined && truthOf(who, asked) === true;
  return [...certain, ...denies].find(mine)?.reason;
};
