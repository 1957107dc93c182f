import type { Purpose } from './types.ts';

/** Three-valued, after Kleene: `undefined` is "cannot be known". */
export type Truth = boolean | undefined;

/** Whether a purpose is the other or lies below it: `service/ticket` is within `service`. */
export const isWithin = (purpose: string, above: string): boolean =>
  purpose === above || purpose.startsWith(`${above}/`);

/**
 * Whether a purpose complies with those a rule is for and those it is not for. A wider purpose than the rule speaks of
 * may be meant for it or not, so it is unknown: it satisfies no allow, and it escapes no deny.
 * Source: purpose-based access control, Byun, Bertino and Li 2005: within desc(AIP) minus (desc(PIP) and anc(PIP)).
 * @param purpose one that counts; undefined where there is none
 * @returns undefined where it cannot be known
 */
export const complies = (
  purpose: Purpose | undefined,
  allowed: readonly string[] | undefined,
  prohibited: readonly string[],
): Truth => {
  if (allowed === undefined && prohibited.length === 0) return true;
  return purpose === undefined ? undefined : nameComplies(purpose.name, allowed, prohibited);
};

/** The same for a bare name. */
export const nameComplies = (
  name: string,
  allowed: readonly string[] | undefined,
  prohibited: readonly string[],
): Truth => {
  if (prohibited.some((out) => isWithin(name, out))) return false;
  if (allowed !== undefined && !allowed.some((above) => isWithin(name, above)))
    return allowed.some((narrower) => isWithin(narrower, name)) ? undefined : false;
  return prohibited.some((out) => isWithin(out, name)) ? undefined : true;
};

/**
 * Why a purpose is as good as none: nobody gave one, a model proposed it, or no policy declares it.
 * @returns undefined where it counts
 */
export const purposeGap = (purpose: Purpose | undefined, declared: ReadonlySet<string>): string | undefined => {
  if (purpose === undefined) return 'is missing';
  if (purpose.source === 'proposed') return 'was proposed by a model';
  return declared.has(purpose.name) ? undefined : 'is not declared';
};
