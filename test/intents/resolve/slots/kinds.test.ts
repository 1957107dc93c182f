import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonSchema } from '../../../../intents/json.ts';
import { readingOf } from '../../../../intents/resolve/slots/finders.ts';
import { parseDigits } from '../../../../intents/resolve/slots/number.ts';
import { utterance } from '../../../../intents/resolve/slots/utterance.ts';
import { now } from '../shop.ts';

const values = (schema: JsonSchema, text: string, name = 'slot', at = now): Json[] =>
  (readingOf(name, schema, new Set())?.find(utterance(text, { now: at })) ?? [])
    .toSorted((a, b) => a.start - b.start)
    .map(({ value }) => value);

describe('numbers', () => {
  test.each<[string, number[]]>([
    ['20', [20]],
    ['give 20.', [20]],
    ['-5 degrees', [-5]],
    ['€20', [20]],
    ['20€', [20]],
    ['20EUR', [20]],
    ['50%', [50]],
    ['1,200', [1200]],
    ['1,200.50', [1200.5]],
    ['1.200,50', [1200.5]],
    ['1,200,300', [1200300]],
    ['12.5', [12.5]],
    ['1,5', [1.5]],
    ['0.125', [0.125]],
    ['1.200', []],
    ['1,20,30', []],
    ['1.2.3', []],
    ['A-13 X13 13x 10:30 3/4', []],
    ['5-10', []],
    ['99999999999999999999', []],
    ['１３', [13]],
    ['twenty', [20]],
    ['twenty-five lamps', [25]],
    ['twenty five', [25]],
    ['one hundred', [100]],
    ['a hundred', [100]],
    ['two hundred and fifty', [250]],
    ['three hundred seven', [307]],
    ['nine hundred and ninety-nine', [999]],
    ['two, five', [2, 5]],
    ['this one', []],
    ['the last one please', []],
    ['one lamp', [1]],
    ['often weighty', []],
  ])('%s', (text, expected) => expect(values({ type: 'number' }, text)).toEqual(expected));

  test('integers leave fractions out', () => expect(values({ type: 'integer' }, '2.5 of 3')).toEqual([3]));
  test('members of a numeric enum', () => expect(values({ enum: [10, 20] }, '10 or 15')).toEqual([10]));

  test('what is read back is what was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: -999_999_999, max: 999_999_999 }), (number) => {
        expect(parseDigits(String(number))).toBe(number);
        expect(parseDigits(number.toLocaleString('en'))).toBe(number);
      }),
    );
  });
});

describe('enums', () => {
  const schema: JsonSchema = {
    enum: ['customer-request', 'damaged', 'fraud', 'new', 'Rückgabe'],
    'x-synonyms': { damaged: ['broken', 'smashed up'], fraud: 'stolen card' },
  };
  test.each<[string, string[]]>([
    ['it is Damaged', ['damaged']],
    ['a customer request', ['customer-request']],
    ['customer_request', ['customer-request']],
    ['it is broken', ['damaged']],
    ['all smashed up', ['damaged']],
    ['a stolen card', ['fraud']],
    ['it is damagd', ['damaged']],
    ['it is damgaed', []],
    ['frand', ['fraud']],
    ['brand', []],
    ['now', []],
    ['rückgabe', ['Rückgabe']],
    ['ruckgabe', ['Rückgabe']],
    ['undamaged', []],
    ['nothing of it', []],
  ])('%s', (text, expected) => expect(values(schema, text)).toEqual(expected));

  test('a misspelling as near to two members is neither', () =>
    expect(values({ enum: ['stack', 'stick'] }, 'stock')).toEqual([]));
  test('an everyday word is a member only as it is spelt there', () => {
    expect(values({ enum: ['IT', 'FR'] }, 'is it no')).toEqual([]);
    expect(values({ enum: ['IT', 'FR'] }, 'in IT or fr')).toEqual(['IT', 'FR']);
  });
});

test.each<[string, boolean[]]>([
  ['with gift wrap', [true]],
  ['gift wrap: no', [false]],
  ['gift wrap off', [false]],
  ['no gift wrap', [false]],
  ['without gift wrap', [false]],
  ['wrap the gift', []],
  ['as a present', [true]],
  ['yes', []],
])('switch: %s', (text, expected) =>
  expect(values({ type: 'boolean', 'x-synonyms': { true: ['as a present'] } }, text, 'gift_wrap')).toEqual(expected),
);

