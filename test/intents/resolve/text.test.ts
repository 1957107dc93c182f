import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chunks, fold, nameWords, plain, standsAlone, words } from '../../../intents/resolve/text.ts';

test('plain keeps every offset', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(plain(text)).toHaveLength(text.length);
    }),
  );
  expect(plain('“Ａ”\u00a0ﬁ’')).toBe('"A" ﬁ\'');
});

test.each([
  ['REFUND', 'refund'],
  ['Rückgabe', 'ruckgabe'],
  ['rеfund', 'refund'],
  ['re\u200bfund', 'refund'],
  ['возврат', 'возврат'],
  ['ﬁnd', 'find'],
  ['don’t', "don't"],
])('fold %s', (text, folded) => expect(fold(text)).toBe(folded));

test('words and chunks lie where they say', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const { start, end } of words(text)) expect(start < end && end <= text.length).toBe(true);
      for (const chunk of chunks(text)) expect(text.slice(chunk.start, chunk.end)).toBe(chunk.text);
    }),
  );
});

test('chunks drop the punctuation around values, not in them', () => {
  const texts = (text: string) => chunks(text).map((chunk) => chunk.text);
  expect(texts('(A-1001), "B-2"! 1,200.50; jo@x.org.')).toEqual(['A-1001', 'B-2', '1,200.50', 'jo@x.org']);
  expect(texts("A-1001's A-1,A-2")).toEqual(['A-1001', 'A-1', 'A-2']);
});

test('words of texts and of names', () => {
  expect(words("don't 订单退款 A-1").map((word) => word.fold)).toEqual(["don't", '订单', '退款', 'a', '1']);
  expect(nameWords('orderId')).toEqual(['order', 'id']);
  expect(nameWords('max_price-net')).toEqual(['max', 'price', 'net']);
});

test.each([
  ['x 13 y', true],
  ['13.', true],
  ['2013', false],
  ['A-13', false],
  ['13-B', false],
  ['1.13', false],
  ["13's", true],
])('13 stands alone in "%s": %s', (text, alone) => {
  const start = text.indexOf('13');
  expect(standsAlone(text, { start, end: start + 2 })).toBe(alone);
});
