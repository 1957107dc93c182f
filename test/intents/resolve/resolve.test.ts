import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Intent } from '../../../intents/contract.ts';
import type { Model, ModelAnswer, ModelQuestion } from '../../../intents/ports.ts';
import { maskFor } from '../../../intents/resolve/mask.ts';
import { createResolver, defaultLines } from '../../../intents/resolve/resolve.ts';
import type { Classifier, Resolution } from '../../../intents/resolve/types.ts';
import { builtinFor, intentNamed, intentOf, now, resolveRef, shop } from './shop.ts';

interface Setup {
  intents?: readonly Intent[];
  classifier?: Classifier;
  model?: Model;
}
const resolverOf = ({ intents = shop, classifier, model }: Setup = {}) =>
  createResolver({
    intents,
    classifiers: [classifier ?? builtinFor(intents)],
    mask: maskFor(intents, resolveRef),
    resolveRef,
    lines: defaultLines,
    topCandidates: 5,
    ...(model && { model }),
  });
const context = (more: Partial<Parameters<ReturnType<typeof createResolver>['resolve']>[1]> = {}) => ({
  now,
  visible: () => true,
  signal: new AbortController().signal,
  ...more,
});
const plain = resolverOf();

const scripted = (answer: ModelAnswer | ((question: ModelQuestion) => ModelAnswer)) => {
  const asked: ModelQuestion[] = [];
  const model: Model = {
    name: 'scripted',
    async propose(question) {
      asked.push(question);
      return typeof answer === 'function' ? answer(question) : answer;
    },
  };
  return { model, asked };
};
const picks = (intent: string | null, input = {}): ModelAnswer => ({
  ok: true,
  intent,
  input,
  usage: { input: 1, output: 0 },
});
/** A classifier that says what the test wants. */
const ranking = (...ranked: [name: string, confidence: number][]): Classifier => ({
  tier: 'builtin',
  classify: (_text, limit) =>
    ranked.slice(0, limit).map(([name, confidence]) => ({ intent: intentNamed(name), confidence })),
});
const proposalOf = (resolution: Resolution) => {
  if (resolution.kind !== 'proposal') throw new Error(`${resolution.kind}: ${JSON.stringify(resolution.notes)}`);
  return resolution.proposal;
};
const named = ({ candidates }: Resolution) => candidates.map(({ intent }) => intent.name);

