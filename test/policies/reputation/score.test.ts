import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Effect } from '../../../intents/contract.ts';
import {
  aged,
  bandAt,
  earnedBand,
  meanOf,
  observed,
  type Score,
  type Seen,
  unscored,
} from '../../../policies/reputation/score.ts';
import { bands } from '../../../policies/types.ts';

const day = 86_400_000;
const start = Date.parse('2026-11-23T00:00:00Z');

/** Lives so many days, with an event every so many; tells the first day of each band. */
const live = (
  days: number,
  aDay: number,
  seenAt: (index: number) => Seen,
  { effect = 'write', from }: { effect?: Effect; from?: Score } = {},
) => {
  let score = from ?? unscored(start);
  const begun = score.at;
  const first: Record<string, number> = {};
  for (let index = 0; index < days * aDay; index++) {
    const now = begun + ((index + 1) * day) / aDay;
    score = observed(score, seenAt(index), effect, `r${index}`, now);
    first[score.band] ??= (now - begun) / day;
  }
  return { score, first, end: score.at };
};
const clean = () => 'success' as const;

describe('what comes of a caller, with a clock that is handed in', () => {
  test('20 clean writes a day: standard on the first, trusted after 2.2 days', () => {
    const { first } = live(5, 20, clean);
    expect(first.standard).toBeCloseTo(0.25, 5);
    expect(first.trusted).toBeCloseTo(2.2, 1);
  });
  test('2 a day: trusted after 14 days', () => expect(live(30, 2, clean).first.trusted).toBeCloseTo(14, 0));
  test('reads and what destroys earn less a day', () => {
    expect(live(0.99, 100, clean, { effect: 'read' }).score.earned).toBe(4);
    expect(live(0.99, 100, clean, { effect: 'write' }).score.earned).toBe(8);
    expect(live(0.99, 100, clean, { effect: 'destructive' }).score.earned).toBe(3);
    expect(live(365, 100, clean).score.r).toBeLessThanOrEqual(40);
  });
  test('a fifth of it denied settles at standard', () => {
    const { score, first } = live(120, 20, (index) => (index % 5 === 4 ? 'denial' : 'success'));
    expect(score.band).toBe('standard');
    expect(first.trusted).toBeUndefined();
    expect(meanOf(score)).toBeCloseTo(0.65, 1);
  });
  test('a stranger who tries doors is restricted after 7 denials', () =>
    expect(live(1, 24, () => 'denial').first.restricted).toBeCloseTo(7 / 24, 5));
  test('one strike costs a day at once, and trust for 41 days', () => {
    const good = live(60, 20, clean);
    expect(good.score.band).toBe('trusted');
    const struck = observed(good.score, 'strike', 'write', 'x', good.end);
    expect(struck.band).toBe('restricted');
    expect(bandAt(struck, good.end + day - 1)).toBe('restricted');
    const { first } = live(80, 20, clean, { from: struck });
    expect(first.new).toBeCloseTo(1, 0);
    expect(first.trusted).toBeGreaterThan(39);
    expect(first.trusted).toBeLessThan(43);
  });
  test('a strike every 20 days: never trusted again', () => {
    const { first, score } = live(120, 20, (index) => (index % 400 === 0 ? 'strike' : 'success'));
    expect(first.trusted).toBeUndefined();
    expect(score.strikes).toBe(6);
  });
  test('each strike doubles the time, up to 30 days', () => {
    let score = unscored(start);
    const lengths = Array.from({ length: 7 }, () => {
      score = observed(score, 'strike', 'write', 'x', start);
      return ((score.restrictedUntil ?? 0) - start) / day;
    });
    expect(lengths).toEqual([1, 2, 4, 8, 16, 30, 30]);
  });
  test('who does nothing is standard after 14 days, and new after 47', () => {
    const { score, end } = live(90, 20, clean);
    const bandAfter = (days: number) => bandAt(score, end + days * day);
    expect([13, 15, 46, 48].map(bandAfter)).toEqual(['trusted', 'standard', 'standard', 'new']);
  });
  test('a band rises one step a day, and falls at once', () => {
    const good = { ...unscored(start), r: 40 };
    const first = observed(good, 'success', 'write', 'a', start);
    expect(first.band).toBe('standard');
    expect(bandAt(first, start + day - 1)).toBe('standard');
    expect(bandAt(first, start + day)).toBe('trusted');
    expect(observed({ ...first, s: 100 }, 'invalid', 'write', 'b', start + 1).band).toBe('restricted');
  });
  test('a clock that goes back changes nothing', () => {
    const { score } = live(3, 20, clean);
    expect(aged(score, score.at - day)).toEqual(score);
  });
  test('the newest ten causes are kept, for 90 days', () => {
    const { score } = live(1, 24, () => 'denial');
    expect(score.causes.map(({ request }) => request)).toEqual(
      Array.from({ length: 10 }, (_, index) => `r${index + 14}`),
    );
    expect(aged(score, score.at + 91 * day).causes).toEqual([]);
  });
});

