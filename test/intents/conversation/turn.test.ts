import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Intent, Provenance } from '../../../intents/contract.ts';
import type { Input } from '../../../intents/json.ts';
import { loadCatalogue } from '../../../intents/load.ts';
import { broughtAlong, remember } from '../../../intents/resolve/conversation/remember.ts';
import type { Conversation, PendingQuestion, Turn } from '../../../intents/resolve/conversation/state.ts';
import { takeTurn } from '../../../intents/resolve/conversation/turn.ts';
import type { Resolution } from '../../../intents/resolve/types.ts';
import { readSources } from '../../../intents/source.ts';

const { sources } = readSources(
  'shop.yaml',
  `ontology: shop
entities:
  Order: { synonyms: [purchase], id: { type: string, pattern: "^A-\\\\d{4}$", title: order number } }
types: { Currency: { type: string, enum: [EUR, USD], x-synonyms: { EUR: [euro, euros], USD: [dollar, dollars] } } }
---
intent: orders.refund
version: 2.0.0
title: Refund an order
effect: write
entity: Order
sinks: [/order_id]
examples: ["refund [amount: 20] [currency: euros] of [order_id: A-1001]"]
input:
  type: object
  required: [order_id, amount]
  properties:
    order_id: { $ref: "ontology:Order.id" }
    amount: { type: number }
    currency: { $ref: "ontology:Currency", default: EUR }
    express: { type: boolean }
    note: { type: string }
output: { type: object, properties: { order_id: { $ref: "ontology:Order.id" }, next: { $ref: "ontology:Order.id" } } }
call: { backend: shop, rest: "POST /orders/{order_id}/refunds" }
`,
);
const { catalogue, findings } = loadCatalogue(sources);
if (findings.length > 0) throw new Error(JSON.stringify(findings));
const refund = catalogue.find('orders.refund') as Intent;

const turn = (input: Input, provenance: Record<string, Provenance> = {}, done = false): Turn => ({
  intent: 'orders.refund@2',
  version: '2.0.0',
  input,
  provenance,
  resolution: { tier: 'builtin', confidence: 0.9, margin: 0.5 },
  done,
});
const nothing: Resolution = { kind: 'out-of-scope', candidates: [], notes: [] };
const take = (text: string, state: Conversation, resolve: (text: string) => Resolution = () => nothing) =>
  takeTurn({
    text,
    given: {},
    state,
    context: { now: new Date('2026-11-23T10:00:00Z') },
    entities: catalogue.entities,
    resolveRef: catalogue.library.resolveRef,
    find: (id, version) => (id === refund.id && version === refund.version ? refund : undefined),
    resolve: async (words) => resolve(words),
  });
const asking = (asked: Turn, ...fields: string[]): Conversation => ({
  mentions: [],
  last: asked,
  pending: { kind: 'fields', turn: asked, fields, options: [] },
});

describe('an answer', () => {
  const members = ['order_id', 'amount', 'currency', 'express', 'note'] as const;
  const known: Input = { order_id: 'A-1001', amount: 20, currency: 'EUR', express: true, note: 'leave it' };

  test('never changes a member that was not asked', async () => {
    const word = fc.constantFrom(
      ...'A-1002 a-1003 30 12.50 euros dollars USD yes no express without note: order number amount the it is of and make not please "hello"'.split(
        ' ',
      ),
      'never mind',
      'the second one',
    );
    const text = fc.oneof(
      fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => words.join(' ')),
      fc.string({ unit: 'grapheme', maxLength: 60 }),
    );
    await fc.assert(
      fc.asyncProperty(text, fc.subarray([...members], { minLength: 1, maxLength: 3 }), async (said, asked) => {
        const before = Object.fromEntries(Object.entries(known).filter(([name]) => !asked.includes(name as never)));
        const turned = await take(said, asking(turn(before), ...asked.map((name) => `/${name}`)));
        // A change names what it changes, and is no answer.
        if (turned.kind !== 'proposal' || turned.how === 'change') return;
        for (const [name, value] of Object.entries(turned.input))
          if (!asked.includes(name as never)) expect([name, value]).toEqual([name, before[name]]);
        for (const name of Object.keys(before)) expect(turned.input).toHaveProperty(name);
      }),
      { numRuns: 400 },
    );
  });

  test('a guess stays a guess, and what a backend gave stays what it gave', async () => {
    const before = turn(
      { amount: 20, note: 'x', express: true },
      { '/amount': 'model', '/note': 'backend', '/express': 'input' },
    );
    expect(await take('A-1001', asking(before, '/order_id'))).toMatchObject({
      kind: 'proposal',
      provenance: { '/amount': 'model', '/note': 'backend', '/express': 'session', '/order_id': 'user' },
    });
  });

  test.each([
    ['yes', true],
    ['No.', false],
  ])('"%s" is one to a yes-or-no question', async (text, express) => {
    const turned = await take(text, asking(turn({}), '/express'));
    expect(turned).toMatchObject({ kind: 'proposal', input: { express } });
  });

  test('free text is taken as it stands, unless it reads like a request to do something', async () => {
    const asked = asking(turn({ order_id: 'A-1001', amount: 5 }), '/note');
    expect(await take('ring twice', asked)).toMatchObject({ kind: 'proposal', input: { note: 'ring twice' } });
    const proposal: Resolution = {
      kind: 'proposal',
      proposal: { intent: refund, input: {}, confidence: 0.95, margin: 0.5, tier: 'builtin', slots: [] },
      candidates: [],
      notes: [],
    };
    expect(await take('refund it all', asked, () => proposal)).toMatchObject({
      kind: 'unanswered',
      why: 'does-not-fit',
    });
  });

  test('to a contract that has changed is none', async () => {
    const old = { ...turn({ amount: 5 }), version: '1.9.0' };
    expect(await take('A-1001', asking(old, '/order_id'))).toMatchObject({ kind: 'unanswered', why: 'not-asked' });
  });
});

