import type { Span } from '../text.ts';
import type { Cut, Found, Utterance } from './utterance.ts';

const dayMs = 86_400_000;
const months = 'january february march april may june july august september october november december'.split(' ');
const weekdays = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');
const monthName = months
  .map((name) =>
    name === 'may' ? '(?<!\\b(?:i|you|we|he|she|it|they|that|who) )may' : `${name.slice(0, 3)}(?:${name.slice(3)})?`,
  )
  .join('|');
const weekdayName = weekdays.map((name) => `${name.slice(0, 3)}(?:${name.slice(3)})?`).join('|');
const time = '(?:(?:\\s+at\\s+|\\s+|,\\s*)(\\d{1,2})(?::(\\d{2}))?\\s?(am|pm|h|(?<=:\\d\\d))(?![\\p{L}\\p{N}]))?';

interface Day {
  readonly date: Date;
  readonly clock?: readonly [hour: string | undefined, minute: string | undefined, half: string | undefined];
}
interface Form {
  readonly shape: RegExp;
  /** @param back true where the words look back: "since 3 May" */
  readonly read: (match: RegExpExecArray, now: Date, back: boolean) => Day | undefined;
}
const form = (shape: string, read: Form['read']): Form => ({
  shape: new RegExp(`(?<![\\p{L}\\p{N}.-])${shape}(?![\\p{L}\\p{N}-]|\\.\\d)`, 'giu'),
  read,
});

const forms: readonly Form[] = [
  form(
    '(\\d{4}-\\d{2}-\\d{2})T(\\d{2}:\\d{2}(?::\\d{2}(?:\\.\\d{1,3})?)?)(Z|[+-]\\d{2}:\\d{2})?',
    ([, day = '', clock = '', zone = 'Z']) => {
      const date = new Date(`${day}T${clock}${zone.toUpperCase()}`);
      return isDay(day) && Number.isFinite(date.getTime()) ? { date } : undefined;
    },
  ),
  form('(\\d{4})/(\\d{1,2})/(\\d{1,2})', ([, year = '', month = '', day = '']) => {
    const iso = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
    return isDay(iso) ? { date: new Date(iso) } : undefined;
  }),
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
  form(`in (\\d{1,3}) (day|week)s?`, ([, count, unit], now) => ({
    date: addDays(now, Number(count) * unitDays(unit)),
  })),
  form(`(\\d{1,3}) (day|week)s? ago`, ([, count, unit], now) => ({
    date: addDays(now, -Number(count) * unitDays(unit)),
  })),
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
 * Finds dates: ISO 8601, today and its neighbours, `3 May`, `May 3rd, 2027`, weekdays, `in 3 days`, each with a time
 * where one follows. Days are UTC days of `now`. Without a year, or for a weekday, it is the coming one, unless the words
 * look back ("since", "last"). `03/05/2026` is left unread: which of them is the month, nobody can say.
 * @param output `date` gives YYYY-MM-DD, `date-time` RFC 3339 in UTC
 */
export const findDates =
  (output: 'date' | 'date-time') =>
  ({ days }: Utterance): Found[] =>
    days.map(({ start, end, date }) => ({
      value: output === 'date' ? date.toISOString().slice(0, 10) : date.toISOString().replace('.000Z', 'Z'),
      start,
      end,
      grade: 3,
    }));

/** Where dates are written, whatever slot they are for. */
export const dateSpans = ({ plain, context: { now } }: Cut): (Span & { date: Date })[] => {
  const found: (Span & { date: Date })[] = [];
  for (const { shape, read } of forms)
    for (const match of plain.matchAll(shape)) {
      const [start, end] = [match.index, match.index + match[0].length];
      if (found.some((other) => start < other.end && other.start < end)) continue;
      const back = /\b(?:since|last|past|was|were|ago|before)(?: the)? $/i.test(
        plain.slice(Math.max(0, start - 12), start),
      );
      const day = read(match, midnight(now), back);
      const date = day && atClock(day);
      if (date !== undefined && inRange(date)) found.push({ start, end, date });
    }
  return found;
};

const midnight = (now: Date) => new Date(Math.floor(now.getTime() / dayMs) * dayMs);
const addDays = (day: Date, days: number) => new Date(day.getTime() + days * dayMs);
const unitDays = (unit: string | undefined) => (unit?.toLowerCase() === 'week' ? 7 : 1);
const isDay = (iso: string) => {
  const date = new Date(iso);
  return Number.isFinite(date.getTime()) && date.toISOString().startsWith(iso);
};
const inRange = (date: Date) => date.getUTCFullYear() >= 1 && date.getUTCFullYear() <= 9999;

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

const calendarDay = (
  day: string | undefined,
  month: string | undefined,
  year: string | undefined,
  now: Date,
  back: boolean,
): Date | undefined => {
  const index = months.findIndex((name) => name.startsWith((month ?? '').toLowerCase().slice(0, 3)));
  const inYear = (full: number) => {
    const date = new Date(Date.UTC(full, index, Number(day)));
    return date.getUTCMonth() === index && Number(day) > 0 ? date : undefined;
  };
  if (year !== undefined) return inYear(Number(year));
  const thisYear = inYear(now.getUTCFullYear());
  if (thisYear === undefined) return undefined;
  if (back) return thisYear > now ? inYear(now.getUTCFullYear() - 1) : thisYear;
  return thisYear < now ? inYear(now.getUTCFullYear() + 1) : thisYear;
};

const weekday = (name: string | undefined, now: Date, back: boolean): Date => {
  const index = weekdays.findIndex((known) => known.startsWith((name ?? '').toLowerCase().slice(0, 3)));
  const ahead = (index - now.getUTCDay() + 7) % 7 || 7;
  return addDays(now, back ? (ahead === 7 ? -7 : ahead - 7) : ahead);
};
