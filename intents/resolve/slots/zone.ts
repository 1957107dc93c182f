/// <reference lib="esnext.temporal" />

/**
 * What the clock on the wall shows in a zone at an instant, written as if it were UTC, so that days can be counted in it.
 * A zone that is not known counts as UTC.
 */
export const wallAt = (instant: Date, zone: string | undefined): Date => {
  if (zone === undefined) return instant;
  try {
    const { offsetNanoseconds } = Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(zone);
    return new Date(instant.getTime() + offsetNanoseconds / 1_000_000);
  } catch {
    return instant;
  }
};

/**
 * RFC 3339 with the zone's offset at that time, in UTC where there is no zone. A time that the clock skips is read as after
 * the gap, one that it shows twice as the first.
 * @param wall as `wallAt` gives it
 * @param instant where it is known, since the wall shows some hours twice
 */
export const written = (wall: Date, instant: Date | undefined, zone: string | undefined): string => {
  const utc = wall.toISOString().replace('.000Z', 'Z');
  if (zone === undefined) return utc;
  try {
    const zoned =
      instant === undefined
        ? Temporal.PlainDateTime.from(utc.slice(0, -1)).toZonedDateTime(zone)
        : Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(zone);
    return zoned.toString({ timeZoneName: 'never' });
  } catch {
    return utc;
  }
};
