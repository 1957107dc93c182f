import { expect, test } from 'vitest';
import { head, load, rules } from './world.ts';

const allow = (more: string) => rules(`allow: a\n    can: [orders.refund]\n    ${more}`);
const errorsOf = (...texts: string[]) =>
  load(...texts)
    .findings.filter(({ severity }) => severity === 'error')
    .map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);

test.each<[string, string, string[]]>([
  ['an unknown key', `${head}rulez: []\n`, ['a.yaml:9:1 "rulez" is not known in the file. Did you mean "rules"?']],
  ['an unknown key of a rule', allow('wen: {}'), ['a.yaml:12:5 "wen" is not known in "rules.0". Did you mean "when"?']],
  [
    'no kind',
    rules('permit: a'),
    ['a.yaml:10:5 A rule begins with "allow:", "deny:", "require:" or "reveal:" and its name.'],
  ],
  ['an unknown subject', allow('who: [dsk]'), ['a.yaml:12:11 There is no subject "dsk". Did you mean "desk"?']],
  ['nobody', allow('who: []'), ['a.yaml:12:10 "rules.0.who": Too small: expected array to have >=1 items.']],
  [
    'an unknown capability',
    rules('allow: a\n    can: [orders.refnd]'),
    ['a.yaml:11:11 There is no capability "orders.refnd". Did you mean "orders.refund"?'],
  ],
  [
    'an unknown purpose',
    allow('for: [servce]'),
    ['a.yaml:12:11 The purpose "servce" is not declared. Did you mean "service"?'],
  ],
  [
    'a rule twice',
    rules('allow: a\n    can: [orders.refund]', 'deny: a'),
    ['a.yaml:12:11 The rule "a" already stands at a.yaml:10:5.'],
  ],
  [
    'an unknown intent',
    head.replace('orders.get@1', 'orders.gett@1'),
    ['a.yaml:6:28 There is no intent orders.gett@1. Did you mean "orders.get@1"?'],
  ],
  [
    'another effect',
    head.replace('effect: read', 'effect: write'),
    ['a.yaml:6:28 orders.get@1 is read, but the capability says write.'],
  ],
  [
    'a field that is not there',
    allow('when: { /in/amout: { lte: 5 } }'),
    ['a.yaml:12:13 /in/amout is not in the input of orders.refund@2. Did you mean "amount"?'],
  ],
  [
    'a limit on text',
    allow('when: { /in/order_id: { lte: 5 } }'),
    ['a.yaml:12:29 "lte" works on a value of type number, but it is string in orders.refund@2.'],
  ],
  [
    'an unknown operator',
    allow('when: { /in/amount: { lt3: 5 } }'),
    [
      'a.yaml:12:27 "lt3" is not an operator. Did you mean "lt"? There are eq, ne, gt, gte, lt, lte, in, notIn, has, hasAny, anyIn, present, matches, between.',
    ],
  ],
  [
    'a value that cannot stand there',
    allow('when: { /in/currency: { eq: EURO } }'),
    ['a.yaml:12:29 "eq" compares with "EURO", which is none of "EUR", "USD" in orders.refund@2.'],
  ],
  [
    'a label that is none',
    allow('when: { /prov/amount: { eq: modle } }'),
    [
      'a.yaml:12:29 "eq" compares with "modle", which is none of "user", "input", "session", "default", "principal", "backend", "model" in /prov/amount.',
    ],
  ],
  [
    'many values at once',
    allow('when: { "/in/tags/*": { eq: vip } }'),
    ['a.yaml:12:13 /in/tags/*: a condition reads one value, so "*" cannot stand in its path.'],
  ],
  [
    'an unknown root',
    allow('when: { /input/amount: { lte: 5 } }'),
    [
      'a.yaml:12:13 "/input" is not something a condition can read: write /in/…, /token/…, /prov/…, /subject/…, /ctx/…, /resolution/…, /purpose/….',
    ],
  ],
  [
    'networks',
    `${head}networks: { corp: [10.0.0.0/8] }\n`,
    ['a.yaml:9:1 "networks" are not supported by this version.'],
  ],
  [
    'a rate',
    allow('obligations: [{ rate: slow }]'),
    ['a.yaml:12:21 The obligation "rate" is not supported by this version.'],
  ],
  [
    'a step-up',
    allow('obligations: [{ stepUp: { acr: a } }]'),
    ['a.yaml:12:21 The obligation "stepUp" is not supported by this version.'],
  ],
  [
    'a proof',
    allow('obligations: [{ proof: signed-plan }]'),
    ['a.yaml:12:21 The obligation "proof" is not supported by this version.'],
  ],
  [
    'another human',
    allow('obligations: [{ confirm: { by: other-human } }]'),
    ['a.yaml:12:36 "rules.0.obligations.0.confirm.by": only "self" is supported by this version.'],
  ],
  [
    'an aggregate',
    allow('when: { /agg/refunds: { lte: 5 } }'),
    ['a.yaml:12:13 Conditions on /agg are not supported by this version.'],
  ],
  [
    'a network',
    allow('when: { /ctx/ip: { notInNet: corp } }'),
    ['a.yaml:12:24 The operator "notInNet" is not supported by this version.'],
  ],
  [
    'a claim of the input',
    head.replace('/token/roles: { has: desk }', '/in/role: { eq: desk }'),
    ['a.yaml:4:20 A subject is matched on verified claims alone: write /subject/…, /token/….'],
  ],
])('%s', (_name, text, expected) => expect(errorsOf(text)).toEqual(expected));

test('a name is declared once in all files, and both places are told', () => {
  expect(
    errorsOf(
      head,
      'api: intent-policy/1\npurposes: [finance]\ncapabilities: { orders.view: { intents: [orders.get@1] } }\n',
    ),
  ).toEqual([
    'b.yaml:2:12 The purpose "finance" already stands at a.yaml:2:53.',
    'b.yaml:3:17 The capability "orders.view" already stands at a.yaml:6:3.',
  ]);
});

test('a pattern that could backtrack is refused', () => {
  expect(errorsOf(allow('when: { /in/order_id: { matches: "(?=a)" } }'))[0]).toMatch(/^a\.yaml:12:29 /);
});

test('on any error there is no bundle', () => expect(load(allow('who: [dsk]')).bundle).toBeUndefined());
