import { describe, expect, test } from 'vitest';
import type { Principal } from '../../policies/types.ts';
import { asked, head, load, principal } from './set-up.ts';

/** The usual head and one allow over refunds with these lines: what stands first in them is at 14:5. */
const rule = (...lines: string[]) =>
  `${head}  - allow: x\n    can: [refund]\n${lines.map((line) => `    ${line}\n`).join('')}`;
const good = '  - { allow: x, can: [refund] }\n';

describe('every mistake is told with its place and what would be right', () => {
  test.each([
    // Keys and shapes
    [
      'an unknown key',
      head.replace('purposes:', 'purpose:'),
      '2:1 policy.unknown-key "purpose" is not known in the file. Did you mean "purposes"?',
    ],
    [
      'an unknown key of a rule',
      rule('feilds: [/id]'),
      '14:5 policy.unknown-key "feilds" is not known in "rules.0". Did you mean "fields"?',
    ],
    [
      'an unknown kind of rule',
      `${head}  - { alow: x, can: [refund] }\n`,
      '12:5 policy.rule A rule begins with "allow:", "deny:", "require:" or "reveal:" and its name. Did you mean "allow"?',
    ],
    ['two kinds at once', rule('deny: y'), '14:5 policy.unknown-key "deny" is not known in "rules.0".'],
    [
      'a bad name',
      `${head}  - { allow: Refund Small, can: [refund] }\n`,
      '12:14 policy.invalid "rules.0.allow": a rule is named like "refund-small": lower case, with hyphens.',
    ],
    [
      'another version',
      head.replace('policy/1', 'policy/2') + good,
      '1:6 policy.invalid "api": Invalid input: expected "intent-policy/1". Did you mean "intent-policy/1"?',
    ],
    ['no version', 'rules: []\n', '1:1 policy.missing "api" is missing in the file.'],
    ['a list for a file', '- a\n', '1:1 policy.invalid the file: Invalid input: expected object, received array.'],
    [
      'a map of rules',
      'api: intent-policy/1\nrules: { allow: x }\n',
      '2:8 policy.invalid "rules": Invalid input: expected array, received object.',
    ],
    [
      'a rule that is a word',
      'api: intent-policy/1\nrules: [allow]\n',
      '2:9 policy.rule A rule begins with "allow:", "deny:", "require:" or "reveal:" and its name.',
    ],
    ['an allow over everything', `${head}  - allow: x\n`, '12:5 policy.missing "can" is missing in "rules.0".'],
    [
      'an allow over nothing',
      `${head}  - { allow: x, can: [] }\n`,
      '12:22 policy.invalid "rules.0.can": Too small: expected array to have >=1 items.',
    ],
    [
      'a rule about nobody',
      rule('who: []'),
      '14:10 policy.invalid "rules.0.who": Too small: expected array to have >=1 items.',
    ],
    [
      'a priority in words',
      rule('priority: high'),
      '14:15 policy.invalid "rules.0.priority": Invalid input: expected number, received string.',
    ],
    [
      'a field that is no pointer',
      rule('fields: [email]'),
      '14:14 policy.invalid "rules.0.fields.0": a JSON pointer is written like /customer/email.',
    ],
    // Names of things
    [
      'an unknown subject',
      rule('who: [agents]'),
      '14:11 policy.subject There is no subject "agents". Did you mean "agent"?',
    ],
    [
      'an unknown capability',
      `${head}  - { allow: x, can: [refnd] }\n`,
      '12:23 policy.capability There is no capability "refnd". Did you mean "refund"?',
    ],
    [
      'an unknown intent',
      head.replace('refund@2', 'refund@1') + good,
      '9:23 policy.intent There is no intent orders.refund@1. Did you mean "orders.refund@2"?',
    ],
    [
      'an intent without its major',
      head.replace('refund@2', 'refund') + good,
      '9:23 policy.invalid "capabilities.refund.intents.0": an intent is written with its major: orders.get@1.',
    ],
    [
      'another effect',
      head.replace('effect: write', 'effect: read') + good,
      '9:23 policy.effect orders.refund@2 is write, but the capability says read.',
    ],
    [
      'an unknown purpose',
      rule('for: [servce]'),
      '14:11 policy.purpose The purpose "servce" is not declared. Did you mean "service"?',
    ],
    [
      'an unknown purpose left out',
      rule('notFor: [finances]'),
      '14:14 policy.purpose The purpose "finances" is not declared. Did you mean "finance"?',
    ],
    [
      'a purpose in another form',
      rule('for: [Service]'),
      '14:11 policy.invalid "rules.0.for.0": a purpose is written like "service/ticket".',
    ],
    [
      'a rule twice',
      `${rule()}  - { deny: x, can: [refund] }\n`,
      '14:13 policy.duplicate The rule "x" already stands at policy-0.yaml:12:5.',
    ],
    // Operators and operands
    [
      'an unknown operator',
      rule('when: { /in/amount: { $lte: 5 } }'),
      '14:27 policy.condition "$lte" is not an operator. Did you mean "lte"? There are eq, ne, gt, gte, lt, lte, in, notIn, has, hasAny, anyIn, present, matches, inNet, notInNet, between.',
    ],
    [
      'an operator of JavaScript',
      rule('when: { /in/amount: { constructor: 5 } }'),
      '14:27 policy.condition "constructor" is not an operator. There are eq, ne, gt, gte, lt, lte, in, notIn, has, hasAny, anyIn, present, matches, inNet, notInNet, between.',
    ],
    [
      'a word for a number',
      rule('when: { /in/amount: { lte: "5" } }'),
      '14:27 policy.condition /in/amount: this operator takes a number.',
    ],
    [
      'no limit at all',
      rule('when: { /in/amount: { lte: .inf } }'),
      '14:27 policy.condition /in/amount: this operator takes a number.',
    ],
    [
      'what nothing equals',
      rule('when: { /in/amount: { eq: .nan } }'),
      '14:27 policy.condition /in/amount: this operator takes one string, number or boolean.',
    ],
    [
      'null',
      rule('when: { /in/amount: { eq: null } }'),
      '14:27 policy.condition /in/amount: this operator takes one string, number or boolean.',
    ],
    [
      'one value for a list',
      rule('when: { /in/amount: { in: 5 } }'),
      '14:27 policy.condition /in/amount: this operator takes a list that is not empty.',
    ],
    [
      'an empty list',
      rule('when: { /in/amount: { notIn: [] } }'),
      '14:27 policy.condition /in/amount: this operator takes a list that is not empty.',
    ],
    [
      'a word for true',
      rule('when: { /in/amount: { present: yes } }'),
      '14:27 policy.condition /in/amount: "present" takes true or false.',
    ],
    [
      'a pattern that RE2 does not take',
      rule('when: { /in/note: { matches: "(?=a)" } }'),
      '14:25 policy.condition /in/note: error parsing regexp: invalid or unsupported Perl syntax: `(?=`.',
    ],
    [
      'a pattern longer than any that is meant',
      rule(`when: { /in/note: { matches: "${'(a|b)'.repeat(5_000)}" } }`),
      '14:25 policy.condition /in/note: a pattern has at most 1000 characters.',
    ],
    [
      'a pattern that repeats repeats',
      rule('when: { /in/note: { matches: "((a{100}){100}){100}" } }'),
      '14:25 policy.condition /in/note: the pattern comes to 1000000 steps with its repetitions written out, and at most 1000 are taken: repeat less.',
    ],
    [
      'no operator',
      rule('when: { /in/amount: {} }'),
      '14:13 policy.condition A condition without an operator says nothing.',
    ],
    [
      'no path',
      rule('when: {}'),
      '14:11 policy.invalid "rules.0.when": no path is named, so this would hold for everything.',
    ],
    [
      'times of day anywhere',
      rule('when: { /in/note: { between: ["07:00", "20:00"] } }'),
      '14:25 policy.condition /in/note: "between" is for /ctx/time.',
    ],
    [
      'times in another form',
      rule('when: { /ctx/time: { between: ["7:00", "20:00"] } }'),
      '14:26 policy.condition /ctx/time: "between" takes two times of day, ["07:00", "20:00"].',
    ],
    [
      'three times',
      rule('when: { /ctx/time: { between: ["07:00", "12:00", "13:00"] } }'),
      '14:26 policy.condition /ctx/time: "between" takes two times of day, ["07:00", "20:00"].',
    ],
    [
      'no time between',
      rule('when: { /ctx/time: { between: ["07:00", "07:00"] } }'),
      '14:26 policy.condition /ctx/time: "between" takes two different times of day: no time is between these.',
    ],
    [
      'a time zone',
      rule('when: { /ctx/time: { between: ["07:00", "20:00"], tz: Europe/Berln } }'),
      '14:26 policy.condition /ctx/time: "Europe/Berln" is not a time zone.',
    ],
    [
      'a day',
      rule('when: { /ctx/time: { between: ["07:00", "20:00"], days: [moon] } }'),
      '14:26 policy.condition /ctx/time: "days" takes a list of sun, mon, tue, wed, thu, fri, sat.',
    ],
    [
      'no day',
      rule('when: { /ctx/time: { between: ["07:00", "20:00"], days: [] } }'),
      '14:26 policy.condition /ctx/time: "days" takes a list of sun, mon, tue, wed, thu, fri, sat.',
    ],
    // Whether they fit what stands there
    [
      'a limit on a text',
      rule('when: { /in/note: { lte: 5 } }'),
      '14:25 policy.condition "lte" works on a value of type number, but it is string in orders.refund@2.',
    ],
    [
      'a pattern on a number',
      rule('when: { /in/amount: { matches: a } }'),
      '14:27 policy.condition "matches" works on a value of type string, but it is number in orders.refund@2.',
    ],
    [
      'equality with a list',
      rule('when: { /in/tags: { eq: a } }'),
      '14:25 policy.condition "eq" works on a single value, but it is array in orders.refund@2.',
    ],
    [
      'membership in a number',
      rule('when: { /in/amount: { has: 5 } }'),
      '14:27 policy.condition "has" works on a value of type array, but it is number in orders.refund@2.',
    ],
    [
      'an item of another type',
      rule('when: { /in/tags: { has: 5 } }'),
      '14:25 policy.condition "has" compares with 5, but it is string in orders.refund@2.',
    ],
    [
      'a value of another type',
      rule('when: { /in/urgent: { eq: "true" } }'),
      '14:27 policy.condition "eq" compares with "true", but it is boolean in orders.refund@2.',
    ],
    [
      'a value that does not exist',
      rule('when: { /in/currency: { in: [EUR, GBP] } }'),
      '14:29 policy.condition "in" compares with "GBP", which is none of "EUR", "USD" in orders.refund@2.',
    ],
    [
      'a label that does not exist',
      rule('when: { /prov/sinks: { anyIn: [modle] } }'),
      '14:28 policy.condition "anyIn" compares with "modle", which is none of "user", "input", "session", "default", "principal", "backend", "model" in /prov/sinks.',
    ],
    [
      'a label of one value',
      rule('when: { /prov/amount: { ne: modle } }'),
      '14:29 policy.condition "ne" compares with "modle", which is none of "user", "input", "session", "default", "principal", "backend", "model" in /prov/amount.',
    ],
    [
      'a tier that does not exist',
      rule('when: { /resolution/tier: { eq: modle } }'),
      '14:33 policy.condition "eq" compares with "modle", which is none of "direct", "session", "example", "builtin", "encoder", "model" in /resolution/tier.',
    ],
    [
      'a margin in words',
      rule('when: { /resolution/margin: { eq: high } }'),
      '14:35 policy.condition "eq" compares with "high", but it is number in /resolution/margin.',
    ],
    [
      'a time compared',
      rule('when: { /ctx/time: { gt: 5 } }'),
      '14:26 policy.condition "gt" works on a value of type number, but it is time in /ctx/time.',
    ],
    // Paths
    [
      'a path that is not in the input',
      rule('when: { /in/amuont: { lte: 5 } }'),
      '14:13 policy.condition /in/amuont is not in the input of orders.refund@2. Did you mean "amount"?',
    ],
    [
      'a path below one that is',
      rule('when: { /in/address/ctiy: { eq: a } }'),
      '14:13 policy.condition /in/address/ctiy is not in the input of orders.refund@2.',
    ],
    [
      'a path not in every input',
      `${head}  - deny: x\n    when: { /in/amount: { lte: 5 } }\n`,
      '13:13 policy.condition /in/amount is not in the input of orders.get@1 and 1 more that the rule reaches. Narrow it with "can".',
    ],
    [
      'a source of no input',
      rule('when: { /prov/amuont: { eq: model } }'),
      '14:13 policy.condition /prov/amuont is not in the input of orders.refund@2. Did you mean "amount"?',
    ],
    [
      'many values at once',
      rule('when: { /in/lines/*/sku: { eq: a } }'),
      '14:13 policy.condition /in/lines/*/sku: a condition reads one value, so "*" cannot stand in its path.',
    ],
    [
      'a path from nowhere',
      rule('when: { /inn/amount: { lte: 5 } }'),
      '14:13 policy.condition "/inn" is not something a condition can read: write /in/…, /token/…, /prov/…, /subject/…, /ctx/…, /resolution/…, /purpose/…, /agg/…, /rep/…, /chain/…. Did you mean "in"?',
    ],
    [
      'a member that is not there',
      rule('when: { /ctx/times: { present: true } }'),
      '14:13 policy.condition /ctx/times is not there. /ctx has agent, door, ip, time. Did you mean "time"?',
    ],
    [
      'a path in another form',
      rule('when: { amount: { lte: 5 } }'),
      '14:21 policy.invalid "rules.0.when.amount": a path is written like /in/amount.',
    ],
    // Subjects
    [
      'a subject by what it asks',
      head.replace('/token/roles: { has: desk }', '/in/role: { eq: desk }') + good,
      '4:21 policy.condition A subject is matched on verified claims alone: write /subject/…, /token/….',
    ],
    [
      'a subject by where it is',
      head.replace('/token/roles: { has: desk }', '/ctx/ip: { eq: desk }') + good,
      '4:21 policy.condition A subject is matched on verified claims alone: write /subject/…, /token/….',
    ],
    [
      'a subject that is everybody',
      head.replace('{ /token/roles: { has: desk } }', '{}') + good,
      '4:19 policy.invalid "subjects.agent.match": no path is named, so this would hold for everything.',
    ],
    [
      'a subject by a misspelt fact',
      head.replace('/token/roles: { has: desk }', '/subject/typ: { eq: desk }') + good,
      '4:21 policy.condition /subject/typ is not there. /subject has type, id. Did you mean "type"?',
    ],
    // Obligations: what cannot be met is refused, never dropped
    [
      'somebody who is not known',
      rule('obligations: [{ confirm: { by: other-humans } }]'),
      '14:36 policy.invalid "rules.0.obligations.0.confirm.by": Invalid option: expected one of "self"|"other-human". Did you mean "other-human"?',
    ],
    [
      'a confirmation that shows more',
      rule('obligations: [{ confirm: { by: self, show: everything } }]'),
      '14:48 policy.invalid "rules.0.obligations.0.confirm.show": Invalid input: expected "provenance".',
    ],
    [
      'a duration',
      rule('obligations: [{ confirm: { by: self, ttl: 120 } }]'),
      '14:47 policy.invalid "rules.0.obligations.0.confirm.ttl": Invalid input: expected string, received number.',
    ],
    [
      'a mask',
      rule('obligations: [{ redact: { /email: masked } }]'),
      '14:39 policy.mask There is no mask "masked". Did you mean "mask"?',
    ],
    [
      'a redaction that is no pointer',
      rule('obligations: [{ redact: { email: drop } }]'),
      '14:38 policy.invalid "rules.0.obligations.0.redact.email": a JSON pointer is written like /customer/email.',
    ],
    [
      'an effect',
      rule('obligations: [{ confirm: { by: self, onEffects: [wrte] } }]'),
      '14:54 policy.invalid "rules.0.obligations.0.confirm.onEffects.0": Invalid option: expected one of "read"|"write"|"destructive". Did you mean "write"?',
    ],
    [
      'a require of nothing',
      `${head}  - { require: x, can: [refund], obligations: [] }\n`,
      '12:47 policy.invalid "rules.0.obligations": Too small: expected array to have >=1 items.',
    ],
    // Keys that mean something to JavaScript
    [
      '__proto__ as a subject',
      head.replace('subjects:', 'subjects:\n  __proto__: { match: { /token/a: { eq: 1 } } }') + good,
      '4:3 yaml.prototype-key "__proto__" cannot be a key here: JavaScript has its own use for it. Rename it.',
    ],
    [
      '__proto__ as a condition',
      rule('when: { /in/amount: { lte: 5 }, __proto__: { lte: 3 } }'),
      '14:37 yaml.prototype-key "__proto__" cannot be a key here: JavaScript has its own use for it. Rename it.',
    ],
    [
      '__proto__ as an operator',
      rule('when: { /in/amount: { lte: 5, __proto__: 3 } }'),
      '14:35 yaml.prototype-key "__proto__" cannot be a key here: JavaScript has its own use for it. Rename it.',
    ],
    // YAML itself
    ['a key twice', rule('who: [agent]', 'who: [boss]'), '15:5 yaml.duplicate-key "who" stands twice in one map.'],
    [
      'an alias',
      `${head}  - &r { allow: x, can: [refund] }\n  - *r\n`,
      '13:5 yaml.alias Aliases are not taken: write out what *r stands for.',
    ],
  ])('%s', (_name, text, expected) => {
    expect(load([text]).told).toEqual([expected]);
  });

  const sections = `networks: { corp: [10.0.0.0/8] }
levels: [low, mid, high]
rates: { slow: { requests: 2, per: 60s } }
aggregates:
  refunds-24h: { can: [refund], sum: /in/amount, window: 24h }
subjects:`;
  const withSections = (line: string) => rule(line).replace('subjects:', sections);

  test.each([
    // What a name in a rule stands for
    ['obligations: [{ rate: slo }]', '19:27 policy.rate There is no rate "slo" under "rates". Did you mean "slow"?'],
    [
      'obligations: [{ stepUp: { acr: hig } }]',
      '19:36 policy.level "hig" is not one of the levels. Did you mean "high"?',
    ],
    [
      'obligations: [{ stepUp: {} }]',
      '19:29 policy.invalid "rules.0.obligations.0.stepUp": a step-up asks for "acr" or "maxAge".',
    ],
    [
      'obligations: [{ proof: signed }]',
      '19:28 policy.invalid "rules.0.obligations.0.proof": Invalid option: expected one of "bearer"|"dpop"|"signed-request"|"signed-plan". Did you mean "signed-request"?',
    ],
    [
      'obligations: [{ stepup: { acr: high } }]',
      '19:21 policy.unknown-key "stepup" is not known in "rules.0.obligations.0". Did you mean "stepUp"?',
    ],
    ['obligations: [{}]', '19:19 policy.obligation An obligation is one of confirm, stepUp, proof, rate, redact.'],
    [
      'when: { /ctx/ip: { inNet: crp } }',
      '19:24 policy.condition /ctx/ip: "crp" is neither a network nor a range of addresses. Did you mean "corp"?',
    ],
    [
      'when: { /ctx/ip: { inNet: 10.0.0.0/33 } }',
      '19:24 policy.condition /ctx/ip: "10.0.0.0/33" is neither a network nor a range of addresses.',
    ],
    [
      'when: { /ctx/agent: { eq: yes } }',
      '19:27 policy.condition "eq" compares with "yes", but it is boolean in /ctx/agent.',
    ],
    [
      'when: { /agg/refunds_24h: { lte: 5 } }',
      '19:13 policy.condition There is no aggregate "refunds_24h". Did you mean "refunds-24h"? Aggregates stand under "aggregates".',
    ],
    [
      'when: { /agg/refunds-24h: { eq: 5 } }',
      '19:33 policy.condition "eq" works on a single value, but it is total in /agg/refunds-24h.',
    ],
    [
      'when: { /rep/band: { in: [knew] } }',
      '19:26 policy.condition "in" compares with "knew", which is none of "trusted", "standard", "new", "restricted" in /rep/band.',
    ],
    ['when: { /rep/score: { gt: 1 } }', '19:13 policy.condition /rep/score is not there. /rep has band.'],
  ])('a name or a value that is not there: %s', (line, told) => {
    expect(load([withSections(line)])).toMatchObject({ bundle: undefined, told: [told] });
  });

  test.each([
    [
      'networks: { corp: [10.0.0.0/33] }',
      '3:20 policy.network "10.0.0.0/33" has more than the 32 bits of an IPv4 address.',
    ],
    [
      'networks: { corp: [corp.example] }',
      '3:20 policy.network "corp.example" is not a range of addresses: write one like "10.20.0.0/16" or "2001:db8:20::/48".',
    ],
    ['levels: [low, low]', '3:15 policy.duplicate The level "low" stands twice.'],
    [
      'rates: { slow: { requests: 0, per: 1m } }',
      '3:28 policy.invalid "rates.slow.requests": Too small: expected number to be >=1.',
    ],
    ['masks: { mask: { keepEnd: 2 } }', '3:10 policy.duplicate The mask "mask" is there already.'],
    [
      'sinks: { orders.refnd@2: [/in/amount] }',
      '3:10 policy.intent There is no intent orders.refnd@2. Did you mean "orders.refund@2"?',
    ],
    [
      'sinks: { orders.refund@2: [/in/amuont] }',
      '3:28 policy.sinks /in/amuont is not in the input of orders.refund@2. Did you mean "amount"?',
    ],
    [
      'sinks: { orders.refund@2: [/amount] }',
      '3:28 policy.invalid "sinks.orders.refund@2.0": a value of the input is written like /in/amount.',
    ],
    [
      'aggregates: { x: { can: [refnd], window: 1d } }',
      '3:26 policy.capability There is no capability "refnd". Did you mean "refund"?',
    ],
    [
      'aggregates: { x: { can: [refund], sum: /in/note, window: 1d } }',
      '3:40 policy.aggregate /in/note is no number in orders.refund@2, so it cannot be added up.',
    ],
    [
      'aggregates: { x: { can: [refund, view], sum: /in/amount, window: 1d } }',
      '3:46 policy.aggregate /in/amount is not in the input of orders.get@1.',
    ],
    [
      'aggregates: { x: { can: [refund], window: 1d, per: [/ctx/ip] } }',
      '3:53 policy.invalid "aggregates.x.per.0": it is kept per /subject/…, /token/… or /in/….',
    ],
    [
      'aggregates: { x: { can: [refund], window: 1d, when: { /in/currency: { eq: EURO } } } }',
      '3:71 policy.condition "eq" compares with "EURO", which is none of "EUR", "USD" in orders.refund@2.',
    ],
    [
      'aggregates: { x: { can: [refund], window: 1d, when: { /agg/x: { lte: 3 } } } }',
      '3:55 policy.condition There is no aggregate "x". Aggregates stand under "aggregates".',
    ],
  ])('a section with a mistake: %s', (section, told) => {
    expect(load([head.replace('subjects:', `${section}\nsubjects:`) + good])).toMatchObject({
      bundle: undefined,
      told: [told],
    });
  });
});