describe('without a model', () => {
  test.each([
    { text: 'refund order A-1002', intent: 'orders.refund', input: { order_id: 'A-1002' } },
    { text: 'please refund a-1002!', intent: 'orders.refund', input: { order_id: 'A-1002' } },
    {
      text: 'give €15.50 back on A-1002',
      intent: 'orders.refund',
      input: { order_id: 'A-1002', amount: 15.5, currency: 'EUR' },
    },
    { text: 'cancel A-1002', intent: 'orders.cancel', input: { order_id: 'A-1002' } },
    { text: 'search for red shoes', intent: 'catalogue.search', input: { query: 'red shoes' } },
    {
      text: 'list shipped orders since yesterday',
      intent: 'orders.list',
      input: { status: 'shipped', since: '2026-11-22' },
    },
    { text: 'show cancelled orders', intent: 'orders.list', input: { status: 'cancelled' } },
    { text: 'set the price of SKU-20 to 7', intent: 'catalogue.set-price', input: { sku: 'SKU-20', price: 7 } },
    {
      text: 'deliver A-1002 on 1 December',
      intent: 'shipments.reschedule',
      input: { order_id: 'A-1002', day: '2026-12-01' },
    },
  ])('$text', async ({ text, intent, input }) => {
    const proposal = proposalOf(await plain.resolve(text, context()));
    expect(proposal).toMatchObject({ intent: { name: intent }, tier: 'builtin' });
    expect(proposal.input).toEqual(input);
    for (const { provenance, span } of proposal.slots) {
      expect(provenance).toBe('user');
      expect(span).toBeDefined();
    }
  });

  test.each(['what is the capital of France', 'tell me a joke', 'book a flight to Paris', 'hello', '', ' ?! ', '🙂'])(
    '"%s" is out of scope',
    async (text) => expect((await plain.resolve(text, context())).kind).toBe('out-of-scope'),
  );

  test('an example, word for word, brings the values its contract states', async () => {
    const proposal = proposalOf(await plain.resolve('The customer wants her money back for A-1001.', context()));
    expect(proposal).toMatchObject({ tier: 'example', confidence: 1, margin: 1 });
    expect(proposal.input).toEqual({ order_id: 'A-1001', reason: 'customer-request' });
    expect(Object.fromEntries(proposal.slots.map(({ pointer, provenance }) => [pointer, provenance]))).toEqual({
      '/order_id': 'user',
      '/reason': 'default',
    });
  });

  test('annotated values of an example have the type of their slot', async () => {
    const proposal = proposalOf(await plain.resolve('give 20 euros back on A-1001', context()));
    expect(proposal.tier).toBe('example');
    expect(proposal.input).toEqual({ order_id: 'A-1001', amount: 20, currency: 'EUR' });
  });

  test('the same example under two intents is a question', async () => {
    const twins = [intentOf('a.one', 'read', ['do the thing']), intentOf('b.two', 'read', ['do the thing'])];
    const resolver = resolverOf({ intents: twins });
    const resolution = await resolver.resolve('do the thing', context());
    expect(resolution).toMatchObject({ kind: 'ask', why: 'near' });
    const hidden = await resolver.resolve('do the thing', context({ visible: ({ name }) => name === 'a.one' }));
    expect(hidden).toMatchObject({ kind: 'ask', why: 'unsure' });
    expect(named(hidden)).toEqual(['a.one']);
  });

  test('a write with a required value missing is proposed without it, never with a guess', async () => {
    const proposal = proposalOf(await plain.resolve('please cancel the order', context()));
    expect(proposal).toMatchObject({ intent: { name: 'orders.cancel' }, input: {} });
    const two = proposalOf(
      await resolverOf({ classifier: ranking(['orders.get', 0.9]) }).resolve('show A-1001 or A-1002', context()),
    );
    expect(two.input).toEqual({});
  });

  test.each([
    'refund 1.200 euros on order A-1002',
    'refund order A-1002, it has been 3 weeks',
    'refund order A-1002 A-1003',
    'refund 2 lamps of order A-1002',
    'refund 20 or 30 euros on order A-1002',
  ])('a write does not pass over a value it cannot place: %s', async (text) => {
    const resolver = resolverOf({ classifier: ranking(['orders.refund', 0.97]) });
    expect(await resolver.resolve(text, context())).toMatchObject({ kind: 'ask', why: 'unsure' });
  });

  test('near candidates are a question with at most three of them', async () => {
    const classifier = ranking(
      ['orders.refund', 0.95],
      ['orders.cancel', 0.9],
      ['orders.get', 0.88],
      ['orders.list', 0.85],
    );
    const resolution = await resolverOf({ classifier }).resolve('do something to A-1001', context());
    expect(resolution).toMatchObject({ kind: 'ask', why: 'near' });
    expect(named(resolution)).toEqual(['orders.refund', 'orders.cancel', 'orders.get']);
  });

  test('between the lines it is a question, and a write has the higher lines', async () => {
    for (const [name, confidence, kind] of [
      ['orders.get', 0.65, 'proposal'],
      ['orders.refund', 0.65, 'ask'],
      ['orders.cancel', 0.85, 'ask'],
      ['orders.get', 0.3, 'ask'],
      ['orders.refund', 0.3, 'out-of-scope'],
    ] as const)
      expect(
        (await resolverOf({ classifier: ranking([name, confidence]) }).resolve('for A-1001', context())).kind,
      ).toBe(kind);
  });

  test('typed values beside the words win and are marked so', async () => {
    const given = { order_id: 'A-2000' };
    const proposal = proposalOf(await plain.resolve('please refund the order', context({ given })));
    expect(proposal.input).toEqual(given);
    expect(proposal.slots).toEqual([{ pointer: '/order_id', provenance: 'input', span: undefined }]);
  });

  test('an old major is never what words mean', async () => {
    const old = intentOf('orders.get', 'read', ['show order A-1001'], {}, [], { major: 1 });
    const young = intentOf('orders.get', 'read', ['show order A-1001'], {}, [], { major: 2 });
    const resolver = resolverOf({ intents: [old, young] });
    expect(proposalOf(await resolver.resolve('show order A-1001', context())).intent).toBe(young);
    expect(proposalOf(await resolver.resolve('show the order A-1002', context())).intent).toBe(young);
  });
});

