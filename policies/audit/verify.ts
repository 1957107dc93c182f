import { createHash } from 'node:crypto';
import type { StoredEntry } from '../ports.ts';

/**
 * Checks a run of entries against the hash chain, without the store that wrote them.
 * @param before hash of the entry ahead of the first; left out, the run begins the log
 * @returns the sequence number of the first entry that does not fit, or undefined where all do
 */
export const firstBroken = (entries: readonly StoredEntry[], before = '0'.repeat(64)): number | undefined => {
  let previous = before;
  let expected = entries[0]?.sequence ?? 1;
  for (const { sequence, body, hash } of entries) {
    const right = createHash('sha256').update(`${previous}\n${body}`).digest('hex');
    if (hash !== right || sequence !== expected) return sequence;
    previous = hash;
    expected = sequence + 1;
  }
  return undefined;
};
