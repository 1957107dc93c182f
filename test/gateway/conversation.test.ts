import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalogueOf } from '../../intents/catalogue.ts';
import { type ShopGateway, startShopGateway } from './start-shop.ts';

let shop: ShopGateway;
beforeAll(async () => {
  shop = await startShopGateway();
});
afterAll(() => shop.stop());

const refunds = async (order: string) =>
  (await shop.call('/v1/intents/orders.list-refunds', { order_id: order })).body.refunds as { amount: number }[];

describe('an answer', () => {
  test('fills what was asked, and what was said before stays and counts as brought along', async () => {
    const say = shop.conversation();
    expect(await say('refund 20 euros')).toMatchObject({
      outcome: 'clarify',
      intent: 'orders.refund',
      fields: [{ pointer: '/order_id' }],
      known: { amount: 20, currency: 'EUR' },
    });
    expect(await say('the order is A-1001')).toMatchObject({
      outcome: 'confirm',
      input: { order_id: 'A-1001', amount: 20, currency: 'EUR' },
      provenance: { '/order_id': 'user', '/amount': 'session', '/currency': 'session', '/reason': 'default' },
    });
  });

  test.each([
    ['a bare value', 'A-1002', { order_id: 'A-1002' }],
    ['in other case', 'a-1002 please', { order_id: 'A-1002' }],
    ['in a sentence', 'I think it was order A-1002', { order_id: 'A-1002' }],
  ])('%s', async (_name, text, input) => {
    const say = shop.conversation();
    await say('cancel my order');
    expect(await say(text)).toMatchObject({ outcome: 'confirm', intent: 'orders.cancel', input });
  });

  test('to one of two questions leaves the other', async () => {
    const say = shop.conversation();
    await say('make a note on an order');
    expect(await say('A-1006')).toMatchObject({ outcome: 'clarify', fields: [{ pointer: '/note' }] });
    expect(await say('customer called twice')).toMatchObject({
      outcome: 'completed',
      input: { order_id: 'A-1006', note: 'customer called twice' },
      provenance: { '/order_id': 'session', '/note': 'user' },
    });
  });

  test.each([
    ['nothing like it', 'banana'],
    ['a value that is none', 'B-99'],
    ['a denial', 'not A-1001'],
    ['two for one', 'A-1001 or A-1002'],
    ['a yes', 'yes'],
    ['a place', 'the second one'],
    ['more than was asked', 'order A-1003, 10 dollars'],
  ])('that does not fit is said so, and the question stays: %s', async (_name, text) => {
    const say = shop.conversation();
    await say('refund 20 euros');
    expect(await say(text)).toMatchObject({
      outcome: 'clarify',
      reason: 'does-not-fit',
      intent: 'orders.refund',
      fields: [{ pointer: '/order_id' }],
      known: { amount: 20, currency: 'EUR' },
    });
    expect(await say('A-1001')).toMatchObject({ outcome: 'confirm', input: { order_id: 'A-1001', amount: 20 } });
  });

  test.each([['never mind'], ['forget it'], ['no'], ['cancel']])('"%s" drops the question', async (text) => {
    const say = shop.conversation();
    await say('refund my order');
    expect(await say(text)).toMatchObject({ outcome: 'declined' });
    expect(await say('yes')).toMatchObject({ outcome: 'clarify', reason: 'not-asked' });
  });

  test('a request of its own drops the question', async () => {
    const say = shop.conversation();
    await say('refund my order');
    expect(await say('show order A-1002')).toMatchObject({ outcome: 'completed', intent: 'orders.get' });
    expect(await say('yes')).toMatchObject({ outcome: 'clarify', reason: 'not-asked', candidates: [] });
  });

  test('may be typed', async () => {
    const say = shop.conversation();
    await say('refund 20 euros');
    expect(await say('this one', { input: { order_id: 'A-1001' } })).toMatchObject({
      outcome: 'confirm',
      provenance: { '/order_id': 'input', '/amount': 'session' },
    });
  });
});

