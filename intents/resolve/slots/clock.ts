import type { Span } from '../text.ts';
import { sidesOf } from './range.ts';
import type { Cut, Found, Utterance } from './utterance.ts';
import { wallAt, written } from './zone.ts';

/** A time of day, in minutes since midnight. */
export interface Clock extends Span {
  readonly minutes: number;
}

const hours = 'twelve one two three four five six seven eight nine ten eleven'.split(' ');
const hour = `\\d{1,2}|${hours.join('|')}`;
const half = '\\s?([ap])\\.?m\\b\\.?|\\s(?:in the (morning|afternoon|evening)|at (night))(?![\\p{L}\\p{N}])';
const edge = '(?<![\\p{L}\\p{N}:.,€$£-])';
const end = '(?![\\p{L}\\p{N}:%]|[.,]\\d)';

const forms: readonly (readonly [RegExp, (match: readonly (string | undefined)[]) => number | undefined])[] = [
  [
    new RegExp(
      `${edge}(half past|quarter past|a quarter past|quarter to|a quarter to) (${hour})(?:${half})?${end}`,
      'giu',
    ),
    ([, lead = '', at, ...rest]) => {
      const whole = hourOf(at, rest);
      if (whole === undefined) return undefined;
      const shift = /half/i.test(lead) ? 30 : /past/i.test(lead) ? 15 : -15;
      return (whole * 60 + shift + 1440) % 1440;
    },
  ],
  [
    new RegExp(`${edge}(\\d{1,2}):(\\d{2})(?::00)?(?:${half})?${end}`, 'giu'),
    ([, at, minute, ...rest]) => together(hourOf(at, rest), Number(minute)),
  ],
  [new RegExp(`${edge}(${hour})(?:${half})${end}`, 'giu'), ([, at, ...rest]) => together(hourOf(at, rest), 0)],
  [new RegExp(`${edge}(${hour}) o'clock(?:${half})?${end}`, 'giu'), ([, at, ...rest]) => together(hourOf(at, rest), 0)],
  [/(?<![\p{L}\p{N}-])(?:noon|midday)(?![\p{L}\p{N}-])/giu, () => 720],
  [/(?<![\p{L}\p{N}-])midnight(?![\p{L}\p{N}-])/giu, () => 0],
];

const together = (at: number | undefined, minute: number): number | undefined =>
  at === undefined || minute > 59 ? undefined : at * 60 + minute;

const hourOf = (said: string | undefined, halves: readonly (string | undefined)[]): number | undefined => {
  const named = hours.indexOf((said ?? '').toLowerCase());
  const value = named === 0 ? 12 : named > 0 ? named : Number(said);
  const told = halves.find((part) => part !== undefined)?.toLowerCase();
  if (told === undefined) return value < 24 ? value : undefined;
  if (value < 1 || value > 12) return /^(?:a|p|night)$/.test(told) || value > 23 ? undefined : value;
  if (told === 'night') return value === 12 ? 0 : value >= 6 ? value + 12 : value;
  return (value % 12) + (told === 'a' || told === 'morning' ? 0 : 12);
};

/** Times of day: `9:30`, `3 pm`, `half past nine`, `quarter to ten`, `nine o'clock`, `noon`. A bare number is none. */
export const clockSpans = ({ plain }: Pick<Cut, 'plain'>): Clock[] => {
  const found: Clock[] = [];
  for (const [shape, read] of forms)
    for (const match of plain.matchAll(shape)) {
      const span = { start: match.index, end: match.index + match[0].length };
      if (found.some((other) => span.start < other.end && other.start < span.end)) continue;
      const minutes = read(match);
      if (minutes !== undefined) found.push({ ...span, minutes });
    }
  return found.sort((a, b) => a.start - b.start);
};

/**
 * Finds times of day.
 * @param output `iso-time` gives `HH:MM:SS` on the caller's own clock; `time` (RFC 3339, full-time) adds the offset that the
 * caller's zone has then today, `Z` where no zone is known
 */
export const findTimes =
  (output: 'time' | 'iso-time') =>
  (said: Utterance): Found[] => {
    const { now, zone } = said.context;
    const clocks = clockSpans(said);
    const sides = sidesOf(clocks, said.plain);
    return clocks.map(({ start, end, minutes }, at): Found => {
      const side = sides[at];
      const wall = new Date(wallAt(now, zone));
      wall.setUTCHours(0, minutes, 0, 0);
      const time = written(wall, undefined, zone).slice('2026-11-23T'.length);
      return {
        value: output === 'time' ? time : time.slice(0, 'HH:MM:SS'.length),
        start,
        end,
        grade: 3,
        ...(side === undefined ? {} : { side }),
      };
    });
  };