describe('denied or only supposed', () => {
  test.each([
    "don't cancel order A-1002",
    'don’t cancel order A-1002',
    'dont cancel A-1002',
    'do not cancel A-1002',
    "dоn't cancel A-1002",
    'never cancel A-1002',
    'please do NOT\ncancel A-1002',
    'do n\u200bot cancel A-1002',
    'what happens if I cancel A-1002',
    'what if I cancel A-1002',
    'how do I cancel A-1002?',
    'you should not cancel A-1002',
    'why was order A-1002 cancelled',
    'did you cancel order A-1002',
    'should I cancel A-1002',
    'is it possible to cancel A-1002',
    'cancel A-1002 if it is late',
    'keep A-1002, not cancel it',
  ])('%s', async (text) => {
    const resolution = await resolverOf({ classifier: ranking(['orders.cancel', 0.99]) }).resolve(text, context());
    expect(resolution).toMatchObject({ kind: 'ask', why: 'negated' });
  });

  test.each([
    'cancel A-1002',
    'can you cancel A-1002?',
    'I would like to cancel A-1002',
    'cancel A-1002 if you can',
    'please cancel A-1002 now',
  ])('but not: %s', async (text) => {
    const resolver = resolverOf({ classifier: ranking(['orders.cancel', 0.99]) });
    expect((await resolver.resolve(text, context())).kind).toBe('proposal');
  });

  test('a read is answered all the same', async () => {
    const resolver = resolverOf({ classifier: ranking(['orders.get', 0.99]) });
    expect((await resolver.resolve('how do I see A-1002', context())).kind).toBe('proposal');
  });

  test('what is quoted for a slot denies nothing', async () => {
    const text = 'add a note to order A-1002 saying "do not ring the bell"';
    const proposal = proposalOf(await plain.resolve(text, context()));
    expect(proposal.input).toEqual({ order_id: 'A-1002', note: 'do not ring the bell' });
  });

  test('an intent whose own examples say "do not" is asked for that way', async () => {
    const stop = intentOf('subscription.stop', 'write', ['do not renew my subscription', "don't renew the plan"]);
    const resolver = resolverOf({ intents: [stop] });
    expect((await resolver.resolve('please do not renew my subscription', context())).kind).toBe('proposal');
  });

  test('nor does a model talk it into running', async () => {
    const { model } = scripted(picks('orders.cancel@1', { order_id: 'A-1002' }));
    const resolver = resolverOf({ classifier: ranking(['orders.get', 0.3], ['orders.cancel', 0.2]), model });
    expect((await resolver.resolve("don't cancel A-1002", context())).kind).toBe('ask');
  });
});