describe('a choice', () => {
  // The same words under two intents: which is meant, nobody can know.
  const words = 'deal with order A-1005';
  let both: ShopGateway;
  beforeAll(async () => {
    both = await startShopGateway((setup) => {
      const { intents, entities, library } = setup.catalogue;
      const example = { text: words, annotations: [], input: {} };
      const more = intents.map((intent) =>
        ['orders.cancel', 'orders.refund'].includes(intent.name)
          ? { ...intent, examples: [...intent.examples, example] }
          : intent,
      );
      return { ...setup, catalogue: catalogueOf(more, entities, library) };
    });
  });
  afterAll(() => both.stop());
  const offered = async () => {
    const say = both.conversation();
    const { outcome, candidates } = await say(words);
    expect(outcome).toBe('clarify');
    return { say, names: (candidates as { intent: string }[]).map(({ intent }) => intent) };
  };

  test('by place and by title', async () => {
    for (const place of ['the second one', '2', 'number two', 'the last one']) {
      const { say, names } = await offered();
      expect(names.toSorted()).toEqual(['orders.cancel', 'orders.refund']);
      expect(await say(place)).toMatchObject({
        outcome: 'confirm',
        intent: names[1],
        input: { order_id: 'A-1005' },
        provenance: { '/order_id': 'session' },
      });
    }
    const { say, names } = await offered();
    const title = (await both.get(`/v1/intents/${names[0]}`)).title as string;
    expect(await say(title)).toMatchObject({ outcome: 'confirm', intent: names[0] });
    expect(await (await offered()).say('the refund')).toMatchObject({ outcome: 'confirm', intent: 'orders.refund' });
  });

  test('what was read before it was chosen counts as brought along, and is confirmed like anything', async () => {
    const say = shop.conversation();
    expect(await say('do not refund order A-1009')).toMatchObject({ outcome: 'clarify' });
    expect(await say('yes')).toMatchObject({
      outcome: 'confirm',
      via: 'session',
      input: { order_id: 'A-1009' },
      provenance: { '/order_id': 'session' },
    });
  });

  test.each([['the fifth one'], ['yes'], ['banana']])('that is none keeps the question: %s', async (text) => {
    const { say, names } = await offered();
    const again = await say(text);
    expect(again).toMatchObject({ outcome: 'clarify', reason: 'does-not-fit' });
    expect((again.candidates as { intent: string }[]).map(({ intent }) => intent)).toEqual(names);
  });

  test('of several requests the one that comes first, and nothing before', async () => {
    const say = shop.conversation();
    expect(await say('show order A-1001 and cancel A-1010')).toMatchObject({
      outcome: 'clarify',
      parts: [{ text: 'show order A-1001' }, { text: 'cancel A-1010' }],
    });
    expect(await say('the second one')).toMatchObject({ outcome: 'confirm', intent: 'orders.cancel' });
  });
});

describe('a yes or no to a confirmation', () => {
  test('does it once, and is recorded as the answer to it', async () => {
    const say = shop.conversation();
    const { confirmation } = await say('refund 5 euros of A-1014');
    expect(await refunds('A-1014')).toHaveLength(0);
    const done = await say('yes, please');
    expect(done).toMatchObject({ outcome: 'completed', intent: 'orders.refund' });
    expect(await refunds('A-1014')).toHaveLength(1);
    expect(await shop.entries(done.request)).toEqual([
      expect.objectContaining({ kind: 'ahead' }),
      expect.objectContaining({
        kind: 'outcome',
        asked: 'confirmation',
        answers: confirmation.id,
        turn: 'confirmation',
      }),
    ]);
    const again = await shop.call(`/v1/confirmations/${confirmation.id}`, { confirm: true });
    expect(again.body.code).toBe('confirm.unknown');
    expect(await say('yes')).toMatchObject({ reason: 'not-asked' });
    expect(await refunds('A-1014')).toHaveLength(1);
  });

  test('a token shown twice does it once all the same', async () => {
    const asked = (await shop.call('/v1/ask', { text: 'refund 5 euros of A-1011' })).body;
    const before = (await refunds('A-1011')).length;
    const yes = () => shop.call('/v1/ask', { text: 'yes', session: asked.session });
    const outcomes = (await Promise.all([yes(), yes(), yes()])).map(({ body }) => body.outcome);
    expect(outcomes.toSorted()).toEqual(['completed', 'failed', 'failed']);
    expect((await refunds('A-1011')).length).toBe(before + 1);
  });

  test('a no does nothing', async () => {
    const say = shop.conversation();
    await say('cancel order A-1015');
    expect(await say('no')).toMatchObject({ outcome: 'declined' });
    expect((await shop.call('/v1/intents/orders.get', { order_id: 'A-1015' })).body.status).toBe('open');
  });
});

