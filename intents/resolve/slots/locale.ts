/** How a locale writes numbers and days. */
export interface Writing {
  /** What stands before the fraction: the point in 1.5. */
  readonly decimal: string;
  readonly dayFirst: boolean;
  /** 0 is Sunday. */
  readonly weekBegins: number;
}

/** ECMA-402 has it; the types that TypeScript brings do not yet. */
type WithWeeks = Intl.Locale & { getWeekInfo(): { firstDay: number } };

const most = 64;
const known = new Map<string, Writing | undefined>();

/**
 * Looks up how a locale writes.
 * @param locale BCP 47; undefined where the caller's is not known
 * @returns undefined where there is none, or none of that name
 */
export const writingOf = (locale: string | undefined): Writing | undefined => {
  if (locale === undefined) return undefined;
  if (!known.has(locale)) {
    // Locales come with requests: what is remembered of them has an end.
    if (known.size >= most) known.clear();
    known.set(locale, read(locale));
  }
  return known.get(locale);
};

const read = (locale: string): Writing | undefined => {
  try {
    const day = new Intl.DateTimeFormat(locale, { dateStyle: 'short', calendar: 'gregory' }).formatToParts(0);
    const order = day.map(({ type }) => type);
    const number = new Intl.NumberFormat(locale).formatToParts(1.5);
    return {
      decimal: number.find(({ type }) => type === 'decimal')?.value ?? '.',
      dayFirst: order.indexOf('day') < order.indexOf('month'),
      weekBegins: (new Intl.Locale(locale) as WithWeeks).getWeekInfo().firstDay % 7,
    };
  } catch {
    return undefined;
  }
};
