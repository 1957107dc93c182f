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
      '14:27 policy.condition "$lte" is not an operator. Did you mean "lte"? There are eq, ne, gt, gte, lt, lte, in, notIn, has, hasAny, anyIn, present, matches, between.',
    ],
    [
      'an operator of JavaScript',
      rule('when: { /in/amount: { constructor: 5 } }'),
      '14:27 policy.condition "constructor" is not an operator. There are eq, ne, gt, gte, lt, lte, in, notIn, has, hasAny, anyIn, present, matches, between.',
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
      '14:13 policy.condition "/inn" is not something a condition can read: write /in/…, /token/…, /prov/…, /subject/…, /ctx/…, /resolution/…, /purpose/…. Did you mean "in"?',
    ],
    [
      'a member that is not there',
      rule('when: { /ctx/times: { present: true } }'),
      '14:13 policy.condition /ctx/times is not there. /ctx has door, ip, time. Did you mean "time"?',
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
      'a second person',
      rule('obligations: [{ confirm: { by: other-human } }]'),
      '14:36 policy.invalid "rules.0.obligations.0.confirm.by": only "self" is supported by this version.',
    ],
    [
      'a confirmation that shows more',
      rule('obligations: [{ confirm: { by: self, show: provenance } }]'),
      '14:42 policy.unsupported "show" is not supported by this version.',
    ],
    [
      'a duration',
      rule('obligations: [{ confirm: { by: self, ttl: 120 } }]'),
      '14:47 policy.invalid "rules.0.obligations.0.confirm.ttl": Invalid input: expected string, received number.',
    ],
    [
      'a mask',
      rule('obligations: [{ redact: { /email: masked } }]'),
      '14:39 policy.invalid "rules.0.obligations.0.redact./email": Invalid option: expected one of "drop"|"mask"|"mail-mask". Did you mean "mask"?',
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
      '4:3 policy.unknown-key "__proto__" is not known anywhere in a policy.',
    ],
    [
      '__proto__ as a condition',
      rule('when: { /in/amount: { lte: 5 }, __proto__: { lte: 3 } }'),
      '14:37 policy.unknown-key "__proto__" is not known anywhere in a policy.',
    ],
    [
      '__proto__ as an operator',
      rule('when: { /in/amount: { lte: 5, __proto__: 3 } }'),
      '14:35 policy.unknown-key "__proto__" is not known anywhere in a policy.',
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

  test.each([
    ['obligations: [{ rate: slow }]', '14:21', 'The obligation "rate" is'],
    ['obligations: [{ stepUp: { acr: "urn:x" } }]', '14:21', 'The obligation "stepUp" is'],
    ['obligations: [{ proof: signed-plan }]', '14:21', 'The obligation "proof" is'],
    ['when: { /ctx/ip: { notInNet: corp } }', '14:24', 'The operator "notInNet" is'],
    ['when: { /agg/refunds_24h: { lte: 5 } }', '14:13', 'Conditions on /agg are'],
    ['when: { /rep/band: { in: [new] } }', '14:13', 'Conditions on /rep are'],
  ])('of a later version: %s', (line, place, what) => {
    expect(load([rule(line)])).toMatchObject({
      bundle: undefined,
      told: [`${place} policy.unsupported ${what} not supported by this version.`],
    });
  });

  test.each(['networks: { corp: [10.0.0.0/8] }', 'sinks: { orders.refund@2: [/order_id] }'])(
    'a section of a later version: %s',
    (section) => {
      const { bundle, told } = load([head.replace('subjects:', `${section}\nsubjects:`) + good]);
      expect(bundle).toBeUndefined();
      expect(told).toEqual([expect.stringMatching(/^3:1 policy\.unsupported .* not supported by this version/)]);
    },
  );
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
    const begun = performance.now();
    const { findings } = load([text]);
    // Generous, for a machine that is busy: each takes some ten milliseconds alone.
    expect(performance.now() - begun).toBeLessThan(2_000);
    expect(findings.map((finding) => finding.code)).toContain(code);
  });
});
