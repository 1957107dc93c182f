import type { Purpose } from './types.ts';

/** Three-valued, after Kleene: `undefined` is "cannot be known". */
export type Truth = boolean | undefined;

/** Whether a purpose is the other or lies below it: `service/ticket` is within `service`. */
export const isWithin = (purpose: string, above: string): boolean =>
  purpose === above || purpose.startsWith(`${above}/`);

/**
 * Whether a purpose complies with those a rule is for and those it is not for. A wider purpose never satisfies a
 * narrower one, and a purpose that a model proposed satisfies none.
 * Source: purpose-based access control, Byun, Bertino and Li 2005: within desc(AIP) minus (desc(PIP) and anc(PIP)).
 * @returns undefined where there is no purpose to go by
 */
export const complies = (
  purpose: Purpose | undefined,
  allowed: readonly string[] | undefined,
  prohibited: readonly string[],
): Truth => {
  if (allowed === undefined && prohibited.length === 0) return true;
  if (purpose === undefined || purpose.source === 'proposed') return undefined;
  return nameComplies(purpose.name, allowed, prohibited);
};

/** The same for a bare name. */
export const nameComplies = (
  name: string,
  allowed: readonly string[] | undefined,
  prohibited: readonly string[],
): boolean =>
  (allowed === undefined || allowed.some((above) => isWithin(name, above))) &&
  !prohibited.some((out) => isWithin(name, out) || isWithin(out, name));
