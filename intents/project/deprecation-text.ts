import type { Deprecation } from '../contract.ts';

/** What is said of a contract that is to go, where there is a place for a sentence. */
export const deprecationText = ({ since, sunset, use }: Deprecation): string =>
  [
    `Deprecated since ${since}.`,
    ...(sunset === undefined ? [] : [`It may be gone from ${sunset} on.`]),
    ...(use === undefined ? [] : [`Use ${use}.`]),
  ].join(' ');