describe('a change', () => {
  test('makes a new proposal, with a confirmation of its own; the old one cannot be said yes to', async () => {
    const say = shop.conversation();
    const first = await say('refund 20 euros of A-1002');
    const second = await say('make it 10 instead');
    expect(second).toMatchObject({
      outcome: 'confirm',
      input: { order_id: 'A-1002', amount: 10, currency: 'EUR' },
      provenance: { '/order_id': 'session', '/amount': 'user', '/currency': 'session' },
    });
    expect(second.confirmation.id).not.toBe(first.confirmation.id);
    const old = await shop.call(`/v1/confirmations/${first.confirmation.id}`, { confirm: true });
    expect(old.body.code).toBe('confirm.unknown');
    expect(await say('yes')).toMatchObject({ outcome: 'completed', output: { amount: 10 } });
    expect((await refunds('A-1002')).map(({ amount }) => amount)).toEqual([10]);
  });

  test('of what was refused is decided anew', async () => {
    const say = shop.conversation();
    expect(await say('refund 500 euros on A-1004')).toMatchObject({ outcome: 'denied' });
    expect(await say('make it 100 instead')).toMatchObject({ outcome: 'confirm', input: { amount: 100 } });
    expect(await say('no, 300 euros')).toMatchObject({ outcome: 'denied', code: 'policy.denied' });
  });

  test('of a read reads again', async () => {
    const say = shop.conversation();
    expect(await say('show all open orders')).toMatchObject({ input: { status: 'open' } });
    expect(await say('make it packed instead')).toMatchObject({ outcome: 'completed', input: { status: 'packed' } });
  });

  test('of what is done already does nothing', async () => {
    const say = shop.conversation();
    expect(await say('restock PEN-01 with 3 pieces')).toMatchObject({ outcome: 'completed' });
    expect(await say('make it 5 instead')).toMatchObject({ outcome: 'clarify', reason: 'done' });
  });

  test('that is not understood leaves nothing to say yes to', async () => {
    const say = shop.conversation();
    await say('set the price of LMP-01 to 30 euros');
    expect(await say('make it 20 dollars')).toMatchObject({ outcome: 'clarify', reason: 'does-not-fit' });
    expect(await say('yes')).toMatchObject({ outcome: 'clarify', reason: 'not-asked' });
    expect((await shop.call('/v1/intents/catalogue.product', { sku: 'LMP-01' })).body.price).toBe(39.9);
  });
});

