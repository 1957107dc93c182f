import type { Reputation } from './ports.ts';

/** Nobody has been seen yet: the band of everybody until something keeps scores. */
export const unseen: Reputation = { bandOf: () => 'new' };
