import { describe, expect, test } from 'vitest';
import { readSources } from '../../intents/source.ts';
import { runPolicyCases } from '../../policies/cases.ts';
import { bundleOf, catalogue, load, head as policyHead } from './set-up.ts';

const bundle =
  bundleOf(`  - { allow: small, who: [agent], can: [refund], for: [service], when: { /in/amount: { lte: 100 } } }
  - { allow: view, who: [agent], can: [view], for: [service], obligations: [{ confirm: { by: self } }] }
  - { allow: early, can: [purge], when: { /ctx/time: { between: ["09:00", "10:00"] } } }
  - { deny: tainted, can: [refund], when: { /prov/sinks: { anyIn: [model] } } }
`);
const head = `suite: refunds
now: 2026-11-23T10:30:00+01:00
fixtures:
  dana: { subject: { type: user, id: dana }, token: { roles: [desk] }, purposes: [service, finance] }
  bot: { subject: { type: agent, id: bot }, token: { roles: [desk] }, purposes: [service], capabilities: [view] }
cases:
`;
const run = (lines: string) => {
  const [source] = readSources('cases.yaml', head + lines).sources;
  if (source === undefined) throw new Error('these cases are no YAML');
  const { results, findings } = runPolicyCases(source, bundle, catalogue);
  return {
    differences: results.map(({ place, name, difference }) =>
      difference === undefined ? 'as expected' : `${place} ${name}: ${difference}`,
    ),
    findings: findings.map(({ line, column, code, message }) => `${line}:${column} ${code} ${message}`),
  };
};
const refund = 'as: dana, intent: orders.refund@2, purpose: service';

describe('a case that holds', () => {
  test.each([
    `${refund}, in: { order_id: A, amount: 5 }, expect: permit, by: small`,
    `${refund}, in: { order_id: A, amount: 500 }, expect: deny`,
    `${refund}, in: { order_id: A }, expect: deny, unknown: []`,
    `${refund}, in: { order_id: A, amount: 5 }, prov: { /order_id: model }, expect: deny, by: tainted`,
    'as: dana, intent: orders.get@1, purpose: service, expect: confirm, by: view',
    'as: dana, intent: orders.get@1, expect: deny, unknown: [/purpose/name]',
    'as: dana, intent: orders.purge@1, purpose: finance, expect: permit',
    'as: bot, intent: orders.refund@2, purpose: service, in: { amount: 5 }, expect: deny',
    'as: bot, intent: orders.get@1, purpose: finance, expect: deny',
  ])('{ %s }', (line) => {
    expect(run(`  - { ${line} }\n`)).toEqual({ differences: ['as expected'], findings: [] });
  });
});

describe('a case that does not is told with its place', () => {
  test.each([
    [
      `${refund}, in: { order_id: A, amount: 500 }, expect: permit`,
      'dana orders.refund@2 for service: expected permit, got deny: no allow holds: small at policy-0.yaml:12:5 (orders.refund is permitted to you only when /amount is at most 100.)',
    ],
    [
      `name: small, ${refund}, in: { order_id: A, amount: 5 }, expect: deny`,
      'small: expected deny, got permit: allow small at policy-0.yaml:12:5 (Permitted for service.)',
    ],
    [
      `name: small, ${refund}, in: { order_id: A, amount: 5 }, expect: confirm`,
      'small: expected confirm, got permit: allow small at policy-0.yaml:12:5 (Permitted for service.)',
    ],
    [
      `name: small, ${refund}, in: { order_id: A, amount: 5 }, expect: permit, by: large`,
      'small: expected the rule large; small fired',
    ],
    [
      `name: none, ${refund}, in: { order_id: A, amount: 500 }, expect: deny, by: small`,
      'none: expected the rule small; none fired',
    ],
    [
      `name: known, ${refund}, in: { order_id: A, amount: 500 }, expect: deny, unknown: [/in/amount]`,
      'known: expected /in/amount to be unknown; nothing was',
    ],
    ['name: who, as: dan, intent: orders.get@1, expect: deny', 'who: there is no fixture "dan"'],
    ['name: who, as: constructor, intent: orders.get@1, expect: deny', 'who: there is no fixture "constructor"'],
    ['name: what, as: dana, intent: orders.get@9, expect: deny', 'what: there is no intent orders.get@9'],
    [
      'name: why, as: dana, intent: orders.get@1, purpose: servce, expect: deny',
      'why: there is no purpose "servce". Did you mean "service"?',
    ],
    [
      'name: not hers, as: bot, intent: orders.get@1, purpose: finance, expect: confirm',
      'not hers: bot does not carry the purpose "finance"',
    ],
  ])('{ %s }', (line, difference) => {
    expect(run(`  - { as: dana, intent: orders.get@1, expect: deny }\n  - { ${line} }\n`).differences).toEqual([
      'as expected',
      `cases.yaml:8:5 ${difference}`,
    ]);
  });
});

