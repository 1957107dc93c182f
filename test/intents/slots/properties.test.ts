import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Effect } from '../../../intents/contract.ts';
import type { Input, Json, JsonSchema } from '../../../intents/json.ts';
import { compileSlotReader } from '../../../intents/resolve/slots/read.ts';
import type { ReadingContext } from '../../../intents/resolve/slots/utterance.ts';
import { fold } from '../../../intents/resolve/text.ts';
import { intentOf, now, resolveRef } from '../resolve/shop.ts';

const text = (format: string): JsonSchema => ({ type: 'string', format });
const reasons = ['damaged', 'lost', 'too-late'];
const properties: Record<string, JsonSchema> = {
  order_id: { type: 'string', pattern: '^A-\\d{4}$' },
  amount: { type: 'number' },
  currency: { type: 'string', enum: ['EUR', 'USD'] },
  reason: { enum: reasons },
  gift_wrap: { type: 'boolean' },
  note: { type: 'string' },
  tags: { type: 'array', items: { enum: ['red', 'blue', 'green'] } },
  start_date: text('date'),
  end_date: text('date'),
  sent_at: text('date-time'),
  opens: text('time'),
  wait: text('duration'),
  mail: text('email'),
  page: text('uri'),
  id: text('uuid'),
  host: text('ipv4'),
  far_host: text('ipv6'),
  address: { type: 'object', properties: { city: { type: 'string' }, floor: { type: 'integer' } } },
};
const shown = ['refund [amount: 20] on [order_id: A-1001] saying [note: it came late]', 'ship to [address/city: Graz]'];
const reader = (effect: Effect, examples: readonly string[]) =>
  compileSlotReader(intentOf('orders.refund', effect, examples, properties, ['order_id', 'amount']), resolveRef);
const readers = [reader('write', shown), reader('read', []), reader('write', [])] as const;

const fragments = fc.constantFrom(
  ...`refund|A-1001|a-1002|€20|20 dollars|CA$ 5|1,200.50|1.200|-5|50%|twenty five|a hundred|damaged|damagd|too late|red, blue and green
|gift wrap|no gift wrap|saying|"quoted text"|'tis|“Tower”|from May 3 to May 10|3-10 May|half past nine|tomorrow at 3pm|in 2 hours|next friday
|2026-02-31|2026-12-24T10:30:00Z|for two weeks|1 hour 30 minutes|half an hour|jo@example.org|https://example.org/a?b=c|10.0.0.1|2001:db8::1
|note: call me|city = Graz|don't|not|never|without|and|or|to|on|.|,|\n|(|)|\u0000|\u200b|\ufeff|ﬁ|½|İ|ß|１３|٣|𝟜|🄀|🄁|👩‍👩‍👧|\ud800|__proto__|constructor`.split(
    '|',
  ),
);
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 120 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc
    .array(
      fc.oneof(
        { weight: 5, arbitrary: fragments },
        { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
      ),
      {
        maxLength: 14,
      },
    )
    .map((parts) => parts.join(' ')),
);
const contexts = fc.record(
  {
    now: fc.constantFrom(now, new Date('2028-02-29T23:59:59.999Z'), new Date('1970-01-01T00:00:00Z')),
    zone: fc.constantFrom('Asia/Tokyo', 'America/St_Johns', 'Pacific/Apia', 'Europe/Vienna', 'no/zone', ''),
    currency: fc.constantFrom('CAD', 'EUR', '', '$'),
    locale: fc.constantFrom('de-AT', 'x'),
  },
  { requiredKeys: ['now'] },
);

const at = (input: Input, pointer: string): Json | undefined =>
  pointer
    .slice(1)
    .split('/')
    .reduce<Json | undefined>((value, name) => (value as Input | undefined)?.[name], input);

const everyReading = (
  check: (said: string, reading: ReturnType<(typeof readers)[0]['read']>, context: ReadingContext) => void,
) =>
  fc.assert(
    fc.property(texts, contexts, fc.constantFrom(...readers), (said, context, one) => {
      check(said, one.read(said, context), context);
    }),
    { numRuns: 1500 },
  );

test('whatever the text, it is read, and read alike again', () => {
  fc.assert(
    fc.property(texts, contexts, fc.constantFrom(...readers), (said, context, one) => {
      expect(one.read(said, context)).toEqual(one.read(said, { ...context, now: new Date(context.now) }));
    }),
    { numRuns: 600 },
  );
});

test('spans lie in the text and never overlap, and each is of a value that is there', () =>
  everyReading((said, { input, slots, unread }) => {
    for (const { start, end } of [...unread, ...slots.flatMap(({ span }) => span ?? [])]) {
      expect(start).toBeGreaterThanOrEqual(0);
      expect(end).toBeGreaterThan(start);
      expect(end).toBeLessThanOrEqual(said.length);
    }
    const spans = slots.flatMap(({ span }) => span ?? []).toSorted((a, b) => a.start - b.start);
    expect(spans.length).toBe(slots.length);
    for (const [index, span] of spans.entries()) expect(span.start).toBeGreaterThanOrEqual(spans[index - 1]?.end ?? 0);
    for (const { pointer, provenance } of slots) {
      expect(provenance).toBe('user');
      expect(at(input, pointer)).toBeDefined();
    }
  }));

describe('no value is invented: each comes out of its own span', () => {
  const spelling = /^(?:eur|euros?|€|usd|dollars?|bucks|\$|us\$)$/i;
  const agrees: Readonly<Record<string, (value: Json, words: string, context: ReadingContext) => boolean>> = {
    '/order_id': (value, words) => fold(String(value)) === fold(words),
    '/note': (value, words) => value === words,
    '/address/city': (value, words) => value === words,
    '/mail': (value, words) => fold(String(value)) === fold(words),
    '/page': (value, words) => fold(String(value)) === fold(words),
    '/host': (value, words) => fold(String(value)) === fold(words),
    '/far_host': (value, words) => fold(String(value)) === fold(words),
    '/currency': (_value, words) => spelling.test(fold(words).trim()) || /dollars|bucks/i.test(words),
    '/reason': (value, words) => fold(words).startsWith(String(value).charAt(0)),
    '/tags': (value, words) => (value as Json[]).every((member) => fold(words).includes(String(member).slice(0, 1))),
    // Alone, it reads as the same number again.
    '/amount': (value, words, context) => alone(words, context) === value,
    '/address/floor': (value, words, context) => alone(words, context) === value,
  };
  const number = compileSlotReader(
    intentOf('sum.set', 'write', ['set it'], { amount: { type: 'number' } }, ['amount']),
    resolveRef,
  );
  const alone = (words: string, context: ReadingContext) => number.read(words, context).input.amount;

  test('numbers, members and strings', () =>
    everyReading((said, { input, slots }, context) => {
      for (const { pointer, span } of slots) {
        const [value, words] = [at(input, pointer), said.slice(span?.start, span?.end)];
        const agree = agrees[pointer];
        if (agree !== undefined && value !== undefined)
          expect([pointer, words, agree(value, words, context)]).toEqual([pointer, words, true]);
      }
    }));

  test('an empty text has none', () => {
    for (const one of readers) expect(one.read('', { now })).toEqual({ input: {}, slots: [], unread: [] });
  });
});

test.each(['don’t ', 'do not ', 'never ', 'what happens if I '])(
  '"%s" is for others to see: values are read as without it',
  (lead) => {
    const said = 'refund 20 dollars on A-1001';
    for (const one of [readers[0], readers[2]])
      expect(one.read(`${lead}${said}`, { now }).input).toEqual(one.read(said, { now }).input);
  },
);