describe('a set of files', () => {
  const first = head + good;
  const second = `api: intent-policy/1
subjects:
  agent: { match: { /token/a: { eq: 1 } } }
capabilities:
  view: { intents: [orders.get@1] }
rules:
  - { deny: x, can: [refund] }
`;

  test('is told of all that is wrong at once, in every file, and makes no bundle', () => {
    const { bundle, findings, told } = load([
      rule('who: [agents]', 'for: [servce]', 'when: { /in/amuont: { lte: "5" }, /in/note: { lte: 5 } }'),
      second,
    ]);
    expect(bundle).toBeUndefined();
    expect(told.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      '3:3 policy.duplicate',
      '5:3 policy.duplicate',
      '14:11 policy.subject',
      '15:11 policy.purpose',
      '16:27 policy.condition',
      '16:51 policy.condition',
      '7:13 policy.duplicate',
    ]);
    expect(findings.map(({ file }) => file)).toEqual([
      'policy-1.yaml',
      'policy-1.yaml',
      'policy-0.yaml',
      'policy-0.yaml',
      'policy-0.yaml',
      'policy-0.yaml',
      'policy-1.yaml',
    ]);
  });

  test('says where a name was first', () => {
    expect(load([first, second]).told).toEqual([
      '3:3 policy.duplicate The subject "agent" already stands at policy-0.yaml:4:3.',
      '5:3 policy.duplicate The capability "view" already stands at policy-0.yaml:8:3.',
      '7:13 policy.duplicate The rule "x" already stands at policy-0.yaml:12:5.',
    ]);
  });

  test('shares purposes, subjects and capabilities, wherever they stand', () => {
    const rules = 'api: intent-policy/1\nrules:\n  - { allow: y, who: [agent], can: [refund], for: [service] }\n';
    expect(load([rules, head.replace('rules:\n', '')]).bundle?.ruleCount).toBe(1);
  });

  test('may ask whether a time is known, in words or not', () => {
    const when = (tests: string) => load([rule(`when: { /ctx/time: ${tests} }`)]).bundle?.ruleCount;
    expect(when('{ present: true }')).toBe(1);
    expect(when('{ present: true, between: ["07:00", "20:00"] }')).toBe(1);
  });

  test('is named by a hash that changes with any byte of any file', () => {
    const rules = (id: string) => `api: intent-policy/1\nrules:\n  - { deny: ${id} }\n`;
    const hashes = [
      [first, rules('y')],
      [first, rules('z')],
      [first, `${rules('y')} `],
      [first, `${rules('y')}# a remark\n`],
      [rules('y'), first],
      [first],
    ].map((texts) => load(texts).bundle?.hash);
    expect(hashes).not.toContain(undefined);
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(load([first, rules('y')]).bundle?.hash).toBe(hashes[0]);
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
  });

  test('of none permits nothing and is sound', () => {
    expect(load([])).toMatchObject({ bundle: { ruleCount: 0 }, told: [] });
  });
});