describe('what the caller may not know of', () => {
  const visible = ({ name }: Intent) => !name.startsWith('orders.refund') && name !== 'orders.cancel';

  test('is out of scope, with no word of it, and the model is not asked', async () => {
    const { model, asked } = scripted(picks('orders.get@1'));
    const resolver = resolverOf({ model });
    for (const text of ['refund the order A-1002', 'refund order A-1001']) {
      const resolution = await resolver.resolve(text, context({ visible }));
      expect(resolution.kind).toBe('out-of-scope');
      expect(JSON.stringify(resolution)).not.toMatch(/refund/i);
    }
    expect(asked).toEqual([]);
  });

  test('is never shown to a model', async () => {
    const { model, asked } = scripted(picks(null));
    const classifier = ranking(['orders.get', 0.3], ['orders.refund', 0.1], ['orders.list', 0.1]);
    await resolverOf({ classifier, model }).resolve('something', context({ visible }));
    expect(asked[0]?.candidates.map(({ id }) => id)).toEqual(['orders.get@1', 'orders.list@1']);
  });

  test('makes what is near to it a question', async () => {
    const { model, asked } = scripted(picks('orders.get@1'));
    const classifier = ranking(['orders.get', 0.7], ['orders.refund', 0.68]);
    const resolution = await resolverOf({ classifier, model }).resolve('A-1002', context({ visible }));
    expect(resolution).toMatchObject({ kind: 'ask', why: 'unsure' });
    expect(named(resolution)).toEqual(['orders.get']);
    expect(asked).toEqual([]);
  });
});

test('of two near reads the fuller one is not chosen where something hidden is as near', async () => {
  const classifier = ranking(['orders.get', 0.7], ['shipments.track', 0.65], ['orders.list', 0.5]);
  const resolver = resolverOf({ classifier });
  const visible = ({ name }: Intent) => name !== 'shipments.track';
  expect(await resolver.resolve('show cancelled orders', context({ visible }))).toMatchObject({
    kind: 'ask',
    why: 'unsure',
  });
  expect(proposalOf(await resolver.resolve('show cancelled orders', context())).intent.name).toBe('orders.list');
});

