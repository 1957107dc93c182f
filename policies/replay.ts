import type { Intent, Provenance } from '../intents/contract.ts';
import { type Input, isObject, type Json, pointerPath, valueAt } from '../intents/json.ts';
import { obligationText } from './record.ts';
import type { Details } from './tokens/ceiling.ts';
import type { Asked, Band, Bundle, Decision, Purpose } from './types.ts';

/** What a decision comes down to, recorded or made anew. */
export interface Outcome {
  readonly outcome: 'permit' | 'deny';
  /** Rules that fired, of those that decide: denies of a denial, allows of a permit. */
  readonly by: readonly string[];
  /** Sorted. */
  readonly obligations: readonly string[];
}

/** A request that two policies decide differently. */
export interface Flip {
  readonly request: string;
  readonly at: string;
  readonly intent: string;
  readonly caller: string;
  readonly kind: 'permit to deny' | 'deny to permit' | 'obligations';
  /** The rules that the new outcome rests on. */
  readonly by: readonly string[];
  readonly before: Outcome;
  readonly after: Outcome;
}

export interface Replayed {
  readonly requests: number;
  readonly same: number;
  readonly flips: readonly Flip[];
  /** Why a request cannot be decided again -> how many there are. */
  readonly skipped: ReadonlyMap<string, number>;
}

type Logged = Readonly<Record<string, unknown>>;
type Entries = Iterable<Logged> | AsyncIterable<Logged>;

/**
 * Decides recorded requests again under a candidate. One that the candidate would read something of that was not
 * recorded is not guessed at: it is told as not replayable, with the path.
 * @param entries audit entries, as they were appended
 */
export const replay = (entries: Entries, candidate: Bundle, catalogue: readonly Intent[]): Promise<Replayed> =>
  compareAll(entries, (entry) => decideAgain(entry, candidate, catalogue));

/** The same with what a policy on trial decided on the live request. @param bundle hash of that policy */
export const comparedWithShadow = (entries: Entries, bundle: string): Promise<Replayed> =>
  compareAll(entries, (entry) => {
    const shadow = valueAt(entry, ['decision', 'shadow']);
    if (!isObject(shadow)) return 'no policy was on trial then';
    return shadow.bundle !== bundle ? 'another policy was on trial then' : recorded(shadow);
  });

const compareAll = async (entries: Entries, after: (entry: Logged) => Outcome | string): Promise<Replayed> => {
  const skipped = new Map<string, number>();
  const flips: Flip[] = [];
  let [requests, same] = [0, 0];
  for await (const entry of entries) {
    // To explain decides nothing.
    if (entry.kind !== 'outcome' || !isObject(entry.decision) || String(entry.asked).startsWith('explain')) continue;
    requests++;
    const next = after(entry);
    if (typeof next === 'string') {
      skipped.set(next, (skipped.get(next) ?? 0) + 1);
      continue;
    }
    const flip = flipOf(entry, recorded(entry.decision), next);
    if (flip === undefined) same++;
    else flips.push(flip);
  }
  return { requests, same, flips, skipped };
};

const flipOf = (entry: Logged, before: Outcome, after: Outcome): Flip | undefined => {
  const changed = before.obligations.join('; ') !== after.obligations.join('; ');
  if (before.outcome === after.outcome && !changed) return undefined;
  return {
    request: String(entry.request),
    at: String(entry.at),
    intent: String(entry.intent),
    caller: ['type', 'id'].map((name) => String(valueAt(entry, ['principal', name]))).join(' '),
    kind:
      before.outcome === after.outcome
        ? 'obligations'
        : after.outcome === 'permit'
          ? 'deny to permit'
          : 'permit to deny',
    by: after.by,
    before,
    after,
  };
};

const recorded = (decision: Logged): Outcome => {
  const outcome = decision.outcome === 'permit' ? 'permit' : 'deny';
  const strings = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
  return {
    outcome,
    by: strings(valueAt(decision, ['rules', outcome === 'permit' ? 'allow' : 'deny'])),
    // "confirm by self (rule)": the rule may be another and ask for the same.
    obligations: strings(decision.obligations)
      .map((text) => text.replace(/ \([^()]*\)$/, ''))
      .sort(),
  };
};

const outcomeOf = ({ outcome, rules, obligations }: Decision): Outcome => ({
  outcome,
  by: outcome === 'permit' ? rules.allow : rules.deny,
  obligations: obligations.map(obligationText).sort(),
});