test('a rule without a shape hides nothing of what is wrong with the others, in any file', () => {
  const { bundle, told } = load([
    rule('feilds: [/id]').concat('  - { deny: y, who: [agnt], can: [refund] }\n', '  - { alow: z }\n'),
    'api: intent-policy/1\nrules:\n  - { deny: w, can: [refunds] }\n  - { deny: y, can: [refund], when: { /in/amuont: { gt: 5 } } }\n',
  ]);
  expect(bundle).toBeUndefined();
  expect(told.toSorted()).toEqual([
    '14:5 policy.unknown-key "feilds" is not known in "rules.0". Did you mean "fields"?',
    '15:22 policy.subject There is no subject "agnt". Did you mean "agent"?',
    '16:5 policy.rule A rule begins with "allow:", "deny:", "require:" or "reveal:" and its name. Did you mean "allow"?',
    '3:22 policy.capability There is no capability "refunds". Did you mean "refund"?',
    '4:13 policy.duplicate The rule "y" already stands at policy-0.yaml:15:5.',
    '4:39 policy.condition /in/amuont is not in the input of orders.refund@2. Did you mean "amount"?',
  ]);
});

describe('a band narrows and never grants', () => {
  test.each([
    ['{ allow: x, can: [refund], when: { /rep/band: { in: [trusted] } } }', /No band permits anything/],
    ['{ allow: x, can: [refund], when: { /rep/band: { ne: restricted } } }', /No band permits anything/],
    ['{ deny: x, can: [refund], when: { /rep/band: { eq: trusted } } }', /holds for every worse one/],
    ['{ deny: x, can: [refund], when: { /rep/band: { eq: new } } }', /"in" with the last of trusted, standard, new/],
    [
      '{ require: x, when: { /rep/band: { ne: restricted } }, obligations: [{ confirm: { by: self } }] }',
      /A require that holds for one band/,
    ],
  ])('%s', (written, why) => {
    const { bundle, told } = load([`${head}  - ${written}\n`]);
    expect(bundle).toBeUndefined();
    expect(told).toEqual([expect.stringMatching(/policy\.reputation/)]);
    expect(told[0]).toMatch(why);
  });

  test('nor is anything counted by one', () => {
    const { told } = load([
      head.replace(
        'subjects:',
        'aggregates: { x: { can: [refund], window: 1d, when: { /rep/band: { eq: trusted } } } }\nsubjects:',
      ) + good,
    ]);
    expect(told).toEqual([expect.stringContaining('policy.reputation What is counted does not go by a band.')]);
  });

  test.each(['{ eq: restricted }', '{ in: [restricted, new] }', '{ ne: trusted }', '{ notIn: [trusted, standard] }'])(
    '%s is a limit that worse bands share',
    (tests) => {
      const { bundle } = load([`${head}  - { deny: x, can: [refund], when: { /rep/band: ${tests} } }\n`]);
      expect(bundle).toBeDefined();
    },
  );
});

