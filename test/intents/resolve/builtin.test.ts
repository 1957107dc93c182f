import { expect, test } from 'vitest';
import { defaultLines } from '../../../intents/resolve/resolve.ts';
import { builtinFor, intentOf, shop } from './shop.ts';

const classifier = builtinFor(shop);

test.each([
  ['refund order A-1002', 'orders.refund'],
  ['i need a refund for the order a-1002', 'orders.refund'],
  ['money back A-7777', 'orders.refund'],
  ['cancel A-1002', 'orders.cancel'],
  ['can you call off A-1002?', 'orders.cancel'],
  ['what is the status of A-9999', 'orders.get'],
  ['list shipped orders since yesterday', 'orders.list'],
  ['search for garden gnomes with red hats', 'catalogue.search'],
  ['has A-1002 shipped', 'shipments.track'],
  ['set the price of SKU-20 to 1299', 'catalogue.set-price'],
  ['rеfund order A-1002', 'orders.refund'],
  ['ＲＥＦＵＮＤ order A-1002', 'orders.refund'],
])('%s is %s, over its run line', (text, name) => {
  const [best, second] = classifier.classify(text, 5);
  expect(best?.intent.name).toBe(name);
  expect(best?.confidence).toBeGreaterThan(defaultLines[best?.intent.effect ?? 'destructive'].run);
  expect((best?.confidence ?? 0) - (second?.confidence ?? 0)).toBeGreaterThan(0.15);
});

test.each([
  'what is the capital of France',
  'tell me a joke',
  'book a flight to Paris',
  'play some music',
  'how is the weather',
  'delete my account',
  'wie ist das Wetter',
  '天气怎么样',
  '🙂',
  '',
])('"%s" is under every ask line', (text) => {
  for (const { intent, confidence } of classifier.classify(text, 5))
    expect(confidence).toBeLessThan(defaultLines[intent.effect].ask);
});

test('the values in the examples do not matter', () => {
  const confidence = (text: string) => classifier.classify(text, 1)[0]?.confidence;
  expect(confidence('refund order A-1001')).toBe(confidence('refund order A-4711'));
  expect(confidence('give 20 euros back on A-1001')).toBe(confidence('give 31 euros back on A-1009'));
});

test('scripts without spaces', () => {
  const chinese = builtinFor([
    intentOf('a.refund', 'write', ['订单退款', '我要退款']),
    intentOf('a.track', 'read', ['我的包裹在哪里', '查询物流']),
  ]);
  expect(chinese.classify('请给我退款', 2)[0]?.intent.name).toBe('a.refund');
});

test('an intent without examples is found by its title and description', () => {
  const described = builtinFor([
    intentOf('repos.list', 'read', [], {}, [], {
      title: 'List repositories',
      description: 'Lists public repositories of a user.',
    }),
    intentOf('issues.lock', 'write', [], {}, [], {
      title: 'Lock an issue',
      description: 'Locks the conversation of an issue.',
    }),
  ]);
  expect(described.classify('list the repositories of octocat', 1)[0]?.intent.name).toBe('repos.list');
});

test('the same catalogue gives the same answers, and no intents give none', () => {
  const again = builtinFor(shop);
  for (const text of ['refund order A-1002', 'orders', 'where is it'])
    expect(again.classify(text, 9)).toEqual(classifier.classify(text, 9));
  expect(builtinFor([]).classify('refund', 5)).toEqual([]);
  expect(classifier.classify('refund the order', 2)).toHaveLength(2);
});