test.each([
  [
    'a file of another shape',
    '  - { as: dana, intent: orders.get, expect: deny }\n',
    '7:25 case.invalid "cases.0.intent": an intent is written with its major: orders.get@1.',
  ],
  [
    'an unknown key',
    '  - { as: dana, intent: orders.get@1, expects: deny, expect: deny }\n',
    '7:39 case.unknown-key "expects" is not known in "cases.0".',
  ],
  [
    'an expectation that is none',
    '  - { as: dana, intent: orders.get@1, expect: allow }\n',
    '7:47 case.invalid "cases.0.expect": Invalid option: expected one of "permit"|"confirm"|"deny".',
  ],
])('%s is a finding, and nothing is run', (_name, line, finding) => {
  expect(run(line)).toEqual({ differences: [], findings: [finding] });
});

describe('more than the bare request', () => {
  const { bundle: limited } = load([
    `${policyHead.replace('subjects:', 'rates: { slow: { requests: 1, per: 1m } }\naggregates: { sum-1d: { can: [refund], sum: /in/amount, window: 1d } }\nsubjects:')}  - { allow: x, can: [refund], when: { /agg/sum-1d: { lte: 100 } }, obligations: [{ rate: slow }] }
  - { deny: restricted, can: [refund], when: { /rep/band: { eq: restricted } } }
  - { deny: night, can: [refund], when: { /ctx/time: { between: ["22:00", "06:00"] } } }
  - { deny: far, can: [refund], when: { /ctx/ip: { notInNet: 10.0.0.0/8 } } }
`,
  ]);
  const text = (lines: string) => `suite: totals
now: 2026-11-23T10:30:00Z
fixtures:
  dana: { subject: { type: user, id: dana }, ip: 10.0.0.1, purposes: [service] }
  shady: { subject: { type: user, id: shady }, ip: 10.0.0.1, purposes: [service], band: restricted }
${lines}`;
  const differences = (lines: string) => {
    const [source] = readSources('cases.yaml', text(lines)).sources;
    if (source === undefined || limited === undefined) throw new Error('these do not load');
    return runPolicyCases(source, limited, catalogue).results.map(({ difference, place }) =>
      difference === undefined ? 'as expected' : `${place} ${difference}`,
    );
  };
  const five = 'as: dana, intent: orders.refund@2, in: { amount: 5 }';
  test.each([
    [`${five}, agg: { sum-1d: 95 }, expect: permit, obligations: [rate slow]`, 'as expected'],
    [`${five}, agg: { sum-1d: 96 }, expect: deny`, 'as expected'],
    [`${five}, expect: deny, unknown: [/agg/sum-1d]`, 'as expected'],
    [`${five}, agg: { sum-1d: 0 }, now: 2026-11-23T22:00:00Z, expect: deny, by: night`, 'as expected'],
    [`${five}, agg: { sum-1d: 0 }, ip: 11.0.0.1, expect: deny, by: far`, 'as expected'],
    [
      'as: shady, intent: orders.refund@2, in: { amount: 5 }, agg: { sum-1d: 0 }, expect: deny, by: restricted',
      'as expected',
    ],
    [
      `${five}, agg: { sum-1d: 0 }, expect: permit, obligations: [confirm by self]`,
      'cases.yaml:7:5 expected confirm by self to be asked for; rate slow was',
    ],
  ])('{ %s }: %s', (line, expected) => {
    expect(differences(`cases:\n  - { ${line} }\n`)).toEqual([expected]);
  });

  test('a matrix tries every combination, and what it does not list must be denied', () => {
    const matrix = (permitted: string) =>
      differences(`matrix: { intents: [orders.refund@2], purposes: [service, finance], permitted: [${permitted}] }\n`);
    expect(matrix('')).toEqual(Array(4).fill('as expected'));
    expect(matrix('[dana, orders.refund@2, service]')).toEqual([
      expect.stringMatching(/^cases\.yaml:6:81 is listed as permitted, and denied: no allow holds/),
      ...Array(3).fill('as expected'),
    ]);
  });
});