describe('with a model', () => {
  test('is not asked where the classifier is sure and nothing is missing', async () => {
    const { model, asked } = scripted(picks(null));
    expect(proposalOf(await resolverOf({ model }).resolve('refund order A-1002', context())).tier).toBe('builtin');
    expect(asked).toEqual([]);
  });

  test('sees the best few, with no reference and nothing of ours in their schemas', async () => {
    const { model, asked } = scripted(picks(null));
    const classifier = ranking(['orders.refund', 0.5], ['orders.get', 0.2]);
    await resolverOf({ model, classifier }).resolve('reimburse the customer of A-1002', context());
    const [question] = asked;
    expect(question?.candidates.length).toBeLessThanOrEqual(5);
    expect(question?.now).toBe(now.toISOString());
    expect(JSON.stringify(question)).not.toMatch(/\$ref|x-synonyms|ontology/);
    expect(question?.candidates[0]?.input.properties?.order_id).toEqual({ type: 'string', pattern: '^A-\\d{4}$' });
  });

  test('agreement carries a write over its line, with values from the words', async () => {
    const { model } = scripted(picks('orders.refund@1', { order_id: 'A-1002', reason: 'damaged' }));
    const resolver = resolverOf({ classifier: ranking(['orders.refund', 0.5]), model });
    const proposal = proposalOf(await resolver.resolve('the lamp of A-1002 broke, give it back', context()));
    expect(proposal).toMatchObject({ tier: 'model', confidence: defaultLines.write.run });
    expect(proposal.slots).toEqual([
      { pointer: '/order_id', provenance: 'user', span: { start: 12, end: 18 } },
      { pointer: '/reason', provenance: 'model', span: undefined },
    ]);
  });

  test('a write is not carried from below its ask line, nor against the classifier', async () => {
    const { model } = scripted(picks('orders.refund@1', { order_id: 'A-1002' }));
    for (const classifier of [ranking(['orders.refund', 0.2]), ranking(['orders.get', 0.5], ['orders.refund', 0.4])]) {
      const resolution = await resolverOf({ classifier, model }).resolve('that thing with A-1002', context());
      expect(resolution).toMatchObject({ kind: 'ask', why: 'unsure', best: { intent: { name: 'orders.refund' } } });
    }
  });

  test('a read may run against the classifier when it was among the best three', async () => {
    const { model } = scripted(picks('orders.list@1'));
    const near = ranking(['orders.get', 0.5], ['orders.list', 0.1]);
    expect(proposalOf(await resolverOf({ classifier: near, model }).resolve('everything', context())).intent.name).toBe(
      'orders.list',
    );
    const far = ranking(['orders.get', 0.5], ['shipments.track', 0.3], ['catalogue.search', 0.2], ['orders.list', 0.1]);
    expect(await resolverOf({ classifier: far, model }).resolve('everything', context())).toMatchObject({
      kind: 'ask',
    });
  });

  test('a required value of a write that is not in the words is dropped', async () => {
    const { model } = scripted(picks('orders.cancel@1', { order_id: 'A-9999', notify: true }));
    const resolver = resolverOf({ classifier: ranking(['orders.cancel', 0.6]), model });
    const resolution = await resolver.resolve('kill the order from last week', context());
    expect(proposalOf(resolution).input).toEqual({ notify: true });
    expect(resolution.notes.join()).toContain('order_id is not in the words');
  });

  test('a second order in the words is not passed over because the model chose the first', async () => {
    const { model } = scripted(picks('orders.cancel@1', { order_id: 'A-1001' }));
    const resolver = resolverOf({ classifier: ranking(['orders.cancel', 0.95]), model });
    expect(await resolver.resolve('cancel A-1001 A-1002', context())).toMatchObject({ kind: 'ask', why: 'unsure' });
  });

  test('members that the contract does not know are dropped with a note', async () => {
    const { model } = scripted(picks('orders.get@1', { order_id: 'A-1002', admin: true, ['__proto__']: { x: 1 } }));
    const resolver = resolverOf({ classifier: ranking(['orders.get', 0.4]), model });
    const resolution = await resolver.resolve('A-1002?', context());
    expect(proposalOf(resolution).input).toEqual({ order_id: 'A-1002' });
    expect(resolution.notes).toContain('model: a member that the contract does not know was dropped');
  });

  test.each([
    { name: 'a number inside another', text: 'the list of B-2013 and C-13', input: { limit: 13 }, provenance: 'model' },
    { name: 'the number itself', text: 'the 13 newest', input: { limit: 13 }, provenance: 'user' },
    { name: 'a number in words', text: 'the thirteen newest', input: { limit: 13 }, provenance: 'user' },
    { name: 'a date as said', text: 'newer than yesterday', input: { since: '2026-11-22' }, provenance: 'user' },
    { name: 'a date not said', text: 'the newer ones', input: { since: '2026-11-22' }, provenance: 'model' },
    { name: 'an enum member', text: 'those Shipped', input: { status: 'shipped' }, provenance: 'user' },
    { name: 'part of a word', text: 'those unshipped', input: { status: 'shipped' }, provenance: 'model' },
  ])('$name has provenance $provenance', async ({ text, input, provenance }) => {
    const { model } = scripted(picks('orders.list@1', input));
    const resolver = resolverOf({ classifier: ranking(['orders.list', 0.5]), model });
    expect(proposalOf(await resolver.resolve(text, context())).slots).toMatchObject([{ provenance }]);
  });

  test.each([
    { name: 'down', answer: { ok: false, detail: 'timed out' } as const, note: 'model: timed out' },
    { name: 'an unlisted intent', answer: picks('admin.wipe@1'), note: 'model: chose what it was not offered' },
    { name: 'none', answer: picks(null), note: 'model: none of the candidates' },
  ])('$name leaves the classifier its answer', async ({ answer, note }) => {
    const { model } = scripted(answer);
    const classifier = ranking(['orders.refund', 0.5]);
    const resolution = await resolverOf({ classifier, model }).resolve('money for A-1002', context());
    expect(resolution).toMatchObject({ kind: 'ask', why: 'unsure', notes: [note] });
    const nothing = await resolverOf({ classifier: ranking(), model }).resolve('etwas ganz anderes', context());
    expect(nothing).toMatchObject({ kind: 'out-of-scope', notes: [note] });
  });

  test('a model that throws is a model that failed', async () => {
    const model: Model = { name: 'bad', propose: () => Promise.reject(new Error('sk-secret')) };
    const resolution = await resolverOf({ classifier: ranking(['orders.get', 0.4]), model }).resolve('hm', context());
    expect(resolution).toMatchObject({ kind: 'ask', notes: ['model: failed'] });
  });

  test('words that share nothing with the catalogue still reach it', async () => {
    const { model } = scripted(picks('orders.list@1'));
    const resolution = await resolverOf({ classifier: ranking(), model, intents: shop.slice(0, 4) }).resolve(
      'Bestellungen zeigen',
      context(),
    );
    expect(proposalOf(resolution)).toMatchObject({ tier: 'model', intent: { name: 'orders.list' } });
  });
});