describe('what is doubtful is a warning, and the policy loads', () => {
  const all = `${head}  - { allow: all, can: [view, refund, purge] }\n`;
  test.each([
    [
      'a rule that reaches nothing',
      `${all}  - { deny: y, can: [refund], effects: [read] }\n`,
      ['13:13 policy.dead-rule The rule "y" reaches no intent.'],
    ],
    [
      'an allow for purposes the contract is not for',
      `${all}  - { allow: y, can: [purge], for: [marketing] }\n`,
      ['13:14 policy.dead-rule No purpose reaches the rule "y".'],
    ],
    [
      'a capability of no rule',
      `${head}  - { allow: x, can: [view, refund] }\n`,
      ['10:3 policy.unused No rule speaks of the capability "purge".'],
    ],
    [
      'an intent of no capability',
      all.replace('  purge: { intents: [orders.purge@1] }\n', '').replace(', purge', ''),
      ['7:1 policy.uncovered No capability names orders.purge@1: nobody can call what no capability names.'],
    ],
    [
      'a condition that no value fulfils',
      `${all}  - { allow: y, can: [refund], when: { /in/amount: { gt: 5, lt: 5 } } }\n`,
      ['13:14 policy.dead-rule The rule "y" can never hold: /in/amount {"gt":5,"lt":5} cannot be true of any value.'],
    ],
    [
      'a value that must be there and must not',
      `${all}  - { deny: y, can: [refund], when: { /in/note: { present: false, eq: a } } }\n`,
      [
        '13:13 policy.dead-rule The rule "y" can never hold: /in/note {"present":false,"eq":"a"} cannot be true of any value.',
      ],
    ],
    [
      'a value that must be one and must not be it',
      `${all}  - { allow: y, can: [refund], when: { /in/note: { in: [a, b], notIn: [b, a] } } }\n`,
      [
        '13:14 policy.dead-rule The rule "y" can never hold: /in/note {"in":["a","b"],"notIn":["b","a"]} cannot be true of any value.',
      ],
    ],
    [
      'an allow that a deny refuses whole',
      `${all}  - { allow: y, who: [agent], can: [refund], for: [service/ticket], when: { /in/amount: { lte: 5 }, /in/note: { eq: a } } }
  - { deny: n, who: [agent, boss], can: [refund], for: [service], when: { /in/amount: { lte: 5 } } }\n`,
      ['13:14 policy.shadowed The deny "n" at policy-0.yaml:14:5 refuses all that the rule "y" allows.'],
    ],
    [
      'a deny that spares some of what is allowed',
      `${all}  - { allow: y, who: [agent], can: [refund], when: { /in/amount: { lte: 5 } } }
  - { deny: n, who: [boss], can: [refund] }
  - { deny: m, can: [refund], for: [service] }
  - { deny: o, can: [refund], when: { /in/amount: { lte: 4 } } }
  - { deny: p, can: [view] }\n`,
      [],
    ],
    [
      'names that nothing uses',
      all.replace(
        'subjects:',
        'networks: { corp: [10.0.0.0/8] }\nrates: { slow: { requests: 2, per: 60s } }\nmasks: { last: { keepEnd: 4 } }\naggregates: { x: { can: [refund], window: 1d } }\nsubjects:',
      ),
      [
        '3:13 policy.unused No condition names the network "corp".',
        '4:10 policy.unused No obligation names the rate "slow".',
        '5:10 policy.unused No obligation names the mask "last".',
        '6:15 policy.unused No condition reads the aggregate "x".',
      ],
    ],
    ['no rule', head.replace('rules:\n', ''), ['1:1 policy.no-rules There is no rule, so everything is denied.']],
    ['nothing', all, []],
  ])('%s', (_name, text, expected) => {
    const { bundle, findings, told } = load([text]);
    expect(told).toEqual(expected);
    expect(bundle).toBeDefined();
    expect(findings.every(({ severity }) => severity === 'warning')).toBe(true);
  });

  test('names of JavaScript are names like any other', () => {
    const text = `api: intent-policy/1
purposes: [constructor, prototype]
subjects:
  constructor: { match: { /token/constructor: { eq: yes } } }
capabilities:
  hasownproperty: { intents: [orders.get@1, orders.refund@2, orders.purge@1] }
rules:
  - { allow: tostring, who: [constructor], can: [hasownproperty], for: [constructor] }
`;
    const { bundle, told } = load([text]);
    expect(told).toEqual([]);
    const outcome = (claims: Principal['claims'], name = 'constructor') =>
      bundle?.decide(
        asked({ principal: principal({ claims, purposes: ['constructor'] }), purpose: { name, source: 'declared' } }),
      ).outcome;
    expect(outcome({ constructor: 'yes' } as never)).toBe('permit');
    expect(outcome({})).toBe('deny');
    expect(outcome({ constructor: 'yes' } as never, 'toString')).toBe('deny');
  });
});

