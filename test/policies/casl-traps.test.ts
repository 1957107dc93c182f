import { describe, expect, test } from 'vitest';
import type { Json } from '../../intents/json.ts';
import type { Asked } from '../../policies/types.ts';
import { asked, bundleOf, catalogue, desk, intent, load, refund, rules, withInput } from './world.ts';

const all = 'allow: all\n    can: [orders.refund]';
const small = 'allow: small\n    can: [orders.refund]\n    when: { /in/amount: { lte: 200 } }';
const outcome = (policy: string, about: Asked) => bundleOf(policy).decide(about).outcome;

describe("CASL's own conditions let these pass; ours do not", () => {
  test.each<[string, Json | undefined]>([
    ['missing', undefined],
    ['null', null],
    ['text', 'abc'],
    ['a number as text', '5'],
    ['an object', {}],
    ['a list', [50]],
    ['a list whose first member is within the limit', [50, 500]],
    ['an infinity below every limit', Number.NEGATIVE_INFINITY],
    ['not a number', Number.NaN],
  ])('an amount that is %s satisfies no limit, and fires a deny', (_name, amount) => {
    const about = withInput(amount === undefined ? {} : { amount });
    expect(outcome(rules(small), about)).toBe('deny');
    expect(
      outcome(rules(all, 'deny: large\n    can: [orders.refund]\n    when: { /in/amount: { gt: 200 } }'), about),
    ).toBe('deny');
  });

  test.each(['$lte', 'lessThan', '$or', 'constructor', '__proto__'])(
    'the operator "%s" is an error, not a rule that never fires',
    (operator) => {
      const { bundle, findings } = load(
        rules(all, `deny: d\n    can: [orders.refund]\n    when: { /in/amount: { "${operator}": 5 } }`),
      );
      expect(bundle).toBeUndefined();
      expect(findings.some(({ severity }) => severity === 'error')).toBe(true);
    },
  );

  test('conditions count wherever there is no input', () => {
    expect(outcome(rules(small), withInput({}))).toBe('deny');
  });

  test('a body field does not choose the type', () => {
    expect(
      outcome(rules('allow: read\n    can: [orders.view]'), withInput({ __caslSubjectType__: 'orders.get@1' })),
    ).toBe('deny');
  });

  test.each(['manage', 'all', '\0*'])('an intent named "%s" is just an intent', (name) => {
    const bundle = bundleOf(rules(all));
    expect(bundle.decide(asked({ intent: intent(`${name}@1`, 'destructive') })).outcome).toBe('deny');
  });

  test('a comma in a value stays in the value', () => {
    const policy = rules('allow: a\n    can: [orders.refund]\n    when: { /in/order_id: { in: ["a,b"] } }');
    expect(outcome(policy, withInput({ order_id: 'a' }))).toBe('deny');
    expect(outcome(policy, withInput({ order_id: 'a,b' }))).toBe('permit');
  });

  test('no pattern makes an input slow', () => {
    const policy = rules('allow: a\n    can: [orders.refund]\n    when: { /in/order_id: { matches: "^(a+)+$" } }');
    const bundle = bundleOf(policy);
    const started = performance.now();
    expect(bundle.decide(withInput({ order_id: `${'a'.repeat(10_000)}!` })).outcome).toBe('deny');
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  test('a claim that is missing matches no subject that lacks one', () => {
    const policy = rules('allow: a\n    can: [orders.refund]\n    who: [desk]');
    expect(outcome(policy, asked({ principal: desk({ claims: {} }) }))).toBe('deny');
  });

  test('a deny wins wherever it stands', () => {
    const deny = 'deny: d\n    can: [orders.refund]';
    expect(outcome(rules(deny, all), asked())).toBe('deny');
    expect(outcome(rules(all, deny), asked())).toBe('deny');
  });

  test('a field list is the determining rule’s own, whatever other rules list', () => {
    const bundle = bundleOf(
      rules(
        'allow: wide\n    can: [orders.refund]',
        'allow: narrow\n    can: [orders.refund]\n    priority: 1\n    fields: [/id]',
      ),
    );
    expect(bundle.decide(asked()).fields).toEqual(['/id']);
  });
});

test('members of a prototype are not there', () => {
  for (const path of ['/token/constructor/name', '/token/__proto__', '/token/toString'])
    expect(
      outcome(rules(`allow: a\n    can: [orders.refund]\n    when: { ${path}: { present: true } }`), asked()),
    ).toBe('deny');
});

describe('ceilings', () => {
  test.each([
    [
      'a purpose beyond the credential',
      { purpose: { name: 'finance', source: 'token' }, principal: desk({ purposes: ['service'] }) },
    ],
    [
      'a purpose wider than the credential',
      { purpose: { name: 'service', source: 'declared' }, principal: desk({ purposes: ['service/ticket'] }) },
    ],
    ['a purpose nobody declares', { purpose: { name: 'service/nothing', source: 'declared' } }],
    ['a credential narrowed to something else', { principal: desk({ capabilities: ['orders.view'] }) }],
    ['a credential narrowed to nothing', { principal: desk({ capabilities: [] }) }],
    ['a credential narrowed to what is not declared', { principal: desk({ capabilities: ['orders.*', '__proto__'] }) }],
  ] as [string, Partial<Asked>][])('%s is denied what a rule would permit', (_name, more) => {
    const policy = rules('allow: a\n    can: [orders.refund]\n    for: [service, finance]');
    expect(outcome(policy, asked())).toBe('permit');
    expect(outcome(policy, asked(more))).toBe('deny');
  });

  test('the purposes of a contract bound every rule', () => {
    const purge = catalogue[2] ?? refund;
    const policy = rules('allow: a\n    can: [orders.purge]');
    expect(outcome(policy, asked({ intent: purge, input: {} }))).toBe('deny');
    expect(outcome(policy, asked({ intent: purge, input: {}, purpose: undefined }))).toBe('deny');
    expect(outcome(policy, asked({ intent: purge, input: {}, purpose: { name: 'finance', source: 'proposed' } }))).toBe(
      'deny',
    );
    expect(outcome(policy, asked({ intent: purge, input: {}, purpose: { name: 'finance', source: 'declared' } }))).toBe(
      'permit',
    );
  });
});

describe('obligations', () => {
  const require = (id: string, confirm: string) => `require: ${id}\n    obligations: [{ confirm: ${confirm} }]`;
  test('confirmations merge into the shortest that is for this effect', () => {
    const bundle = bundleOf(
      rules(
        all,
        require('long', '{ by: self, ttl: 5m }'),
        require('short', '{ by: self, ttl: 60s }'),
        require('reads', '{ by: self, ttl: 1s, onEffects: [read] }'),
      ),
    );
    expect(bundle.decide(asked()).obligations).toEqual([{ type: 'confirm', by: 'self', ttlMs: 60_000, rule: 'short' }]);
  });

  test('redactions join, and the stronger mask stays', () => {
    const redact = (id: string, mask: string) => `require: ${id}\n    obligations: [{ redact: { /email: ${mask} } }]`;
    for (const order of [
      ['drop', 'mail-mask'],
      ['mail-mask', 'drop'],
    ] as const) {
      const [one, other] = order;
      const [obligation] = bundleOf(rules(all, redact('a', one), redact('b', other))).decide(asked()).obligations;
      expect(obligation).toEqual({ type: 'redact', fields: { '/email': 'drop' }, rule: 'a, b' });
    }
  });

  test('a sink whose source nobody told is confirmed', () => {
    const policy = rules(
      all,
      'require: r\n    can: [orders.refund]\n    when: { /prov/sinks: { anyIn: [model, backend] } }\n    obligations: [{ confirm: { by: self } }]',
    );
    const confirmed = (
      provenance: Asked['provenance'],
      input: Asked['input'] = { order_id: 'A-1', address: { city: 'Bremen' } },
    ) => bundleOf(policy).decide(asked({ input, provenance })).obligations.length > 0;
    expect(confirmed({ '/order_id': 'user', '/address': 'user' })).toBe(false);
    expect(confirmed({ '/order_id': 'user' })).toBe(true);
    expect(confirmed({ '/order_id': 'user', '/address/city': 'user' })).toBe(false);
    expect(confirmed({ '/order_id': 'user', '/address': 'user', '/address/city': 'model' })).toBe(true);
    expect(confirmed({ '/amount': 'model' }, { amount: 5 })).toBe(false);
  });
});

describe('what a caller is told', () => {
  const why = (policy: string, more: Partial<Asked> = {}) => bundleOf(policy).decide(asked(more)).reason.user;
  test('what would be permitted, of what they gave', () => {
    expect(
      why(
        rules(
          'allow: a\n    can: [orders.refund]\n    when: { /in/amount: { gt: 0, lte: 3 } }',
          'allow: b\n    can: [orders.refund]\n    when: { /in/amount: { present: false } }',
        ),
      ),
    ).toBe(
      'orders.refund is permitted to you only when /amount is above 0 and at most 3, or when /amount is not given.',
    );
  });

  test('nothing of who or where they would have to be', () => {
    const said = why(
      rules('allow: a\n    can: [orders.refund]\n    when: { /token/level: { gte: 3 }, /ctx/ip: { eq: 10.9.9.9 } }'),
    );
    expect(said).toBe('orders.refund is permitted to you only under conditions that do not hold now.');
  });

  test('nothing of rules for others', () => {
    const said = why(
      rules('allow: a\n    can: [orders.refund]\n    who: [desk]\n    when: { /in/amount: { lte: 3 } }'),
      { principal: desk({ claims: { roles: [] } }) },
    );
    expect(said).toMatch(/^No policy permits orders\.refund (for|to) this caller\.$/);
  });

  test('the reason of the deny that surely holds', () => {
    const deny = (id: string, when: string) =>
      `deny: ${id}\n    can: [orders.refund]\n    when: { ${when} }\n    reason: because of ${id}`;
    const policy = rules(all, deny('amount', '/in/amount: { gt: 100 }'), deny('currency', '/in/currency: { eq: EUR }'));
    expect(why(policy, { input: { currency: 'EUR' } })).toBe('because of currency');
  });
});

test.each([
  ['2026-11-23T06:00:00Z', 'permit', 'the first minute, 07:00 in Berlin'],
  ['2026-11-23T05:59:59Z', 'deny', 'a second before'],
  ['2026-11-23T18:59:59Z', 'permit', 'the last second'],
  ['2026-11-23T19:00:00Z', 'deny', 'the end is not within'],
  ['2026-07-20T05:30:00Z', 'permit', 'summer time'],
  ['2026-11-22T12:00:00Z', 'deny', 'a Sunday'],
])('%s: %s, %s', (now, expected) => {
  const policy = rules(
    'allow: a\n    can: [orders.refund]\n    when: { /ctx/time: { between: ["07:00", "20:00"], tz: Europe/Berlin, days: [mon, tue, wed, thu, fri] } }',
  );
  const bundle = bundleOf(policy);
  const at = (time: string) => asked({ context: { now: new Date(time), ip: undefined, door: 'http' } });
  // The answer of another minute must not stick.
  bundle.decide(at('2026-11-23T12:00:00Z'));
  expect(bundle.decide(at(now)).outcome).toBe(expected);
});
