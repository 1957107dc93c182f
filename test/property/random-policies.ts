import fc from 'fast-check';
import type { Intent, Provenance } from '../../intents/contract.ts';
import type { Json } from '../../intents/json.ts';
import { type Asked, type Bundle, bands, type Principal } from '../../policies/types.ts';
import type { When, Written, WrittenRule } from '../policies/naive.ts';
import { asked, getOrder, load, principal, purge, refund } from '../policies/set-up.ts';

export const purposes = ['service', 'service/ticket', 'service/ticket/refund', 'service/export', 'finance'];
export const intents: readonly Intent[] = [getOrder, refund, purge];
const tiers = ['direct', 'example', 'builtin', 'encoder', 'model'];
const origins: Provenance[] = ['user', 'input', 'backend', 'model'];
const capabilities = {
  view: { intents: [getOrder.id] },
  refund: { intents: [refund.id] },
  purge: { intents: [purge.id] },
  all: { intents: intents.map(({ id }) => id) },
};
const subjects = {
  agent: { match: { '/token/roles': { has: 'desk' } } },
  boss: { match: { '/token/roles': { hasAny: ['boss', 'chief'] } } },
  'level-two': { match: { '/token/level': { gte: 2 }, '/subject/type': { eq: 'user' } } },
};

const purpose = fc.constantFrom(...purposes);
const number = fc.constantFrom(-1, 0, 5, 100, 100.01);
const word = fc.constantFrom('a', 'b');
const some = <T>(options: readonly T[]) => fc.subarray([...options], { minLength: 1 });
const text = (...options: string[]) =>
  fc.oneof(
    fc.record({ eq: fc.constantFrom(...options) }),
    fc.record({ ne: fc.constantFrom(...options) }),
    fc.record({ in: some(options) }),
    fc.record({ notIn: some(options) }),
  );

/** Undefined so many times in ten. */
const missing = <T>(inTen: number, arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: inTen, arbitrary: fc.constant(undefined) }, { weight: 10 - inTen, arbitrary });

/** Conditions that read a value, and never say something of its absence. */
const values: Record<string, fc.Arbitrary<Record<string, unknown>>> = {
  '/in/amount': fc.oneof(
    fc.dictionary(fc.constantFrom('gt', 'gte', 'lt', 'lte', 'eq', 'ne'), number, { minKeys: 1, maxKeys: 2 }),
    fc.record({ notIn: fc.constant([0, 5]) }),
  ),
  '/in/currency': text('EUR', 'USD'),
  '/in/note': fc.oneof(text('a', 'b'), fc.record({ matches: fc.constantFrom('^a', '(a+)+$', 'b') })),
  '/in/urgent': fc.record({ eq: fc.boolean() }),
  '/in/tags': fc.oneof(fc.record({ has: word }), fc.record({ hasAny: some(['a', 'b']) })),
  '/in/address/city': text('a', 'b'),
  '/in/lines/0/sku': text('a', 'b'),
  '/prov/amount': text(...origins),
  '/token/level': fc.record({ lte: number }),
  '/resolution/margin': fc.record({ lt: fc.constantFrom(0.1, 0.5) }),
  '/resolution/tier': text(...tiers),
  '/ctx/door': text('http', 'grpc'),
  '/ctx/agent': fc.record({ eq: fc.boolean() }),
  '/ctx/ip': fc.oneof(
    fc.record({ inNet: some(['corp', '10.9.0.0/16']) }),
    fc.record({ notInNet: fc.constantFrom('corp', '192.0.2.1') }),
  ),
  '/rep/band': fc.oneof(
    fc.constantFrom(1, 2, 3).map((from) => ({ in: bands.slice(from) })),
    fc.constant({ ne: 'trusted' }),
  ),
  '/chain/depth': fc.record({ lte: fc.constantFrom(0, 1) }),
  '/agg/spent': fc.oneof(...['lt', 'lte', 'gt', 'gte'].map((name) => fc.record({ [name]: fc.constantFrom(5, 100) }))),
  '/agg/asked': fc.record({ lte: fc.constantFrom(1, 5) }),
};
/** Conditions that an absence can answer. */
const absences: typeof values = {
  '/in/amount': fc.record({ present: fc.boolean() }),
  '/in/address': fc.record({ present: fc.boolean() }),
  '/prov/sinks': fc.record({ anyIn: some(origins) }),
  '/purpose/name': text(...purposes),
};
const forRefunds = (path: string) => path.startsWith('/in/') || (path.startsWith('/prov/') && path !== '/prov/sinks');

