import type { Span } from '../text.ts';
import {
  addDays,
  addMonths,
  calendarDay,
  count,
  countOf,
  dayMs,
  dayOf,
  inRange,
  isDay,
  midnight,
  monthName,
  weekday,
  weekdayName,
  weekdays,
} from './calendar.ts';
import { type Clock, clockSpans } from './clock.ts';
import { writingOf } from './locale.ts';
import { periodEnds } from './periods.ts';
import { type Side, sidesOf } from './range.ts';
import type { Cut, Found, Utterance } from './utterance.ts';
import { wallAt, written } from './zone.ts';

const time = '(?:(?:\\s+at\\s+|\\s+|,\\s*)(\\d{1,2})(?::(\\d{2}))?\\s?(am|pm|h|(?<=:\\d\\d))(?![\\p{L}\\p{N}]))?';

/** A day or a time in the words. `date` is what the caller's own clock shows then, written as if it were UTC. */
export interface SaidDay extends Span {
  readonly date: Date;
  /** Set where it is known without the caller's clock: "in 2 hours". */
  readonly instant?: Date;
  /** It may be a mere count: "in 2 hours", "the last 7 days". */
  readonly fine?: boolean;
  /** Where it begins or ends a range. */
  readonly side?: Side;
  /** The same words say the other end too: "next week". */
  readonly whole?: true;
}
interface Day {
  readonly date: Date;
  readonly instant?: Date;
  readonly fine?: boolean;
  readonly clock?: readonly [hour: string | undefined, minute: string | undefined, half: string | undefined];
}
interface Form {
  readonly shape: RegExp;
  /** @param back true where the words look back: "since 3 May" */
  readonly read: (match: RegExpExecArray, today: Date, back: boolean, here: Cut['context']) => Day | undefined;
}
const form = (shape: string, read: Form['read']): Form => ({
  shape: new RegExp(`(?<![\\p{L}\\p{N}.-])${shape}(?![\\p{L}\\p{N}-]|\\.\\d)`, 'giu'),
  read,
});

const forms: readonly Form[] = [
  form(
    '(\\d{4}-\\d{2}-\\d{2})T(\\d{2}:\\d{2}(?::\\d{2}(?:\\.\\d{1,3})?)?)(Z|[+-]\\d{2}:\\d{2})?',
    ([, day = '', clock = '', offset], _today, _back, { zone }) => {
      const date = new Date(`${day}T${clock}${(offset ?? 'Z').toUpperCase()}`);
      if (!isDay(day) || !Number.isFinite(date.getTime())) return undefined;
      return offset === undefined ? { date } : { date: wallAt(date, zone), instant: date };
    },
  ),
  form('(\\d{4})/(\\d{1,2})/(\\d{1,2})', ([, year = '', month = '', day = '']) => {
    const iso = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
    return isDay(iso) ? { date: new Date(iso) } : undefined;
  }),
  form(
    `(?<!/)(\\d{1,2})([./])(\\d{1,2})\\2(\\d{4}|\\d{2})(?!/)${time}`,
    ([, first, mark, second, year, ...clock], today, _back, { locale }) =>
      withClock(byNumbers([Number(first), Number(second)], mark === '.', year ?? '', today, locale), clock),
  ),
  form(`(\\d{4}-\\d{2}-\\d{2})${time}`, ([, day = '', ...clock]) =>
    isDay(day) ? { date: new Date(day), clock: [clock[0], clock[1], clock[2]] } : undefined,
  ),
  form(
    `(the day after tomorrow|the day before yesterday|today|tonight|tomorrow|yesterday)${time}`,
    ([, word = '', ...clock], now) => ({
      date: addDays(
        now,
        { 'the day after tomorrow': 2, tomorrow: 1, yesterday: -1, 'the day before yesterday': -2 }[
          word.toLowerCase()
        ] ?? 0,
      ),
      clock: [clock[0], clock[1], clock[2]],
    }),
  ),
  form(`in (${count}) (day|week|month|year|hour|minute)s?`, ([, said, unit], today, _back, here) =>
    away(said, unit, 1, today, here),
  ),
  form(`(${count}) (day|week|month|year|hour|minute)s? ago`, ([, said, unit], today, _back, here) =>
    away(said, unit, -1, today, here),
  ),
  form(
    `(\\d{1,2})(?:st|nd|rd|th)?(?: of)? (${monthName})\\.?(?:,? (\\d{4})(?![:\\d]))?${time}`,
    ([, day, month, year, ...clock], now, back) => withClock(calendarDay(day, month, year, now, back), clock),
  ),
  form(
    `(${monthName})(?:\\.? |\\.)(\\d{1,2})(?:st|nd|rd|th)?(?:,? (\\d{4})(?![:\\d]))?${time}`,
    ([, month, day, year, ...clock], now, back) => withClock(calendarDay(day, month, year, now, back), clock),
  ),
  form(`(?:(next|last|this|on|by|until|since|from) )(${weekdayName})${time}`, ([, which, name, ...clock], now, back) =>
    withClock(weekday(name, now, back || /^(?:last|since)$/i.test(which ?? '')), clock),
  ),
  form(`(${weekdays.join('|')})${time}`, ([, name, ...clock], now, back) => withClock(weekday(name, now, back), clock)),
];

