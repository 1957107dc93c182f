import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maskFor, writtenOut } from '../../../intents/resolve/mask.ts';
import { partsOf } from '../../../intents/resolve/parts.ts';
import { resolveRef, shop } from './shop.ts';

const mask = maskFor(shop, resolveRef);

test.each([
  ['refund order A-1001', 'refund order order id'],
  ['refund order a-4711!', 'refund order order id'],
  ['give 20 euros back on A-1001', 'give number euros back on order id'],
  ['deliver A-1001 on friday', 'deliver order id on date'],
  ['write to jo@example.org about "my new lamp"', 'write to email about text'],
  ['show A-1001, A-1002 and A-1003', 'show order id and order id'],
  ['ＲＥＦＵＮＤ order A-1002', 'refund order order id'],
  ['', ''],
])('%s is learned as %s', (text, learned) => expect(writtenOut(mask(text))).toBe(learned));

test('every piece says where it stands in the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      let end = 0;
      for (const piece of mask(text)) {
        expect(piece.start).toBeGreaterThanOrEqual(end);
        expect(piece.end).toBeGreaterThan(piece.start);
        expect(piece.end).toBeLessThanOrEqual(text.length);
        end = piece.end;
      }
    }),
  );
});

test.each([
  ['show order A-1 and cancel order A-2', ['show order A-1', 'cancel order A-2']],
  ['Cancel order A-1. Then refund it, please.', ['Cancel order A-1', 'refund it, please.']],
  ['storniere A-1 und dann zeige A-2 an', ['storniere A-1', 'zeige A-2 an']],
  ['annule A-1 puis montre A-2', ['annule A-1', 'montre A-2']],
  ['add the note "call and refund" to A-1', []],
  ['add a note to A-1: please call and refund', []],
  ['cancel order A-1', []],
  ['red and blue', []],
  ['', []],
])('%s may be %j', (text, parts) => expect(partsOf(text).map((part) => part.text)).toEqual(parts));

test('parts stand in the text in order, and nothing makes cutting fail', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(' and ', '. ', '\n', ' "', ': ')), {
        maxLength: 20,
      }),
      (pieces) => {
        const text = pieces.join('');
        let end = 0;
        for (const part of partsOf(text)) {
          expect(text.slice(part.start, part.end)).toBe(part.text);
          expect(part.start).toBeGreaterThanOrEqual(end);
          end = part.end;
        }
      },
    ),
  );
});