export interface Wanted {
  /** Whether conditions may be answered by a value that is not there, or by the name of the purpose. */
  readonly absences: boolean;
}

const whenOf = (wanted: Wanted): fc.Arbitrary<When> => {
  const all = Object.entries(values).concat(wanted.absences ? Object.entries(absences) : []);
  return fc
    .array(fc.constantFrom(...all), { minLength: 1, maxLength: 3 })
    .chain((picked) => fc.tuple(...picked.map(([path, tests]) => fc.tuple(fc.constant(path), tests))))
    .map((entries) => Object.fromEntries(entries) as When);
};

/** A rule without its name: names are given by position, so that each is there once. */
export const ruleOf = (kinds: readonly ('allow' | 'deny' | 'require')[], wanted: Wanted): fc.Arbitrary<WrittenRule> =>
  fc
    .record({
      kind: fc.constantFrom(...kinds),
      who: missing(5, some(Object.keys(subjects))),
      can: some(['view', 'refund', 'purge', 'all']),
      everywhere: fc.boolean(),
      effects: missing(7, some(['read', 'write', 'destructive'])),
      for: missing(5, fc.uniqueArray(purpose, { minLength: 1, maxLength: 2 })),
      notFor: missing(8, fc.uniqueArray(purpose, { minLength: 1, maxLength: 1 })),
      when: missing(5, whenOf(wanted)),
      priority: fc.constantFrom(0, 0, 1, -1),
      fields: missing(5, fc.constantFrom(['/id'], ['/status'])),
    })
    .map(({ kind, everywhere, can, effects, when: drawn, priority, fields, ...rest }) => {
      const when = kind === 'allow' ? withoutBand(drawn) : drawn;
      const typed = Object.keys(when ?? {}).some(forRefunds);
      return {
        [kind]: '',
        ...rest,
        ...(typed ? { can: ['refund'] } : kind === 'allow' || !everywhere ? { can } : {}),
        ...(typed ? {} : { effects }),
        when,
        ...(kind === 'allow' ? { priority, fields } : {}),
        ...(kind === 'require' ? { obligations: [{ confirm: { by: 'self' } }] } : {}),
      };
    });
/** Of a condition: what an allow may ask. */
const withoutBand = (when: When | undefined): When | undefined => {
  if (when === undefined) return undefined;
  const { '/rep/band': _, ...rest } = when;
  return Object.keys(rest).length === 0 ? undefined : (rest as When);
};
export const rulesOf = (wanted: Wanted) =>
  fc.array(ruleOf(['allow', 'allow', 'allow', 'deny', 'require'], wanted), { minLength: 1, maxLength: 6 });

/** Many rules that differ by one value: what an index is for. */
export const alikeOf = fc
  .array(
    fc.record({
      kind: fc.constantFrom('allow', 'allow', 'deny', 'require'),
      by: fc.constantFrom('eq', 'in', 'range', 'none'),
      path: fc.constantFrom('/in/note', '/in/note', '/in/amount'),
      value: fc.nat(6),
      more: missing(6, whenOf({ absences: true })),
    }),
    { minLength: 5, maxLength: 25 },
  )
  .map((drawn) =>
    drawn.map(({ kind, by, path, value, more }): WrittenRule => {
      const own =
        path === '/in/note' ? ['a', 'b', 'aaaa!', 'c', 'd', 'e', 'f'][value] : [-1, 0, 5, 100, 100.01, 7, 8][value];
      const tests =
        by === 'eq' || (by === 'range' && path === '/in/note')
          ? { eq: own }
          : by === 'in'
            ? { in: [own, path === '/in/note' ? 'z' : 99] }
            : { gte: own, lte: own };
      return {
        [kind]: '',
        can: ['refund'],
        when: { ...(kind === 'allow' ? withoutBand(more) : more), ...(by === 'none' ? {} : { [path]: tests }) },
        ...(by === 'none' && (kind === 'allow' ? withoutBand(more) : more) === undefined
          ? { when: { '/in/urgent': { eq: true } } }
          : {}),
        ...(kind === 'require' ? { obligations: [{ confirm: { by: 'self' } }] } : {}),
      };
    }),
  );