/**
 * Finds dates: ISO 8601, today and its neighbours, `3 May`, `May 3rd, 2027`, weekdays, `in 3 days`, `in 2 hours`, each with
 * a time where one stands beside it. Days are those of the caller's zone, UTC where there is none. Without a year, or for a
 * weekday, it is the coming one, unless the words look back ("since", "last"). `03/05/2026` is read as the caller's locale
 * writes it; without a locale only where it can be just one day (`03.05.2026`, `25/12/2026`). Ranges said in one breath
 * ("next week", "3-10 May") are two days, one for each side.
 * @param output `date` gives YYYY-MM-DD, `date-time` RFC 3339 with the zone's offset
 */
export const findDates =
  (output: 'date' | 'date-time') =>
  ({ days, context: { zone } }: Utterance): Found[] =>
    days.map(({ start, end, date, instant, side, whole }) => ({
      value: output === 'date' ? date.toISOString().slice(0, 10) : written(endOf(date, side, whole), instant, zone),
      start,
      end,
      grade: 3,
      ...(side === undefined ? {} : { side }),
      ...(whole === undefined ? {} : { whole }),
    }));

/** A period goes on to the last second of its last day. */
const endOf = (date: Date, side: Side | undefined, whole: true | undefined): Date =>
  whole && side === 'to' ? new Date(date.getTime() + dayMs - 1000) : date;

/** Where dates are written, whatever slot they are for. */
export const dateSpans = (said: Cut): SaidDay[] => {
  const { plain, context } = said;
  const today = midnight(wallAt(context.now, context.zone));
  const ends = periodEnds(said, today).filter(({ date }) => inRange(date));
  const found: SaidDay[] = [];
  for (const { shape, read } of forms)
    for (const match of plain.matchAll(shape)) {
      const [start, end] = [match.index, match.index + match[0].length];
      if ([...ends, ...found].some((other) => start < other.end && other.start < end)) continue;
      const back = /\b(?:since|last|past|was|were|ago|before)(?: the)? $/i.test(
        plain.slice(Math.max(0, start - 12), start),
      );
      const day = read(match, today, back, context);
      const date = day && atClock(day);
      if (day !== undefined && date !== undefined && inRange(date))
        found.push({
          start,
          end,
          date,
          ...(day.instant === undefined ? {} : { instant: day.instant }),
          ...(day.fine === undefined ? {} : { fine: day.fine }),
        });
    }
  const days = withSides(withClocks(found, clockSpans(said), plain), plain);
  return [...days, ...ends.map((end) => (end.whole ? { ...end, fine: true } : end))];
};

