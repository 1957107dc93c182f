import { describe, expect, test } from 'vitest';
import { decisionEntry } from '../../policies/record.ts';
import { comparedWithShadow, replay } from '../../policies/replay.ts';
import type { Asked, Bundle } from '../../policies/types.ts';
import { unwaived } from '../../policies/waivers.ts';
import { asked, catalogue, head, load, principal } from './set-up.ts';

const sections = `networks: { corp: [10.0.0.0/8] }
aggregates: { spent: { can: [refund], sum: /in/amount, window: 1d } }
`;
const bundleOf = (rules: string): Bundle => {
  const { bundle, told } = load([head.replace('subjects:', `${sections}subjects:`) + rules]);
  if (bundle === undefined) throw new Error(told.join('\n'));
  return bundle;
};

/** The entry of a request as the gateway writes it. */
const entryOf = (about: Asked, live: Bundle, shadow?: Bundle): Record<string, unknown> => {
  const { principal: who, intent, input, provenance, purpose, context } = about;
  const decision = decisionEntry(
    live.decide(about),
    about,
    { ...shadow?.footprint(about), ...live.footprint(about) },
    shadow?.decide(about),
  );
  const entry = {
    kind: 'outcome',
    request: 'r1',
    at: context.now.toISOString(),
    door: context.door,
    asked: 'typed',
    principal: { tenant: who.tenant, type: who.type, id: who.id, credential: who.credential.id },
    purpose,
    intent: `${intent.name}@${intent.version}`,
    input,
    provenance,
    resolution: about.resolution.tier === 'direct' ? undefined : about.resolution,
    decision,
  };
  return JSON.parse(JSON.stringify(entry)) as Record<string, unknown>;
};

const limit = (most: number) =>
  `  - { allow: small, who: [agent], can: [refund], for: [service], when: { /in/amount: { lte: ${most} }, /ctx/ip: { inNet: corp }, /ctx/time: { between: ["08:00", "20:00"] } } }
  - { deny: too-much, can: [refund], when: { /agg/spent: { gt: 100 } } }
`;
const live = bundleOf(limit(50));
const requests: Asked[] = [
  asked({ totals: new Map([['spent', 0]]) }),
  asked({ totals: new Map([['spent', 90]]) }),
  asked({ totals: new Map() }),
  asked({ input: { order_id: 'A', amount: 70 }, totals: new Map([['spent', 0]]) }),
  asked({ principal: principal({ claims: {} }), totals: new Map([['spent', 0]]) }),
  asked({ principal: principal({ capabilities: ['view'] }), totals: new Map([['spent', 0]]) }),
  asked({ purpose: undefined, totals: new Map([['spent', 0]]) }),
  asked({ context: { now: new Date('2026-11-23T21:00:00Z'), ip: undefined, door: 'http' } }),
  asked({ resolution: { tier: 'builtin', confidence: 0.8, margin: 0.1 }, totals: new Map([['spent', 10]]) }),
];
const log = requests.map((about) => entryOf(about, live));

describe('replaying', () => {
  test('the policies that decided decides everything as it was, from the record alone', async () => {
    expect(await replay(log, live, catalogue)).toEqual({ requests: 9, same: 9, flips: [], skipped: new Map() });
  });

  test('a band that could not be known is as little known when it is decided again', async () => {
    const banded = bundleOf(
      '  - { allow: all, who: [agent], can: [refund] }\n  - { deny: shady, can: [refund], when: { /rep/band: { eq: restricted } } }\n',
    );
    const entries = (['unknown', 'new', 'restricted'] as const).map((band) => entryOf(asked({ band }), banded));
    expect(entries.map(({ decision }) => (decision as { outcome: string }).outcome)).toEqual([
      'deny',
      'permit',
      'deny',
    ]);
    expect(await replay(entries, banded, catalogue)).toMatchObject({ requests: 3, same: 3, flips: [] });
  });

  test('others tells what is permitted anew, and by which rule; a waiver answers for that alone', async () => {
    const { same, flips } = await replay(log, bundleOf(limit(80)), catalogue);
    expect(same).toBe(8);
    expect(flips).toMatchObject([
      { kind: 'deny to permit', by: ['small'], intent: 'orders.refund@2.0.0', caller: 'user dana' },
    ]);
    const waiver = { rule: 'small', intent: 'orders.refund@2', because: 'agreed' };
    expect(unwaived(flips, [])).toHaveLength(1);
    expect(unwaived(flips, [waiver])).toEqual([]);
    expect(
      unwaived(flips, [
        { ...waiver, rule: 'other' },
        { ...waiver, intent: 'orders.refund@1' },
      ]),
    ).toHaveLength(1);
  });

  test('what the candidate reads and nobody recorded is named, and not decided', async () => {
    const candidate = bundleOf(`${limit(50)}  - { deny: x, can: [refund], when: { /token/region/name: { eq: a } } }\n`);
    const { same, skipped } = await replay(log, candidate, catalogue);
    expect([same, [...skipped]]).toEqual([0, [['/token/region/name was not recorded', 9]]]);
    // Below what was recorded as a whole there is nothing that was not.
    const below = bundleOf(`${limit(50)}  - { deny: x, can: [refund], when: { /token/roles/0: { eq: boss } } }\n`);
    expect((await replay(log, below, catalogue)).skipped).toEqual(new Map());
  });

  test('a masked value, an intent that is gone, and an entry from before footprints are told as such', async () => {
    const [first] = log as [Record<string, unknown>];
    const decision = first.decision as object;
    const entries = [
      { ...first, input: { order_id: '***', amount: '***' } },
      { ...first, intent: 'orders.gone@1.0.0' },
      { ...first, decision: { ...decision, footprint: undefined } },
      { ...first, asked: 'explain typed' },
      { ...first, decision: undefined },
    ];
    expect(await replay(entries, live, catalogue)).toMatchObject({
      requests: 3,
      skipped: new Map([
        ['/in/amount was not recorded', 1],
        ['orders.gone@1 is no longer there', 1],
        ['what the policies read was not recorded then', 1],
      ]),
    });
  });
});

test('what policies on trial decided is held against what was decided, and only of the trial that is meant', async () => {
  const shadow = bundleOf(
    `${limit(50)}  - { require: ask, can: [refund], when: { /in/amount: { gte: 20 } }, obligations: [{ confirm: { by: self } }] }\n`,
  );
  const entries = requests.map((about) => entryOf(about, live, shadow));
  const { same, flips } = await comparedWithShadow(entries, shadow.hash);
  // Both that are permitted would be asked about.
  expect([same, flips.map(({ kind, after }) => [kind, after.obligations])]).toEqual([
    7,
    [
      ['obligations', ['confirm by self']],
      ['obligations', ['confirm by self']],
    ],
  ]);
  expect((await comparedWithShadow(entries, 'another')).skipped).toEqual(
    new Map([['another policy was on trial then', 9]]),
  );
  expect((await comparedWithShadow(log, shadow.hash)).skipped).toEqual(new Map([['no policy was on trial then', 9]]));
});
