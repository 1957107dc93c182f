import { Ability } from '@casl/ability';
import type { Intent } from '../intents/contract.ts';
import type { Condition } from './conditions.ts';
import { decide } from './decide.ts';
import { nameComplies } from './purposes.ts';
import { admits, purposesOf, type Rule } from './rules.ts';
import type { Asked, Bundle, Principal, Visibility } from './types.ts';

/** The rules of one intent, in the order of the bundle. */
export interface IntentRules {
  readonly allow: readonly Rule[];
  readonly deny: readonly Rule[];
  readonly require: readonly Rule[];
  readonly reveal: readonly Rule[];
}
const none: IntentRules = { allow: [], deny: [], require: [], reveal: [] };

export interface BundleParts {
  readonly hash: string;
  readonly purposes: ReadonlySet<string>;
  readonly rules: readonly Rule[];
  /** Capability name -> ids of its intents: what a credential can be narrowed to. */
  readonly capabilities: ReadonlyMap<string, ReadonlySet<string>>;
  readonly catalogue: readonly Intent[];
  readonly newId: () => string;
}

/**
 * Makes the one decision function of loaded policies. CASL is the rule index and nothing more: its own condition
 * language lets missing and incomparable values pass, so conditions are closures of ours (docs/decisions/0009).
 */
export const createBundle = ({ hash, purposes, rules, capabilities, catalogue, newId }: BundleParts): Bundle => {
  const byIntent = indexRules(rules, catalogue);
  const seen = new WeakMap<Principal, Map<string, { visibility: Visibility; purposes: readonly string[] }>>();
  const look = (principal: Principal, intent: Intent) => {
    let known = seen.get(principal);
    if (known === undefined) {
      known = new Map();
      seen.set(principal, known);
    }
    let found = known.get(intent.id);
    if (found === undefined) {
      found = visibilityOf(
        byIntent.get(intent.id) ?? none,
        principal,
        intent,
        purposesOf(principal, purposes),
        capabilities,
      );
      known.set(intent.id, found);
    }
    return found;
  };
  return {
    hash,
    purposes,
    ruleCount: rules.length,
    decide: (asked) => decide(byIntent.get(asked.intent.id) ?? none, asked, { hash, purposes, capabilities, newId }),
    visibility: (principal, intent) => look(principal, intent).visibility,
    purposesFor: (principal, intent) => look(principal, intent).purposes,
  };
};

const indexRules = (rules: readonly Rule[], catalogue: readonly Intent[]): Map<string, IntentRules> => {
  const ability = new Ability<[string, 'Intent']>(
    rules.map((rule) => ({ action: [...rule.intents], subject: 'Intent', reason: rule.id, conditions: rule as never })),
    {
      conditionsMatcher: () => () => true,
      detectSubjectType: () => 'Intent',
      // No wildcards: an intent named "manage" or "all" is just an intent.
      anyAction: '\0*',
      anySubjectType: '\0*',
    },
  );
  return new Map(
    catalogue.map(({ id }) => {
      const found = ability
        .rulesFor(id, 'Intent')
        .map(({ conditions }) => conditions as unknown as Rule)
        .sort((a, b) => a.order - b.order);
      const of = (kind: Rule['kind']) => found.filter((rule) => rule.kind === kind);
      return [id, { allow: of('allow'), deny: of('deny'), require: of('require'), reveal: of('reveal') }];
    }),
  );
};

const visibilityOf = (
  rules: IntentRules,
  principal: Principal,
  intent: Intent,
  purposes: readonly string[],
  capabilities: BundleParts['capabilities'],
): { visibility: Visibility; purposes: readonly string[] } => {
  const about = probe(principal, intent);
  const is = (who: Condition) => who(about) === true;
  const carried =
    principal.capabilities === undefined ||
    principal.capabilities.some((name) => capabilities.get(name)?.has(intent.id));
  const allows = rules.allow.filter((rule) => is(rule.who) && is(rule.claims));
  // A deny without conditions closes a purpose for good, as does one on claims that hold; others may spare some request.
  const closes = rules.deny.filter((rule) => !rule.open && rule.who(about) !== false && rule.claims(about) !== false);
  const closed = (purpose: string) =>
    closes.some(({ purposes: { allowed, prohibited } }) => nameComplies(purpose, allowed, prohibited) !== false);
  const open = carried
    ? purposes.filter((purpose) => allows.some((rule) => admits(rule, intent, purpose)) && !closed(purpose))
    : [];
  // An allow for any purpose, of a contract for any purpose, needs none.
  const withoutPurpose =
    carried &&
    purposes.length === 0 &&
    intent.purposes.length === 0 &&
    allows.some(({ purposes: { allowed, prohibited } }) => allowed === undefined && prohibited.length === 0) &&
    closes.length === 0;
  if (open.length > 0 || withoutPurpose) return { visibility: 'callable', purposes: open };
  return { visibility: rules.reveal.some((rule) => is(rule.who)) ? 'revealed' : 'hidden', purposes: [] };
};

/** A question about the principal alone: `who` reads nothing else. */
const probe = (principal: Principal, intent: Intent): Asked => ({
  principal,
  intent,
  input: {},
  purpose: undefined,
  provenance: {},
  resolution: { tier: 'direct', confidence: 1, margin: 1 },
  context: { now: new Date(0), ip: undefined, door: '' },
});