describe('words that point back', () => {
  test.each([
    ['and cancel it', 'confirm', 'orders.cancel'],
    ['list its refunds', 'completed', 'orders.list-refunds'],
    ['show that order again', 'completed', 'orders.get'],
  ])('"%s" means what was spoken of last', async (text, outcome, intent) => {
    const say = shop.conversation();
    await say('show order A-1003');
    expect(await say(text)).toMatchObject({
      outcome,
      intent,
      input: { order_id: 'A-1003' },
      provenance: { '/order_id': 'session' },
    });
  });

  test('mean nothing where nothing was spoken of', async () => {
    const say = shop.conversation();
    await say('which carriers do we use');
    expect(await say('cancel it')).not.toMatchObject({ outcome: 'confirm' });
  });

  test('a denial is no request', async () => {
    const say = shop.conversation();
    await say('show order A-1003');
    expect(await say('do not cancel it')).toMatchObject({ outcome: 'clarify' });
  });

  test('mean an entry of the list that was shown, by its place', async () => {
    const say = shop.conversation();
    const { output } = await say('show all open orders');
    const shown = output.orders.map(({ id }: { id: string }) => id) as string[];
    expect(await say('and cancel the second one')).toMatchObject({
      outcome: 'confirm',
      intent: 'orders.cancel',
      input: { order_id: shown[1] },
      provenance: { '/order_id': 'backend' },
    });
    expect(await say('show the last order')).toMatchObject({ intent: 'orders.get', input: { order_id: shown.at(-1) } });
    expect(await say('show the first order')).toMatchObject({
      intent: 'orders.get',
      input: { order_id: shown[0] },
    });
  });

  test.each([['the second one'], ['2']])('nothing but a place asks what is to be done: "%s"', async (place) => {
    const say = shop.conversation();
    const { output } = await say('show all open orders');
    const answer = await say(place);
    expect(answer.outcome === 'clarify' || answer.intent === 'orders.get').toBe(true);
    expect(JSON.stringify(answer)).toContain(output.orders[1].id);
  });

  test('a place that the list does not have is said so', async () => {
    const say = shop.conversation();
    const { output } = await say('show all packed orders');
    expect(output.orders.length).toBeLessThan(8);
    expect(await say('cancel the eighth one')).toMatchObject({ outcome: 'clarify', reason: 'does-not-fit' });
  });

  test('explain takes the session too, and changes nothing of it', async () => {
    const say = shop.conversation();
    const { confirmation, session } = await say('refund 20 euros of A-1002');
    const { body } = await shop.call('/v1/explain', { text: 'make it 10 instead', session });
    expect(body).toMatchObject({ outcome: 'explained', intent: 'orders.refund', input: { amount: 10 } });
    const yes = await shop.call('/v1/explain', { text: 'yes', session });
    expect(yes.body).toMatchObject({ outcome: 'explained', intent: 'orders.refund', input: { amount: 20 } });
    expect(await refunds('A-1002')).not.toContainEqual(expect.objectContaining({ amount: 20 }));
    const { body: no } = await shop.call(`/v1/confirmations/${confirmation.id}`, { confirm: false });
    expect(no.outcome).toBe('declined');
  });

  test('what a backend gave stays what a backend gave, however it is said again', async () => {
    const say = shop.conversation();
    await say('refund 3 euros of A-1016');
    const done = await say('yes');
    expect(done).toMatchObject({ outcome: 'completed' });
    expect(await say('cancel that refund')).toMatchObject({
      outcome: 'confirm',
      intent: 'orders.cancel-refund',
      input: { refund_id: done.output.refund_id },
      provenance: { '/refund_id': 'backend' },
    });
  });

  test('a policy sees that a value was brought along, and may ask for a yes', async () => {
    const strict = await startShopGateway((setup) => ({
      ...setup,
      bundle: {
        ...setup.bundle,
        decide: (asked) =>
          Object.values(asked.provenance).includes('session')
            ? { ...setup.bundle.decide(asked), outcome: 'deny' }
            : setup.bundle.decide(asked),
      },
    }));
    const say = strict.conversation();
    expect(await say('show order A-1003')).toMatchObject({ outcome: 'completed' });
    expect(await say('list its refunds')).toMatchObject({ outcome: 'denied' });
    await strict.stop();
  });
});

describe('context', () => {
  test.each([
    ['locale', 'not a tag!'],
    ['zone', 'Mars/Olympus'],
    ['zone', '+01:00'],
    ['currency', 'XYW'],
    ['now', 'yesterday'],
    ['planet', 'Mars'],
  ])('%s "%s" is refused', async (name, value) => {
    const { status, body } = await shop.call('/v1/ask', { text: 'show order A-1001', context: { [name]: value } });
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'request.invalid' });
    expect(body.errors).toContainEqual(expect.objectContaining({ pointer: `/context/${name}` }));
  });

  test('the time is the caller’s own for words like "yesterday"', async () => {
    const { body } = await shop.call('/v1/ask', {
      text: 'which orders came in since yesterday',
      context: { locale: 'en_GB', zone: 'europe/vienna', currency: 'eur', now: '2026-11-23T10:00:00+01:00' },
    });
    expect(body.input).toMatchObject({ placed_after: '2026-11-22' });
  });
});
