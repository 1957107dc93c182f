import type { Ended, Rated } from '../road/context.ts';

/**
 * What a caller is told of the rate that a request counted in, whether there was a place or not.
 * Source: draft-ietf-httpapi-ratelimit-headers-10.
 * @returns undefined where it counted in none
 */
export const rateHeaders = ({ context, outcome }: Ended): Readonly<Record<string, string>> | undefined => {
  const rated = context.rated ?? ('error' in outcome ? (outcome.error.facts.rate as Rated | undefined) : undefined);
  if (rated === undefined) return undefined;
  const name = JSON.stringify(rated.name);
  return {
    'ratelimit-policy': `${name};q=${rated.requests};w=${Math.ceil(rated.per_s)}`,
    ratelimit: `${name};r=${rated.left};t=${Math.ceil(rated.reset_s)}`,
  };
};
