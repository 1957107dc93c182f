export const dayMs = 86_400_000;
export const months = 'january february march april may june july august september october november december'.split(
  ' ',
);
export const weekdays = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');
export const monthName = months
  .map((name) =>
    name === 'may' ? '(?<!\\b(?:i|you|we|he|she|it|they|that|who) )may' : `${name.slice(0, 3)}(?:${name.slice(3)})?`,
  )
  .join('|');
export const weekdayName = weekdays.map((name) => `${name.slice(0, 3)}(?:${name.slice(3)})?`).join('|');
const counts = 'one two three four five six seven eight nine ten eleven twelve'.split(' ');
/** A count in digits or in words, as a regular expression. */
export const count = `\\d{1,3}|an?|half an|${counts.join('|')}`;

/** @returns 0.5 for "half an", 1 for "a" */
export const countOf = (said: string | undefined): number => {
  const word = (said ?? '').toLowerCase();
  const named = counts.indexOf(word);
  return named >= 0 ? named + 1 : word === 'a' || word === 'an' ? 1 : word === 'half an' ? 0.5 : Number(word);
};

export const midnight = (now: Date) => new Date(Math.floor(now.getTime() / dayMs) * dayMs);
export const addDays = (day: Date, days: number) => new Date(day.getTime() + days * dayMs);
export const isDay = (iso: string) => {
  const date = new Date(iso);
  return Number.isFinite(date.getTime()) && date.toISOString().startsWith(iso);
};
export const inRange = (date: Date) => date.getUTCFullYear() >= 1 && date.getUTCFullYear() <= 9999;

/** The day of another month, or the last one of it where it has no such day. */
export const addMonths = (day: Date, months: number): Date => {
  const month = day.getUTCMonth() + months;
  const last = new Date(Date.UTC(day.getUTCFullYear(), month + 1, 0)).getUTCDate();
  return new Date(Date.UTC(day.getUTCFullYear(), month, Math.min(day.getUTCDate(), last)));
};

/** A day by its numbers, undefined where the calendar has no such day. */
export const dayOf = (year: number, month: number, day: number): Date | undefined => {
  const date = new Date(0);
  // Date.UTC takes years below 100 for those of the last century.
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date : undefined;
};

/** A day of a named month: without a year the coming one, or the last one where the words look back. */
export const calendarDay = (
  day: string | undefined,
  month: string | undefined,
  year: string | undefined,
  now: Date,
  back: boolean,
): Date | undefined => {
  const index = months.findIndex((name) => name.startsWith((month ?? '').toLowerCase().slice(0, 3)));
  const inYear = (full: number) => dayOf(full, index + 1, Number(day));
  if (year !== undefined) return inYear(Number(year));
  const thisYear = inYear(now.getUTCFullYear());
  if (thisYear === undefined) return undefined;
  if (back) return thisYear > now ? inYear(now.getUTCFullYear() - 1) : thisYear;
  return thisYear < now ? inYear(now.getUTCFullYear() + 1) : thisYear;
};

/** The coming day of a name after today, or the last one before it. */
export const weekday = (name: string | undefined, now: Date, back: boolean): Date => {
  const index = weekdays.findIndex((known) => known.startsWith((name ?? '').toLowerCase().slice(0, 3)));
  const ahead = (index - now.getUTCDay() + 7) % 7 || 7;
  return addDays(now, back ? (ahead === 7 ? -7 : ahead - 7) : ahead);
};