test('any text has an answer, the same each time, and every span lies in it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), mixed), async (text) => {
      const { trail: _, ...first } = await plain.resolve(text, context());
      const { trail: __, ...second } = await plain.resolve(text, context());
      expect(second).toEqual(first);
      const slots = first.kind === 'proposal' ? first.proposal.slots : [];
      for (const { span } of slots)
        if (span !== undefined) {
          expect(span.start).toBeGreaterThanOrEqual(0);
          expect(span.end).toBeGreaterThan(span.start);
          expect(span.end).toBeLessThanOrEqual(text.length);
        }
    }),
  );
});

const mixed = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'refund',
        'cancel',
        'order',
        'A-1001',
        'A-1002',
        '€20',
        '20',
        'euros',
        'on',
        'not',
        "don't",
        'search for',
        '"',
        'since',
        '3 May',
        '1.200',
        'SKU-20',
        ',',
        'and',
        'to',
        'price',
      ),
      fc.string({ unit: 'grapheme', maxLength: 6 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(' '));

test.each([
  ['13', 13, 'the first 13 of them', 'user'],
  ['shipped ones', 'shipped ones', 'those on the road', 'model'],
])('what a model writes as text, %j, is read in the type of its slot', async (written, value, text, provenance) => {
  const { model } = scripted(picks('orders.list@1', value === 13 ? { limit: written } : { status: written }));
  const resolver = resolverOf({ classifier: ranking(['orders.list', 0.5]), model });
  const { input, slots } = proposalOf(await resolver.resolve(text, context()));
  expect(Object.values(input)).toEqual([value]);
  expect(slots.map((slot) => slot.provenance)).toEqual([provenance]);
});

describe('progress', () => {
  const streaming: Model = {
    name: 'streaming',
    async propose({ onProgress }) {
      onProgress?.(1);
      onProgress?.(2);
      return picks('orders.get@1', { order_id: 'A-1001' });
    },
  };
  const unsure = ranking(['orders.get', 0.4]);

  test('who waits is told which tier is asked, and how far a model is', async () => {
    const told: unknown[] = [];
    const resolver = resolverOf({ classifier: unsure, model: streaming });
    await resolver.resolve('something with A-1001', context({ progress: (so) => void told.push(so) }));
    expect(told).toEqual([
      { tier: 'builtin' },
      { tier: 'model' },
      { tier: 'model', tokens: 1 },
      { tier: 'model', tokens: 2 },
    ]);
  });

  test('what the watcher throws harms nothing', async () => {
    const resolver = resolverOf({ classifier: unsure, model: streaming });
    const progress = () => {
      throw new Error('watching');
    };
    const watched = await resolver.resolve('something with A-1001', context({ progress }));
    expect(proposalOf(watched).intent.name).toBe('orders.get');
  });
});