/** "half past nine tomorrow", "friday, noon": the time that stands beside a day is a part of it. */
const withClocks = (days: readonly SaidDay[], clocks: readonly Clock[], plain: string): SaidDay[] =>
  days.map((day) => {
    if (day.instant !== undefined || day.date.getTime() % dayMs !== 0) return day;
    const near = clocks.filter(
      ({ start, end }) =>
        (end <= day.start && /^(?: on|,)? $/.test(plain.slice(end, day.start))) ||
        (start >= day.end && /^(?:,? at|,)? $/.test(plain.slice(day.end, start))),
    );
    const [only, ...more] = near;
    if (only === undefined || more.length > 0) return day;
    return {
      ...day,
      start: Math.min(day.start, only.start),
      end: Math.max(day.end, only.end),
      date: new Date(day.date.getTime() + only.minutes * 60_000),
    };
  });

/** "from May 3 to May 10": which of them begins and which ends. A range that would end before it begins is no range. */
const withSides = (days: readonly SaidDay[], plain: string): SaidDay[] => {
  const ordered = days.toSorted((a, b) => a.start - b.start);
  const sides = sidesOf(ordered, plain);
  return ordered.flatMap((day, at) => {
    const [side, next, before] = [sides[at], ordered[at + 1], ordered[at - 1]];
    const turned =
      (side === 'from' && sides[at + 1] === 'to' && next !== undefined && next.date < day.date) ||
      (side === 'to' && sides[at - 1] === 'from' && before !== undefined && day.date < before.date);
    return turned ? [] : [{ ...day, ...(side === undefined ? {} : { side }) }];
  });
};

/** Days, months and years are counted on the calendar, hours and minutes on the clock, to the second. */
const away = (
  said: string | undefined,
  unit: string | undefined,
  sign: 1 | -1,
  today: Date,
  { now, zone }: Cut['context'],
): Day | undefined => {
  const many = sign * countOf(said);
  const kind = (unit ?? '').toLowerCase();
  if (kind === 'hour' || kind === 'minute') {
    const instant = new Date(Math.floor(now.getTime() / 1000) * 1000 + many * (kind === 'hour' ? 3_600_000 : 60_000));
    return { date: wallAt(instant, zone), instant, fine: true };
  }
  if (!Number.isInteger(many)) return undefined;
  if (kind === 'day' || kind === 'week') return { date: addDays(today, many * (kind === 'week' ? 7 : 1)) };
  return { date: addMonths(today, many * (kind === 'year' ? 12 : 1)) };
};

const withClock = (date: Date | undefined, [hour, minute, half]: readonly (string | undefined)[]): Day | undefined =>
  date && { date, clock: [hour, minute, half] };

const atClock = ({
  date,
  clock: [hour, minute = '0', half] = [undefined, undefined, undefined],
}: Day): Date | undefined => {
  if (hour === undefined) return date;
  const twelve = half?.toLowerCase() === 'am' || half?.toLowerCase() === 'pm';
  const hours = twelve ? (Number(hour) % 12) + (half?.toLowerCase() === 'pm' ? 12 : 0) : Number(hour);
  if (hours > 23 || Number(minute) > 59 || (twelve && (Number(hour) > 12 || Number(hour) === 0))) return undefined;
  return new Date(date.getTime() + (hours * 60 + Number(minute)) * 60_000);
};

/** Two numbers and a year: which of them is the month says the locale, a point between them, or that there is no 13th month. */
const byNumbers = (
  [first, second]: readonly [number, number],
  pointed: boolean,
  year: string,
  today: Date,
  locale: string | undefined,
): Date | undefined => {
  const writing = writingOf(locale);
  const full = year.length === 4 ? Number(year) : centuryOf(Number(year), today);
  const inOrder = (dayFirst: boolean) => (dayFirst ? dayOf(full, second, first) : dayOf(full, first, second));
  if (pointed) return inOrder(true);
  if (writing !== undefined) return inOrder(writing.dayFirst);
  const [one, other] = [inOrder(true), inOrder(false)];
  if (year.length < 4 || (one && other && one.getTime() !== other.getTime())) return undefined;
  return one ?? other;
};

/** The year of two digits that is at most twenty years ahead. */
const centuryOf = (short: number, today: Date): number => {
  const now = today.getUTCFullYear();
  const near = now - (now % 100) + short;
  return near > now + 20 ? near - 100 : near;
};