describe('any text', () => {
  const pendings: (PendingQuestion | undefined)[] = [
    undefined,
    { kind: 'confirmation', id: 'c-1' },
    {
      kind: 'fields',
      turn: turn({ amount: 5 }),
      fields: ['/order_id'],
      options: [{ value: 'A-1001', title: 'The lamp' }],
    },
    { kind: 'intents', text: 'refund A-1001', given: {}, candidates: [{ intent: refund.id, version: '2.0.0' }] },
    { kind: 'parts', texts: ['refund A-1001', 'cancel A-1002'] },
  ];

  test('comes to something, and without a yes nothing is confirmed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 120 }),
        fc.constantFrom(...pendings),
        fc.boolean(),
        async (text, pending, done) => {
          const last = turn({ order_id: 'A-1001', amount: 5 }, {}, done);
          const mentions = [{ entity: 'Order', value: 'A-1001', from: 'session', age: 0 } as const];
          const turned = await take(text, { last, mentions, ...(pending === undefined ? {} : { pending }) });
          if (turned.kind === 'confirmation' && turned.confirm) expect(text).toMatch(/[a-z]/i);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('100 KB of it too', async () => {
    const text = 'refund it A-1001 make it 20 instead, '.repeat(2_800);
    for (const pending of pendings)
      expect(await take(text, { mentions: [], last: turn({ amount: 1 }), ...(pending && { pending }) })).toBeDefined();
  });
});

describe('what is remembered', () => {
  test('no default, no secret; where a member came from goes with it', () => {
    expect(
      broughtAlong(
        { order_id: 'A-1001', currency: 'EUR', card: { number: '4111', name: 'Ada' } },
        { '/order_id': 'user', '/currency': 'default', '/card/number': 'user', '/card/name': 'user' },
        [['card', 'number']],
      ),
    ).toEqual({
      input: { order_id: 'A-1001', card: { name: 'Ada' } },
      provenance: { '/order_id': 'user', '/card/name': 'user' },
    });
  });

  test('identifiers of what was asked and shown, newest first; what a model made up was not spoken of', () => {
    const before: Conversation = { mentions: [{ entity: 'Order', value: 'A-1000', from: 'session', age: 0 }] };
    const asked = turn({ order_id: 'A-1001' }, { '/order_id': 'user' });
    const output = { order_id: 'A-1001', next: 'A-1002' };
    expect(remember(before, { turn: asked, intent: refund, output, pending: undefined }).mentions).toEqual([
      { entity: 'Order', value: 'A-1001', from: 'session', age: 0 },
      { entity: 'Order', value: 'A-1002', from: 'backend', age: 0 },
      { entity: 'Order', value: 'A-1000', from: 'session', age: 1 },
    ]);
    const guessed = turn({ order_id: 'A-1003' }, { '/order_id': 'model' });
    expect(remember(before, { turn: guessed, intent: refund, output: undefined, pending: undefined }).mentions).toEqual(
      before.mentions,
    );
  });
});
