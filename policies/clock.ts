import type { Test } from './operators.ts';

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/**
 * `{ between: ["07:00", "20:00"], tz: Europe/Berlin, days: [mon, tue] }`; the end is not within.
 * @throws Error saying what is wrong with the times, the zone or the days
 */
export const betweenTimes = (
  operand: unknown,
  { tz = 'UTC', days: on = days }: Readonly<Record<string, unknown>>,
): Test => {
  const clock = /^([01]\d|2[0-3]):[0-5]\d$/;
  const [from, to] = Array.isArray(operand) && operand.length === 2 ? operand : [];
  if (typeof from !== 'string' || typeof to !== 'string' || !clock.test(from) || !clock.test(to))
    throw new Error('"between" takes two times of day, ["07:00", "20:00"]');
  if (from === to) throw new Error('"between" takes two different times of day: no time is between these');
  if (!Array.isArray(on) || on.length === 0 || !on.every((day) => days.includes(day)))
    throw new Error(`"days" takes a list of ${days.join(', ')}`);
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: String(tz),
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  } catch {
    throw new Error(`"${String(tz)}" is not a time zone`);
  }
  const within = (instant: Date): boolean => {
    const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value: text }) => [type, text]));
    const now = `${parts.hour}:${parts.minute}`;
    const inside = from <= to ? now >= from && now < to : now >= from || now < to;
    return inside && on.includes(parts.weekday?.toLowerCase());
  };
  // Formatting costs more than all the rest of a decision, and the answer is the same all through a minute.
  let minute = Number.NaN;
  let answer = false;
  return (value) => {
    if (!(value instanceof Date) || Number.isNaN(value.getTime())) return undefined;
    const asked = Math.floor(value.getTime() / 60_000);
    if (asked !== minute) [answer, minute] = [within(value), asked];
    return answer;
  };
};
