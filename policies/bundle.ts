import { Ability } from '@casl/ability';
import type { Intent } from '../intents/contract.ts';
import type { Json } from '../intents/json.ts';
import { type Aggregate, readingOf } from './aggregates.ts';
import type { Condition } from './conditions.ts';
import { decide } from './decide.ts';
import { verdictOf } from './explain.ts';
import { nameComplies, purposeGap } from './purposes.ts';
import { type Read, reader } from './read.ts';
import { admits, purposesOf, type Rule } from './rules.ts';
import { type View, viewOf } from './standing.ts';
import { covers } from './tokens/ceiling.ts';
import type { Asked, Bundle, Principal, Visibility } from './types.ts';
import { compileUnseen } from './unseen.ts';

/** The rules of one intent, in the order of the bundle. */
export interface IntentRules {
  readonly allow: readonly Rule[];
  readonly deny: readonly Rule[];
  readonly require: readonly Rule[];
  readonly reveal: readonly Rule[];
  /** Aggregates that some rule reads. */
  readonly read: readonly Aggregate[];
  /** Aggregates that count the intent. */
  readonly counted: readonly Aggregate[];
  readonly paths: readonly string[];
  /** Whether a sink holds what nobody gave; undefined: nothing of it decides where an effect lands. */
  readonly unseen: ((asked: Asked) => boolean) | undefined;
  /** Of those paths, what is told in a footprint. */
  readonly told: readonly { readonly path: string; readonly read: Read }[];
}
const none: IntentRules = {
  allow: [],
  deny: [],
  require: [],
  reveal: [],
  read: [],
  counted: [],
  paths: [],
  unseen: undefined,
  told: [],
};

export interface BundleParts {
  readonly hash: string;
  readonly purposes: ReadonlySet<string>;
  readonly rules: readonly Rule[];
  /** Capability name -> ids of its intents: what a credential can be narrowed to. */
  readonly capabilities: ReadonlyMap<string, ReadonlySet<string>>;
  readonly aggregates: readonly Aggregate[];
  /** Intent id -> what decides where its effect lands, the contract's and the policy's. */
  readonly sinks: ReadonlyMap<string, readonly string[]>;
  readonly catalogue: readonly Intent[];
  readonly newId: () => string;
}

/** What is known of one principal and one intent, before anything is asked. */
interface Known {
  readonly visibility: Visibility;
  readonly purposes: readonly string[];
  /** By purpose, or by why there is none. */
  readonly views: Map<string, View>;
}

/**
 * Makes the one decision function of loaded policies. CASL is the rule index and nothing more: its own condition
 * language lets missing and incomparable values pass, so conditions are closures of ours (docs/decisions/0009).
 */
export const createBundle = (parts: BundleParts): Bundle => {
  const { hash, purposes, rules, capabilities, newId } = parts;
  const byIntent = indexRules(parts);
  const rulesOf = (intent: Intent) => byIntent.get(intent.id) ?? none;
  const seen = new WeakMap<Principal, Map<string, Known>>();
  const look = (principal: Principal, intent: Intent): Known => {
    let known = seen.get(principal);
    if (known === undefined) {
      known = new Map();
      seen.set(principal, known);
    }
    let found = known.get(intent.id);
    if (found === undefined) {
      const asked = purposesOf(principal, purposes);
      found = { ...visibilityOf(rulesOf(intent), principal, intent, asked, capabilities), views: new Map() };
      known.set(intent.id, found);
    }
    return found;
  };
  /** A purpose that does not count is none. */
  const counted = (given: Asked) => {
    const gap = purposeGap(given.purpose, purposes);
    return { gap, asked: gap === undefined || given.purpose === undefined ? given : { ...given, purpose: undefined } };
  };
  return {
    hash,
    purposes,
    rules,
    ruleCount: rules.length,
    decide(given) {
      const { gap, asked } = counted(given);
      const of = rulesOf(asked.intent);
      const { views } = look(asked.principal, asked.intent);
      const key = gap ?? `/${asked.purpose?.name}`;
      let view = views.get(key);
      if (view === undefined) {
        view = viewOf(of, asked, gap);
        views.set(key, view);
      }
      return decide(of, view, asked, { hash, capabilities, newId });
    },
    readings: (asked) => rulesOf(asked.intent).read.flatMap((aggregate) => readingOf(aggregate, asked) ?? []),
    explain(given) {
      const { asked } = counted(given);
      const { allow, deny, require } = rulesOf(asked.intent);
      return [...deny, ...allow, ...require].map((rule) => verdictOf(rule, asked));
    },
    reads: (intent) => rulesOf(intent).paths,
    footprint: (asked) =>
      Object.fromEntries(rulesOf(asked.intent).told.map(({ path, read }) => [path, (read(asked) ?? null) as Json])),
    visibility: (principal, intent) => look(principal, intent).visibility,
    purposesFor: (principal, intent) => look(principal, intent).purposes,
  };
};

const indexRules = ({ rules, catalogue, aggregates, sinks }: BundleParts): Map<string, IntentRules> => {
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
    catalogue.map(({ id, effect }) => {
      const found = ability
        .rulesFor(id, 'Intent')
        .map(({ conditions }) => conditions as unknown as Rule)
        .sort((a, b) => a.order - b.order);
      const of = (kind: Rule['kind']) => found.filter((rule) => rule.kind === kind);
      const read = aggregates.filter(({ name }) => found.some(({ reads }) => reads.includes(`/agg/${name}`)));
      const paths = [...new Set([...found, ...read].flatMap(({ reads }) => reads))].sort();
      return [
        id,
        {
          allow: of('allow'),
          deny: of('deny'),
          require: of('require'),
          reveal: of('reveal'),
          read,
          counted: aggregates.filter(({ counts }) => counts.has(id)),
          paths,
          unseen:
            effect === 'read' || (sinks.get(id) ?? []).length === 0 ? undefined : compileUnseen(sinks.get(id) ?? []),
          told: paths.flatMap(toldAt),
        },
      ];
    }),
  );
};

/** What an audit entry does not hold anyway. A total is told as it was before the request. */
const toldAt = (path: string): { path: string; read: Read }[] => {
  const name = path.startsWith('/agg/') ? path.slice('/agg/'.length) : undefined;
  if (name !== undefined) return [{ path, read: ({ totals }) => totals?.get(name) }];
  if (path === '/ctx/time') return [{ path, read: ({ context }) => context.now.toISOString() }];
  if (!/^\/(token|ctx\/ip|ctx\/agent|rep|chain)(\/|$)/.test(path)) return [];
  return [{ path, read: reader(path, { aggregates: new Map(), sinks: new Map() }) }];
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
  const within = (purpose: string | undefined) =>
    principal.token === undefined || covers(principal.token.details, intent.id, purpose);
  const allows = rules.allow.filter((rule) => is(rule.who) && is(rule.claims));
  // A deny without conditions closes a purpose for good, as does one on claims that hold; others may spare some request.
  const closes = rules.deny.filter(
    (rule) => rule.rest === undefined && rule.who(about) !== false && rule.claims(about) !== false,
  );
  const closed = (purpose: string) =>
    closes.some(({ purposes: { allowed, prohibited } }) => nameComplies(purpose, allowed, prohibited) !== false);
  const open = carried
    ? purposes.filter(
        (purpose) => within(purpose) && allows.some((rule) => admits(rule, intent, purpose)) && !closed(purpose),
      )
    : [];
  // An allow for any purpose, of a contract for any purpose, needs none.
  const withoutPurpose =
    carried &&
    purposes.length === 0 &&
    within(undefined) &&
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