describe('a hostile file is refused quickly', () => {
  const levels = 12;
  const bomb = `api: intent-policy/1
a0: &a0 [x, x, x, x, x, x, x, x, x]
${Array.from({ length: levels }, (_, level) => `a${level + 1}: &a${level + 1} [${Array(9).fill(`*a${level}`).join(', ')}]`).join('\n')}
`;
  test.each([
    ['aliases that multiply', bomb, 'yaml.alias'],
    ['10 MB', `api: intent-policy/1\n# ${'x'.repeat(10_000_000)}\n`, 'yaml.too-large'],
    ['brackets a hundred thousand deep', `api: ${'['.repeat(100_000)}`, 'yaml.too-deep'],
    [
      'indentation 500 deep',
      Array.from({ length: 500 }, (_, level) => `${'  '.repeat(level)}a:`).join('\n'),
      'yaml.too-deep',
    ],
    ['1,000 unknown keys', Array.from({ length: 1_000 }, (_, key) => `key-${key}: 1`).join('\n'), 'policy.missing'],
    ['no YAML at all', '\u0000\u0001{{{', 'policy.invalid'],
  ])('%s', (_name, text, code) => {
    const begun = process.cpuUsage();
    const { findings } = load([text]);
    // Generous, for a machine that is busy: each takes some ten milliseconds alone.
    expect(process.cpuUsage(begun).user / 1_000).toBeLessThan(2_000);
    expect(findings.map((finding) => finding.code)).toContain(code);
  });
});
