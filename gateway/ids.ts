import { randomBytes } from 'node:crypto';

/**
 * Makes ids that no two processes share: 72 random bits of the process, then a count. A tenth of the cost of a random
 * UUID each; for what needs no secrecy. None begins with "-", so that none is taken for an option on a command line.
 */
export const idSequence = (): (() => string) => {
  const process = randomBytes(9).toString('base64url').replace(/^-/, '_');
  let count = 0;
  return () => `${process}.${(++count).toString(36)}`;
};