const seen = fc.constantFrom<Seen>('success', 'success', 'success', 'denial', 'invalid', 'rejected', 'strike');
const history = fc.array(fc.record({ seen, after: fc.integer({ min: 0, max: 3 * day }) }), { maxLength: 60 });
type History = readonly { readonly seen: Seen; readonly after: number }[];
const scored = (events: History, effect: Effect) => {
  let now = start;
  let score = unscored(start);
  for (const { seen: one, after } of events) {
    now += after;
    score = observed(score, one, effect, 'r', now);
  }
  return { score, now };
};
const effect = fc.constantFrom<Effect>('read', 'write', 'destructive');
const worth: readonly Seen[] = ['success', 'invalid', 'denial', 'rejected', 'strike'];
const rank = (band: string) => (bands as readonly string[]).indexOf(band);

test('a better event never makes a score worse, and a worse one never better', () =>
  fc.assert(
    fc.property(history, effect, fc.nat(), seen, (events, of, at, other) => {
      if (events.length === 0) return;
      const index = at % events.length;
      const changed = events.map((event, here) => (here === index ? { ...event, seen: other } : event));
      const [worse, better] =
        worth.indexOf(other) > worth.indexOf(events[index]?.seen ?? 'success')
          ? [scored(changed, of), scored(events, of)]
          : [scored(events, of), scored(changed, of)];
      expect(meanOf(better.score)).toBeGreaterThanOrEqual(meanOf(worse.score) - 1e-9);
      expect(better.score.r).toBeGreaterThanOrEqual(worse.score.r - 1e-9);
      expect(better.score.s).toBeLessThanOrEqual(worse.score.s + 1e-9);
      // By the numbers alone: how fast a band rises is another matter.
      expect(rank(earnedBand(better.score, better.now))).toBeLessThanOrEqual(rank(earnedBand(worse.score, worse.now)));
    }),
    { numRuns: 500 },
  ));

test('it is not better to have done well a little later, when a day counts no more', () => {
  const hour = day / 24;
  const early = Array.from({ length: 9 }, (_, index) => ({ seen: 'success' as Seen, after: index === 8 ? hour : 1 }));
  const late = early.map((event, index) => (index === 0 ? { ...event, seen: 'invalid' as Seen } : event));
  expect(scored(early, 'write').score.r).toBeCloseTo(8, 9);
  expect(scored(late, 'write').score.r).toBeLessThanOrEqual(8);
});

test('whatever happens, numbers stay in their bounds, and a band is never above what they give', () =>
  fc.assert(
    fc.property(history, effect, fc.integer({ min: 0, max: 400 * day }), (events, of, later) => {
      const { score, now } = scored(events, of);
      expect(score.r).toBeGreaterThanOrEqual(0);
      expect(score.r).toBeLessThanOrEqual(40);
      expect(score.causes.length).toBeLessThanOrEqual(10);
      for (const when of [now, now + later])
        expect(rank(bandAt(score, when))).toBeGreaterThanOrEqual(rank(earnedBand(aged(score, when), when)));
      expect(JSON.parse(JSON.stringify(score))).toEqual(JSON.parse(JSON.stringify({ ...score })));
    }),
    { numRuns: 300 },
  ));