describe('dates', () => {
  test.each<[string, string[]]>([
    ['2026-12-24', ['2026-12-24']],
    ['2026-02-31', []],
    ['2026-12-24T10:30:00Z', ['2026-12-24']],
    ['today', ['2026-11-23']],
    ['Tomorrow', ['2026-11-24']],
    ['yesterday', ['2026-11-22']],
    ['the day after tomorrow', ['2026-11-25']],
    ['3 May', ['2027-05-03']],
    ['since 3 May', ['2026-05-03']],
    ['3rd of May 2028', ['2028-05-03']],
    ['May 3rd, 2028', ['2028-05-03']],
    ['Dec. 1', ['2026-12-01']],
    ['23 november', ['2026-11-23']],
    ['31 June', []],
    ['0 May', []],
    ['friday', ['2026-11-27']],
    ['monday', ['2026-11-30']],
    ['next tue', ['2026-11-24']],
    ['last friday', ['2026-11-20']],
    ['since monday', ['2026-11-16']],
    ['in 3 days', ['2026-11-26']],
    ['2 weeks ago', ['2026-11-09']],
    ['03/05/2026', []],
    ['A-2026-12-24', []],
    ['you may 20 times', []],
    ['the sun', []],
  ])('%s', (text, expected) => expect(values({ type: 'string', format: 'date' }, text)).toEqual(expected));

  test.each<[string, string[]]>([
    ['2026-12-24T10:30+02:00', ['2026-12-24T08:30:00Z']],
    ['2026-12-24T25:30Z', []],
    ['tomorrow at 3pm', ['2026-11-24T15:00:00Z']],
    ['3 May 2028 10:30', ['2028-05-03T10:30:00Z']],
    ['friday 12 am', ['2026-11-27T00:00:00Z']],
    ['friday at 13pm', []],
    ['tomorrow', ['2026-11-24T00:00:00Z']],
  ])('with a time: %s', (text, expected) =>
    expect(values({ type: 'string', format: 'date-time' }, text)).toEqual(expected),
  );
});

test.each<[JsonSchema, string, string[]]>([
  [{ type: 'string', format: 'email' }, 'mail to <jo.ann+x@example.org>, please', ['jo.ann+x@example.org']],
  [{ type: 'string', format: 'email' }, 'jo@ example @home jo@example', []],
  [{ type: 'string', format: 'uri' }, 'see https://example.org/a?b=c.', ['https://example.org/a?b=c']],
  [
    { type: 'string', format: 'uuid' },
    'id 6F9619FF-8B86-D011-B42D-00CF4FC964FF!',
    ['6F9619FF-8B86-D011-B42D-00CF4FC964FF'],
  ],
  [{ type: 'string', format: 'ipv4' }, 'host 10.0.0.1 and 300.1.1.1 and 1.2.3', ['10.0.0.1']],
  [{ type: 'string' }, 'call it "Big Ben" or “Tower”', ['Big Ben', 'Tower']],
  [{ type: 'string' }, "it's 'quoted here' isn't it", ['quoted here']],
  [
    { type: 'string', pattern: '^A-\\d{4}$' },
    'A-1001, (a-1002) A-10011 XA-1001 A-1001-B order:A-1003',
    ['A-1001', 'A-1002', 'A-1003'],
  ],
  [{ type: 'string', pattern: '^A-\\d{4}$' }, "A-1001's parcel", ['A-1001']],
  [{ type: 'string', pattern: '^SKU-' }, 'SKU-77 sku-7', ['SKU-77', 'SKU-7']],
  [{ type: 'string', pattern: '^\\d{2} \\d{2}$' }, 'code 12 34 now', ['12 34']],
  [{ type: 'string', pattern: '^[A-Z]{3}$' }, 'the FRA gate', ['FRA']],
  [{ type: ['string', 'null'], pattern: '^(a+)+$' }, `${'a'.repeat(200)}b`, []],
  [{ type: 'string', pattern: '^A-1$|^B-1$' }, 'A-1 B-1 C-1', ['A-1', 'B-1']],
])('%j in "%s"', (schema, text, expected) => expect(values(schema, text)).toEqual(expected));

test.each<[JsonSchema, string, string[]]>([
  [{ enum: ['EUR', 'USD'] }, '€20, 20 dollars', ['EUR', 'USD']],
  [{ enum: ['EUR', 'USD'] }, '20 pounds', []],
  [{ enum: ['euros', 'dollars'] }, '$5', ['dollars']],
  [{ type: 'string', pattern: '^[A-Z]{3}$' }, '20 euros or GBP 5', ['EUR', 'GBP']],
])('currency %j in "%s"', (schema, text, expected) =>
  expect([...new Set(values(schema, text, 'currency'))]).toEqual(expected),
);

test('no finder throws, and every span lies in the text', () => {
  const schemas: JsonSchema[] = [
    { type: 'number' },
    { type: 'integer' },
    { type: 'boolean' },
    { enum: ['open', 'shipped', 'EUR'] },
    { enum: ['EUR', 'USD'] },
    { type: 'string' },
    { type: 'string', pattern: '^A-\\d{4}$' },
    { type: 'string', pattern: '.*' },
    ...['date', 'date-time', 'email', 'uri', 'uuid', 'ipv4'].map((format) => ({ type: 'string', format })),
  ];
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.constantFrom(...schemas), (text, schema) => {
      for (const { start, end } of readingOf('gift_wrap', schema, new Set())?.find(utterance(text, { now })) ?? []) {
        expect(start).toBeGreaterThanOrEqual(0);
        expect(end).toBeGreaterThan(start);
        expect(end).toBeLessThanOrEqual(text.length);
      }
    }),
    { numRuns: 400 },
  );
});

test.each(['1', '1,', '-', '. ', 'a@', '"', 'in 1 ', 'A-1001 ', 'may 1, ', 'https://', 'euro '])(
  'repeating %j stays fast',
  (part) => {
    const text = part.repeat(2000).slice(0, 4000);
    const before = process.cpuUsage();
    for (const schema of [
      { type: 'number' },
      { type: 'string', format: 'date' },
      { type: 'string', format: 'email' },
      { type: 'string', format: 'uri' },
      { type: 'string' },
    ])
      values(schema, text);
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(1500);
  },
);
