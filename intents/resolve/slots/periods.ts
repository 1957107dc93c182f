import type { Span } from '../text.ts';
import { addDays, addMonths, calendarDay, count, countOf, dayOf, monthName } from './calendar.ts';
import { writingOf } from './locale.ts';
import type { Side } from './range.ts';
import type { Cut } from './utterance.ts';

/** The first or the last day of a range whose two ends are said in one breath. */
export interface PeriodEnd extends Span {
  readonly date: Date;
  readonly side: Side;
  /** Both ends stand in the same words: "next week". Only a slot for that side takes one of them. */
  readonly whole?: true;
}
interface Ends {
  readonly from: Date | undefined;
  readonly to: Date | undefined;
  /** Where the words of the second end begin, counted from those of the first; left out where the words are the same. */
  readonly cut?: number;
}
type Read = (match: RegExpExecArray, today: Date, weekBegins: number) => Ends;

const form = (shape: string, read: Read): readonly [RegExp, Read] => [
  new RegExp(`(?<![\\p{L}\\p{N}./-])${shape}(?![\\p{L}\\p{N}/-]|\\.\\d)`, 'giu'),
  read,
];
const nth = '(\\d{1,2})(?:st|nd|rd|th)?';
const link = '(?:\\s?[-–]\\s?| (?:to|until|till|through) )';
const year = '(?:,? (\\d{4})(?![:\\d]))?';

const forms: readonly (readonly [RegExp, Read])[] = [
  form(
    `${nth}(?:${link}|(?<=between \\d{1,2}(?:st|nd|rd|th)?) and )${nth}(?: of)? (${monthName})\\.?${year}`,
    (match, today) => {
      const [whole, first, last, month, written] = match;
      return { ...sameMonth(first, last, month, written, today), cut: whole.search(new RegExp(`(?<=\\D)${last}\\D`)) };
    },
  ),
  form(
    `(${monthName})\\.? ${nth}(?:\\s?[-–]\\s?|(?<=from .{5,20}) (?:to|until|till|through) )${nth}${year}`,
    (match, today) => {
      const [whole, month, first, last, written] = match;
      const second = whole.search(new RegExp(`(?<=\\d\\D*[-–\\s])${last}(?:\\D|$)(?!.*[-–])`));
      return { ...sameMonth(first, last, month, written, today), cut: second };
    },
  ),
  form(
    '(this|next|last|previous|coming) (week|weekend|month|quarter|year)',
    ([, which = '', unit = ''], today, weekBegins) =>
      calendarPeriod(
        /^(?:next|coming)$/i.test(which) ? 1 : /^this$/i.test(which) ? 0 : -1,
        unit.toLowerCase(),
        today,
        weekBegins,
      ),
  ),
  form(`(last|past|previous|next|coming) (${count}) (day|week|month|year)s?`, ([, which = '', said, unit], today) => {
    const ahead = /^(?:next|coming)$/i.test(which);
    const far = later(today, (ahead ? 1 : -1) * countOf(said), (unit ?? '').toLowerCase());
    return ahead ? { from: today, to: far } : { from: far, to: today };
  }),
  form(`(?<!\\d(?:st|nd|rd|th)?(?: of)? )(${monthName})\\.?,? (\\d{4})(?!:)`, ([, name, written], today) => {
    const from = calendarDay('1', name, written, today, false);
    return { from, to: from && addDays(addMonths(from, 1), -1) };
  }),
  form('(?<=\\b(?:in|during|throughout) )((?:19|20)\\d\\d)', ([, written]) => ({
    from: dayOf(Number(written), 1, 1),
    to: dayOf(Number(written), 12, 31),
  })),
];

/**
 * Finds ranges of days that are said in one breath: "next week", "the last 30 days", "May 2027", "3-10 May". Weeks begin as
 * they do where the caller's locale is at home, on Monday where it is not known. "Since last month" is its first day on,
 * "until next week" goes to its last; "before" and "after" leave open which end is meant, and are left unread.
 * @param today midnight of the caller's own day
 */
export const periodEnds = ({ plain, context }: Cut, today: Date): PeriodEnd[] => {
  const weekBegins = writingOf(context.locale)?.weekBegins ?? 1;
  const found: PeriodEnd[] = [];
  for (const [shape, read] of forms)
    for (const match of plain.matchAll(shape)) {
      const [start, end] = [match.index, match.index + match[0].length];
      if (found.some((other) => start < other.end && other.start < end)) continue;
      const { from, to, cut } = read(match, today, weekBegins);
      if (from === undefined || to === undefined || to < from) continue;
      if (cut !== undefined) {
        const between = /\s?(?:[-–]|\p{L}+)?\s?$/u.exec(plain.slice(start, start + cut))?.[0].length ?? 0;
        found.push({ start, end: start + cut - between, date: from, side: 'from' });
        found.push({ start: start + cut, end, date: to, side: 'to' });
        continue;
      }
      const sides = sidesMeant(plain.slice(Math.max(0, start - 16), start));
      if (sides.includes('from')) found.push({ start, end, date: from, side: 'from', whole: true });
      if (sides.includes('to')) found.push({ start, end, date: to, side: 'to', whole: true });
    }
  return found;
};

const sidesMeant = (lead: string): readonly Side[] => {
  if (/\b(?:before|after)(?: the)? $/i.test(lead)) return [];
  if (/\b(?:since|from|starting|beginning)(?: the)? $/i.test(lead)) return ['from'];
  return /\b(?:until|till|to|through|by)(?: the)? $/i.test(lead) ? ['to'] : ['from', 'to'];
};

const sameMonth = (
  first: string | undefined,
  last: string | undefined,
  month: string | undefined,
  written: string | undefined,
  today: Date,
): Ends => {
  const to = calendarDay(last, month, written, today, false);
  // The year goes by the last day: on 5 May, "3-10 May" has begun.
  return { from: to && calendarDay(first, month, `${to.getUTCFullYear()}`, today, false), to };
};

const calendarPeriod = (shift: number, unit: string, today: Date, weekBegins: number): Ends => {
  if (unit === 'week' || unit === 'weekend') {
    const monday = unit === 'weekend' ? 1 : weekBegins;
    const week = addDays(today, 7 * shift - ((today.getUTCDay() - monday + 7) % 7));
    return unit === 'week' ? { from: week, to: addDays(week, 6) } : { from: addDays(week, 5), to: addDays(week, 6) };
  }
  const length = unit === 'year' ? 12 : unit === 'quarter' ? 3 : 1;
  const begun = Math.floor(today.getUTCMonth() / length) * length;
  const from = addMonths(new Date(Date.UTC(today.getUTCFullYear(), begun, 1)), shift * length);
  return { from, to: addDays(addMonths(from, length), -1) };
};

const later = (today: Date, many: number, unit: string): Date | undefined => {
  if (!Number.isInteger(many)) return undefined;
  if (unit === 'day' || unit === 'week') return addDays(today, many * (unit === 'week' ? 7 : 1));
  return addMonths(today, many * (unit === 'year' ? 12 : 1));
};