/** The document of some rules, each named by where it stands. */
export const policyOf = (rules: readonly WrittenRule[]): Written => ({
  purposes,
  subjects,
  capabilities,
  networks: { corp: ['10.20.0.0/16', '10.21.7.0/24'] },
  sinks: { [refund.id]: ['/in/note'] },
  aggregates: {
    spent: { can: ['refund'], sum: '/in/amount', window: '24h', when: { '/in/currency': { eq: 'EUR' } } },
    asked: { can: ['view', 'refund'], window: '1h' },
  },
  rules: rules.map((rule, index) => {
    const kind = (['allow', 'deny', 'require'] as const).find((name) => rule[name] !== undefined) ?? 'deny';
    return { ...rule, [kind]: rule[kind] || `r${index}` };
  }),
});

export const compiled = (policy: Written): Bundle => {
  const { bundle, told } = load([JSON.stringify({ api: 'intent-policy/1', ...policy })], intents);
  if (bundle === undefined) throw new Error(told.join('\n'));
  return bundle;
};

export const junk = fc.constantFrom<Json>(
  null,
  true,
  'x',
  '5',
  [],
  {},
  [[5]],
  ['a', 5],
  Number.NaN,
  Number.POSITIVE_INFINITY,
);
const or = (good: fc.Arbitrary<Json>) => fc.oneof({ weight: 5, arbitrary: good }, junk);
export const input = fc.record(
  {
    order_id: or(word),
    amount: or(number),
    currency: or(fc.constantFrom('EUR', 'USD')),
    note: or(fc.constantFrom('a', 'b', 'aaaa!')),
    urgent: or(fc.boolean()),
    tags: or(fc.array(word, { maxLength: 2 })),
    lines: or(fc.array(fc.record({ sku: word }), { maxLength: 2 })),
    address: or(fc.record({ city: word, 'a/b': word }, { requiredKeys: [] })),
  },
  { requiredKeys: [] },
);
const labels = fc.dictionary(
  fc.constantFrom(
    '/order_id',
    '/amount',
    '/note',
    '/lines',
    '/lines/0/sku',
    '/lines/1',
    '/address',
    '/address/city',
    '/address/a~1b',
  ),
  fc.constantFrom(...origins),
);

export const caller: fc.Arbitrary<Principal> = fc
  .record({
    type: fc.constantFrom('user', 'agent'),
    roles: fc.oneof(
      { weight: 4, arbitrary: fc.subarray<Json>(['desk', 'boss']) },
      fc.constantFrom<Json>('desk', null, [5], {}),
    ),
    level: fc.constantFrom<Json>(1, 2, '2', null),
    purposes: fc.constantFrom(
      purposes,
      purposes,
      purposes,
      ['service'],
      ['service/ticket', 'finance'],
      ['service/nothing'],
      [],
    ),
    capabilities: missing(7, fc.subarray(['view', 'refund', 'nothing', '__proto__'])),
    delegations: fc.constantFrom(0, 1, 2),
  })
  .map(({ roles, level, ...rest }) => principal({ ...rest, claims: { roles, level } }));

/** Anything that could be asked: any intent, values of any type, labels that are there or not. */
export const request: fc.Arbitrary<Asked> = fc
  .record({
    principal: caller,
    intent: fc.constantFrom(refund, refund, getOrder, purge),
    input,
    provenance: labels,
    purpose: missing(
      2,
      fc.record({
        name: fc.oneof({ weight: 8, arbitrary: purpose }, fc.constantFrom('service/nothing', 'marketing', '')),
        source: fc.constantFrom('declared', 'declared', 'declared', 'token', 'session', 'proposed'),
      }),
    ),
    tier: fc.constantFrom(...tiers),
    margin: fc.constantFrom(0, 0.3, 1, Number.NaN),
    door: fc.constantFrom('http', 'grpc'),
    ip: fc.constantFrom('10.20.1.1', '10.21.7.9', '10.9.1.1', '192.0.2.1', '10.20.1', undefined),
    band: fc.constantFrom('new', 'trusted', 'restricted', 'unknown', undefined),
    totals: fc
      .record({ spent: fc.constantFrom(0, 5, 95), asked: fc.constantFrom(0, 4) }, { requiredKeys: [] })
      .map((held) => new Map(Object.entries(held))),
  })
  .map(({ tier, margin, door, ip, ...rest }) =>
    asked({
      ...(rest as Partial<Asked>),
      resolution: { tier, confidence: 1, margin },
      context: { now: new Date('2026-11-23T09:00:00Z'), ip, door },
    }),
  );
