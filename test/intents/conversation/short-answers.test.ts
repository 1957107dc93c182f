import fc from 'fast-check';
import { expect, test } from 'vitest';
import { namedAmong, placeNamed, shortAnswer } from '../../../intents/resolve/conversation/short-answers.ts';

test.each([
  ...['yes', 'Yes!', 'yes, please', 'OK', 'sure', 'go ahead', 'yes, do it', 'please do', 'ja', 'oui'].map(
    (text) => [text, 'yes'] as const,
  ),
  ...['no', 'No.', 'no, thanks', 'nope', 'nein', 'no, never mind'].map((text) => [text, 'no'] as const),
  ...['never mind', 'forget it', 'cancel', 'none of them', 'don’t'].map((text) => [text, 'dismissed'] as const),
  ...[
    '',
    '…',
    'yes or no',
    'no, 20 euros',
    'yes and cancel A-1001',
    'not yes',
    'cancel order A-1001',
    'why',
    'yesterday',
  ].map((text) => [text, undefined] as const),
])('"%s" says %s', (text, said) => expect(shortAnswer(text)).toBe(said));

test.each([
  ['the second one', 1],
  ['2', 1],
  ['#2', 1],
  ['number 2, please', 1],
  ['one', 0],
  ['the first', 0],
  ['the last one', 2],
  ['option three', 2],
  ['the fifth one', 4],
  ['first and second', undefined],
  ['the second order of A-1001', undefined],
  ['0', undefined],
  ['second thoughts', undefined],
  ['', undefined],
])('"%s" of three is at %s', (text, place) => {
  const found = placeNamed(text, 3);
  expect(found === undefined || found < 0 ? undefined : found).toBe(place);
});

test.each([
  ['refund', 0],
  ['the refund please', 0],
  ['cancel an order', 1],
  ['Cancel an order', 1],
  ['order', 'many'],
  ['refunds', 0],
  ['a note', undefined],
  ['the', undefined],
])('"%s" names %s', (text, found) => expect(namedAmong(text, ['Refund an order', 'Cancel an order'])).toBe(found));

test('no text makes them throw, and a place is never below the first', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.nat(8), (text, count) => {
      shortAnswer(text);
      namedAmong(text, ['Refund an order', text]);
      const place = placeNamed(text, count + 1);
      if (place !== undefined) expect(place).toBeGreaterThanOrEqual(0);
    }),
  );
});
