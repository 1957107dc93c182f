import { expect, test } from 'vitest';
import { compileSlotReader } from '../../../intents/resolve/slots/read.ts';
import type { TaggedSpan, Tagger } from '../../../intents/resolve/tagger/types.ts';
import { intentOf, now, resolveRef } from '../resolve/shop.ts';

const intent = intentOf(
  'orders.search',
  'read',
  ['orders of [customer: Jane Doe]', 'what did [customer: Rob Ray] order'],
  { customer: { type: 'string' }, limit: { type: 'integer' } },
);
const said = 'which 20 things went to Ann Lee lately';
const saying = (confidence: number, words = 'Ann Lee', slot = 'customer'): Tagger => ({
  slots: ['customer'],
  tag: (text): TaggedSpan[] => {
    const start = text.indexOf(words);
    return start < 0 ? [] : [{ start, end: start + words.length, slot, confidence }];
  },
  toBytes: () => new Uint8Array(),
});
const read = (tagger: Tagger | undefined, text = said) =>
  compileSlotReader(intent, resolveRef, () => tagger).read(text, { now }).input;

test('free text that no finder bounds is read where a tagger is sure of it', () => {
  expect(read(undefined)).toEqual({ limit: 20 });
  expect(read(saying(0.95))).toEqual({ limit: 20, customer: 'Ann Lee' });
});
test('one that is not sure, or names a value of another kind or another slot, fills nothing', () => {
  expect(read(saying(0.85))).toEqual({ limit: 20 });
  expect(read(saying(0.99, '20 things'))).toEqual({ limit: 20 });
  expect(read(saying(0.99, 'Ann Lee', 'nobody'))).toEqual({ limit: 20 });
});
test('what a finder has bound stays, and the tagger is not asked', () => {
  const refuses = () => {
    throw new Error('asked');
  };
  const reader = compileSlotReader(intent, resolveRef, refuses);
  expect(reader.read('customer: Ann Lee', { now }).input).toEqual({ customer: 'Ann Lee' });
});
