import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonSchema } from '../../../intents/json.ts';
import { readingOf } from '../../../intents/resolve/slots/finders.ts';
import { parseDigits } from '../../../intents/resolve/slots/number.ts';
import { compileSlotReader } from '../../../intents/resolve/slots/read.ts';
import { utterance } from '../../../intents/resolve/slots/utterance.ts';
import { intentOf, resolveRef } from '../resolve/shop.ts';

/** A Monday. */
const now = new Date('2026-11-23T10:00:00Z');
const context = (locale?: string) => ({ now, ...(locale === undefined ? {} : { locale }) });
const days = (text: string, locale?: string): Json[] =>
  (readingOf('at', { type: 'string', format: 'date' }, new Set())?.find(utterance(text, context(locale))) ?? []).map(
    ({ value }) => value,
  );
const numbers = (text: string, locale?: string): Json[] =>
  (readingOf('amount', { type: 'number' }, new Set())?.find(utterance(text, context(locale))) ?? []).map(
    ({ value }) => value,
  );

test.each<[text: string, locale: string | undefined, expected: string[]]>([
  ['03/05/2026', undefined, []],
  ['03/05/2026', 'en-US', ['2026-03-05']],
  ['03/05/2026', 'en-GB', ['2026-05-03']],
  ['03/05/2026', 'de-AT', ['2026-05-03']],
  ['05/05/2026', undefined, ['2026-05-05']],
  ['25/12/2026', undefined, ['2026-12-25']],
  ['12/25/2026', undefined, ['2026-12-25']],
  ['25/12/2026', 'en-US', []],
  ['3.5.2026', undefined, ['2026-05-03']],
  ['3.5.2026', 'en-US', ['2026-05-03']],
  ['on 3/5/26 please', 'en-US', ['2026-03-05']],
  ['3/5/99', 'en-GB', ['1999-05-03']],
  ['25/12/26', undefined, []],
  ['31/02/2026', 'en-GB', []],
  ['1/03/05/2026', 'en-GB', []],
  ['03/05/2026', 'not a locale', []],
])('the day %s in %s', (text, locale, expected) => expect(days(text, locale)).toEqual(expected));

test.each<[text: string, locale: string | undefined, expected: number[]]>([
  ['1.200', undefined, []],
  ['1.200', 'de-DE', [1200]],
  ['1.200', 'en-US', [1.2]],
  ['1,200', undefined, [1200]],
  ['1,200', 'en-GB', [1200]],
  ['1,200', 'fr-FR', [1.2]],
  ['1.5', 'de-DE', [1.5]],
  ['1,5', 'en-US', [1.5]],
  ['1.234,50', 'en-US', [1234.5]],
  ["1'200.50", 'de-CH', [1200.5]],
  ['1’200', undefined, [1200]],
  ['12,34,567', 'en-IN', [1234567]],
  ['12,34,56', 'en-IN', []],
])('the number %s in %s', (text, locale, expected) => expect(numbers(text, locale)).toEqual(expected));

test('what a locale writes, it reads', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -99_999_999, max: 99_999_999 }),
      fc.constantFrom('en-US', 'de-DE', 'pt-BR', 'it-IT', 'en-IN', 'id-ID'),
      (cents, locale) => {
        const written = (cents / 100).toLocaleString(locale, { minimumFractionDigits: 2 });
        const decimal = locale.startsWith('en') ? '.' : ',';
        expect(parseDigits(written, decimal)).toBe(cents / 100);
      },
    ),
  );
});

describe('ranges in one breath', () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: {
      start_date: { type: 'string', format: 'date' },
      end_date: { type: 'string', format: 'date' },
      limit: { type: 'integer' },
    },
  };
  const read = (text: string, locale?: string, input: JsonSchema = schema) =>
    compileSlotReader({ ...intentOf('orders.list', 'read', []), input }, resolveRef).read(text, context(locale)).input;

  test.each<[text: string, from: string, to: string]>([
    ['orders of next week', '2026-11-30', '2026-12-06'],
    ['orders of this week', '2026-11-23', '2026-11-29'],
    ['orders of last week', '2026-11-16', '2026-11-22'],
    ['orders of this weekend', '2026-11-28', '2026-11-29'],
    ['orders of last month', '2026-10-01', '2026-10-31'],
    ['orders of this quarter', '2026-10-01', '2026-12-31'],
    ['orders of last year', '2025-01-01', '2025-12-31'],
    ['orders of the last 30 days', '2026-10-24', '2026-11-23'],
    ['orders of the past two weeks', '2026-11-09', '2026-11-23'],
    ['arrivals in the next 3 days', '2026-11-23', '2026-11-26'],
    ['orders of May 2026', '2026-05-01', '2026-05-31'],
    ['orders in february 2028', '2028-02-01', '2028-02-29'],
    ['orders in 2025', '2025-01-01', '2025-12-31'],
    ['orders of 3-10 May', '2027-05-03', '2027-05-10'],
    ['orders from 3 to 10 May 2026', '2026-05-03', '2026-05-10'],
    ['orders between 3rd and 10th of May 2026', '2026-05-03', '2026-05-10'],
    ['orders of May 3-10', '2027-05-03', '2027-05-10'],
    ['orders from May 3 to 10, 2026', '2026-05-03', '2026-05-10'],
    ['orders of May 3–10', '2027-05-03', '2027-05-10'],
    ['orders of 20-25 nov', '2026-11-20', '2026-11-25'],
  ])('%s', (text, start_date, end_date) => expect(read(text)).toEqual({ start_date, end_date }));

  test.each<[text: string, expected: object]>([
    ['orders since last month', { start_date: '2026-10-01' }],
    ['orders until next week', { end_date: '2026-12-06' }],
    ['orders before next week', {}],
    ['orders of 10-3 May', {}],
  ])('%s', (text, expected) => expect(read(text)).toEqual(expected));

  test('weeks begin where the caller is at home', () => {
    expect(read('orders of this week', 'en-US')).toEqual({ start_date: '2026-11-22', end_date: '2026-11-28' });
    expect(read('orders of this week', 'de-AT')).toEqual({ start_date: '2026-11-23', end_date: '2026-11-29' });
  });

  test('a slot for one day takes no week, and what is left of it is seen', () => {
    const one: JsonSchema = { type: 'object', properties: { date: { type: 'string', format: 'date' } } };
    const reader = compileSlotReader({ ...intentOf('orders.list', 'read', []), input: one }, resolveRef);
    const { input, unread } = reader.read('move it to next week', context());
    expect(input).toEqual({});
    expect(unread).not.toEqual([]);
  });

  test('a count of days is still a number to a slot that counts days', () => {
    const counted: JsonSchema = { type: 'object', properties: { days: { type: 'integer' } } };
    expect(read('orders of the last 7 days', undefined, counted)).toEqual({ days: 7 });
  });

  test('times go to the last second of the last day', () => {
    const timed: JsonSchema = {
      type: 'object',
      properties: {
        from: { type: 'string', format: 'date-time' },
        to: { type: 'string', format: 'date-time' },
      },
    };
    expect(read('orders of last week', undefined, timed)).toEqual({
      from: '2026-11-16T00:00:00Z',
      to: '2026-11-22T23:59:59Z',
    });
  });
});
