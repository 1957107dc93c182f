import { type Asked, type Obligation, type ProofLevel, proofLevels } from './types.ts';

export const isWeaker = (level: ProofLevel, than: ProofLevel): boolean =>
  proofLevels.indexOf(level) < proofLevels.indexOf(than);

/** What a credential lacks for a permit to hold, and how to get it. */
export type Lack =
  | {
      readonly type: 'step-up';
      readonly acr: string | undefined;
      readonly maxAgeMs: number | undefined;
      readonly why: string;
    }
  | { readonly type: 'proof'; readonly level: ProofLevel; readonly why: string };

/** Clocks of issuers differ a little. */
const toleranceMs = 5_000;

/**
 * The first obligation that the credential, as it is, does not meet. By RFC 9470 a login that is not strong or not
 * recent enough is to be done again; a claim that is missing or of the wrong type meets nothing.
 */
export const lackOf = (
  obligations: readonly Obligation[],
  { principal, context, proof = principal.proof ?? 'bearer' }: Asked,
): Lack | undefined => {
  for (const one of obligations) {
    if (one.type === 'proof' && isWeaker(proof, one.level))
      return { type: 'proof', level: one.level, why: `This must be sent with a proof of the level "${one.level}".` };
    if (one.type !== 'step-up') continue;
    const { acr, auth_time: authTime } = principal.claims;
    const lack = (why: string): Lack => ({ type: 'step-up', acr: one.acr, maxAgeMs: one.maxAgeMs, why });
    if (one.accepts !== undefined && (typeof acr !== 'string' || !one.accepts.includes(acr)))
      return lack(`This needs a stronger login${one.acr === undefined ? '' : ` ("${one.acr}")`}.`);
    if (one.maxAgeMs === undefined) continue;
    const age = typeof authTime === 'number' ? context.now.getTime() - authTime * 1_000 : Number.NaN;
    if (!(age <= one.maxAgeMs && age >= -toleranceMs))
      return lack(`This needs a login that is at most ${one.maxAgeMs / 1_000} seconds old.`);
  }
  return undefined;
};