/** @returns why it cannot be decided again, where it cannot */
const decideAgain = (entry: Logged, candidate: Bundle, catalogue: readonly Intent[]): Outcome | string => {
  const [name = '', version = ''] = String(entry.intent).split('@');
  const id = `${name}@${version.split('.')[0]}`;
  const intent = catalogue.find((one) => one.id === id);
  if (intent === undefined) return `${id} is no longer there`;
  const footprint = valueAt(entry, ['decision', 'footprint']);
  if (!isObject(footprint) || !isObject(footprint.read) || !isObject(entry.principal))
    return 'what the policies read was not recorded then';
  const { read } = footprint;
  const lacking = candidate.reads(intent).find((path) => !isRecorded(path, entry, read));
  if (lacking !== undefined) return `${lacking} was not recorded`;
  return outcomeOf(candidate.decide(askedOf(entry, entry.principal, footprint, read, intent)));
};

/** Roots whose values every entry holds. */
const always = /^\/(prov|purpose|resolution|subject|ctx\/door|ctx\/time)(\/|$)/;
const masked = '***';

const isRecorded = (path: string, entry: Logged, read: Logged): boolean => {
  if (always.test(path)) return true;
  if (path.startsWith('/in/')) {
    // A value below a masked one is gone as well.
    const names = pointerPath(path).slice(1);
    return names.every((_name, depth) => valueAt(entry.input, names.slice(0, depth + 1)) !== masked);
  }
  return Object.keys(read).some((known) => path === known || path.startsWith(`${known}/`));
};

const askedOf = (entry: Logged, principal: Logged, footprint: Logged, read: Logged, intent: Intent): Asked => {
  const band = read['/rep/band'];
  const depth = read['/chain/depth'];
  const totals = Object.entries(read).flatMap(([path, total]): [string, number][] =>
    path.startsWith('/agg/') && typeof total === 'number' ? [[path.slice('/agg/'.length), total]] : [],
  );
  return {
    principal: {
      tenant: String(principal.tenant),
      type: String(principal.type),
      id: String(principal.id),
      claims: claimsOf(read),
      purposes: footprint.purposes as readonly string[],
      defaultPurpose: undefined,
      capabilities: footprint.capabilities as readonly string[] | undefined,
      credential: { kind: 'api-key', id: String(principal.credential) },
      ...(typeof depth === 'number' ? { delegations: depth } : {}),
      ...(Array.isArray(footprint.token) ? { token: { details: footprint.token as Details, links: [] } } : {}),
    },
    intent,
    input: (entry.input ?? {}) as Input,
    purpose: entry.purpose as Purpose | undefined,
    provenance: (entry.provenance ?? {}) as Readonly<Record<string, Provenance>>,
    resolution: (entry.resolution as Asked['resolution'] | undefined) ?? { tier: 'direct', confidence: 1, margin: 1 },
    context: {
      now: new Date(String(read['/ctx/time'] ?? entry.at)),
      ip: typeof read['/ctx/ip'] === 'string' ? read['/ctx/ip'] : undefined,
      door: String(entry.door),
    },
    totals: new Map(totals),
    // A band that was read and is not there could not be known.
    ...(band === undefined ? {} : { band: (band ?? 'unknown') as Band }),
  };
};

/** Builds claims of the paths that were read of them; null stands for one that was not there. */
const claimsOf = (read: Logged): Record<string, Json> => {
  const claims: Record<string, Json> = {};
  const put = (at: Record<string, Json>, [name = '', ...rest]: readonly string[], value: Json): void => {
    const known = Object.hasOwn(at, name) ? at[name] : undefined;
    const next = rest.length === 0 ? value : { ...(isObject(known) ? (known as Record<string, Json>) : {}) };
    if (rest.length > 0) put(next as Record<string, Json>, rest, value);
    Object.defineProperty(at, name, { value: next, enumerable: true, writable: true, configurable: true });
  };
  for (const [path, value] of Object.entries(read))
    if (path.startsWith('/token/') && value !== null) put(claims, pointerPath(path).slice(1), value as Json);
  // Whoever was an agent for their "act" alone is one again.
  if (read['/ctx/agent'] === true && !Object.hasOwn(claims, 'act')) claims.act = {};
  return claims;
};
