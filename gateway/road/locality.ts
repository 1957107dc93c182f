import type { JsonObject } from '../../intents/json.ts';

/** Where and how the caller speaks: what "tomorrow at nine" and "20" are read in. */
export interface Locality {
  /** BCP 47. */
  readonly locale?: string | undefined;
  /** IANA name. */
  readonly zone?: string | undefined;
  /** ISO 4217. */
  readonly currency?: string | undefined;
}

/** `de_AT` and `de-at` are `de-AT`. @returns undefined where it is no language tag */
export const canonicalLocale = (written: string): string | undefined => {
  try {
    return Intl.getCanonicalLocales(written.replaceAll('_', '-'))[0];
  } catch {
    return undefined;
  }
};

/** @returns the zone as the database of zones spells it, undefined where it has none by that name; an offset is no zone */
export const canonicalZone = (written: string): string | undefined => {
  if (/^[+-]/.test(written)) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: written }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
};

const currencies = new Set(Intl.supportedValuesOf('currency'));

/** @returns undefined where no such currency is known */
export const canonicalCurrency = (written: string): string | undefined => {
  const code = written.toUpperCase();
  return currencies.has(code) ? code : undefined;
};

/**
 * What the request says, else what the credential says of its holder (the OpenID Connect claims `locale` and `zoneinfo`,
 * and `currency`). A claim that makes no sense counts as none: the caller cannot mend it.
 */
export const localityOf = (
  said: Locality,
  claims: JsonObject,
): { locale?: string; zone?: string; currency?: string } => {
  const claim = (name: string, read: (written: string) => string | undefined) => {
    const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
    return typeof value === 'string' ? read(value) : undefined;
  };
  const locale = said.locale ?? claim('locale', canonicalLocale);
  const zone = said.zone ?? claim('zoneinfo', canonicalZone);
  const currency = said.currency ?? claim('currency', canonicalCurrency);
  return {
    ...(locale === undefined ? {} : { locale }),
    ...(zone === undefined ? {} : { zone }),
    ...(currency === undefined ? {} : { currency }),
  };
};
