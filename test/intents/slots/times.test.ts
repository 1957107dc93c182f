import { describe, expect, test } from 'vitest';
import type { Input, Json, JsonSchema } from '../../../intents/json.ts';
import { readingOf } from '../../../intents/resolve/slots/finders.ts';
import { compileSlotReader } from '../../../intents/resolve/slots/read.ts';
import { type ReadingContext, utterance } from '../../../intents/resolve/slots/utterance.ts';
import { intentOf, resolveRef } from '../resolve/shop.ts';

/** A Monday, late in the evening in UTC: in Tokyo it is Tuesday. */
const now = new Date('2026-11-23T22:15:30.250Z');
const values = (format: string, text: string, context: Partial<ReadingContext> = {}): Json[] =>
  (readingOf('at', { type: 'string', format }, new Set())?.find(utterance(text, { now, ...context })) ?? [])
    .toSorted((a, b) => a.start - b.start)
    .map(({ value }) => value);

describe("days are those of the caller's zone", () => {
  test.each<[string, string | undefined, string]>([
    ['today', undefined, '2026-11-23'],
    ['today', 'Asia/Tokyo', '2026-11-24'],
    ['tomorrow', 'Asia/Tokyo', '2026-11-25'],
    ['next friday', 'Asia/Tokyo', '2026-11-27'],
    ['tuesday', 'Asia/Tokyo', '2026-12-01'],
    ['tuesday', 'America/New_York', '2026-11-24'],
    ['in 3 days', 'Pacific/Auckland', '2026-11-27'],
    ['in two weeks', undefined, '2026-12-07'],
    ['in 3 months', undefined, '2027-02-23'],
    ['a year ago', undefined, '2025-11-23'],
    ['in 2 hours', undefined, '2026-11-24'],
    ['today', 'Nowhere/AtAll', '2026-11-23'],
    ['3 May 2028', 'Asia/Tokyo', '2028-05-03'],
  ])('%s in %s', (text, zone, day) => expect(values('date', text, zone === undefined ? {} : { zone })).toEqual([day]));
});

describe("times carry the offset that the caller's zone has then", () => {
  test.each<[string, string | undefined, string]>([
    ['tomorrow at 3pm', undefined, '2026-11-24T15:00:00Z'],
    ['tomorrow at 3pm', 'Europe/Vienna', '2026-11-24T15:00:00+01:00'],
    ['tomorrow at 3pm', 'Asia/Tokyo', '2026-11-25T15:00:00+09:00'],
    ['3 July 2027 at 9am', 'Europe/Vienna', '2027-07-03T09:00:00+02:00'],
    ['in 2 hours', undefined, '2026-11-24T00:15:30Z'],
    ['in 2 hours', 'Europe/Vienna', '2026-11-24T01:15:30+01:00'],
    ['in half an hour', 'America/New_York', '2026-11-23T17:45:30-05:00'],
    ['90 minutes ago', 'Asia/Kolkata', '2026-11-24T02:15:30+05:30'],
    ['half past nine tomorrow', 'Europe/Vienna', '2026-11-24T09:30:00+01:00'],
    ['friday at half past nine in the evening', undefined, '2026-11-27T21:30:00Z'],
    ['9:30 on friday', undefined, '2026-11-27T09:30:00Z'],
    ['tomorrow at noon', undefined, '2026-11-24T12:00:00Z'],
    ['2026-12-24T10:30:00Z', 'Europe/Vienna', '2026-12-24T11:30:00+01:00'],
    ['2026-12-24T10:30', 'Europe/Vienna', '2026-12-24T10:30:00+01:00'],
    // The clock goes from two to three, then from three back to two.
    ['2027-03-28T02:30', 'Europe/Vienna', '2027-03-28T03:30:00+02:00'],
    ['2027-10-31T02:30', 'Europe/Vienna', '2027-10-31T02:30:00+02:00'],
    ['2027-10-31T01:30Z', 'Europe/Vienna', '2027-10-31T02:30:00+01:00'],
  ])('%s in %s', (text, zone, time) =>
    expect(values('date-time', text, zone === undefined ? {} : { zone })).toEqual([time]),
  );
});

test.each<[string, string[]]>([
  ['at 9:30', ['09:30:00']],
  ['at 9:30 pm', ['21:30:00']],
  ['3pm', ['15:00:00']],
  ['12 a.m.', ['00:00:00']],
  ['half past nine', ['09:30:00']],
  ['quarter to ten in the evening', ['21:45:00']],
  ["nine o'clock", ['09:00:00']],
  ['noon or midnight', ['12:00:00', '00:00:00']],
  ['25:10 and 9:75 and 13pm', []],
  ['at nine', []],
  ['20 lamps', []],
])('a time of day in "%s"', (text, expected) => expect(values('iso-time', text)).toEqual(expected));

test.each<[zone: string | undefined, time: string]>([
  [undefined, '09:30:00Z'],
  ['Europe/Vienna', '09:30:00+01:00'],
  ['America/New_York', '09:30:00-05:00'],
  ['Mars/Olympus', '09:30:00Z'],
])('a full time (RFC 3339) in the zone %s', (zone, time) => {
  expect(values('time', 'at half past nine', zone === undefined ? {} : { zone })).toEqual([time]);
});

test.each<[string, string[]]>([
  ['for two weeks', ['P2W']],
  ['3 days', ['P3D']],
  ['a 3-day trip', ['P3D']],
  ['1 hour 30 minutes', ['PT1H30M']],
  ['2 hours and 15 minutes', ['PT2H15M']],
  ['1.5 hours', ['PT1H30M']],
  ['an hour and a half', ['PT1H30M']],
  ['half an hour', ['PT30M']],
  ['90 minutes', ['PT90M']],
  ['a year and 3 months', ['P1Y3M']],
  ['2 weeks and 3 days', ['P17D']],
  ['half a month', []],
  ['PT15M', ['PT15M']],
  ['P or PT', []],
  ['in 2 weeks', []],
  ['2 days ago', []],
  ['20 lamps', []],
])('a duration in "%s"', (text, expected) => expect(values('duration', text)).toEqual(expected));

test.each<[string, string[]]>([
  ['host 2001:db8::1, please', ['2001:db8::1']],
  ['10:30 or 1::2::3', []],
])('an IPv6 address in "%s"', (text, expected) => expect(values('ipv6', text)).toEqual(expected));

describe('ranges', () => {
  const date: JsonSchema = { type: 'string', format: 'date' };
  const time: JsonSchema = { type: 'string', format: 'time' };
  const reader = (properties: Record<string, JsonSchema>) =>
    compileSlotReader(intentOf('rooms.book', 'write', ['book a room'], properties), resolveRef);
  test.each<[string, Input]>([
    ['book a room from May 3 to May 10', { start_date: '2027-05-03', end_date: '2027-05-10' }],
    ['book a room between 3 May and 10 May', { start_date: '2027-05-03', end_date: '2027-05-10' }],
    ['book a room until May 10', { end_date: '2027-05-10' }],
    ['book a room from tomorrow', { start_date: '2026-11-24' }],
    ['book a room from 10 May 2027 to 3 May 2027', {}],
    ['book a room on May 3 and May 10', {}],
  ])('%s', (text, input) =>
    expect(reader({ end_date: date, start_date: date }).read(text, { now }).input).toEqual(input),
  );
  test('of a day', () =>
    expect(reader({ end_time: time, start_time: time }).read('a room from 9:30 to 17:00', { now }).input).toEqual({
      start_time: '09:30:00Z',
      end_time: '17:00:00Z',
    }));
});
