import { createHash } from 'node:crypto';
import type { StoredEntry } from '../ports.ts';
import { type Heads, isSigned, type Statement, statementIn } from './signing.ts';

/** Why a log is not what was written. */
export interface Broken {
  readonly sequence: number;
  readonly why: string;
}

export interface Verified {
  readonly entries: number;
  /** Statements that are signed by a key that is trusted. */
  readonly signed: number;
  /** The newest entry that a signature covers; 0 where none does. */
  readonly signedThrough: number;
  readonly last: { readonly sequence: number; readonly hash: string } | undefined;
}

const none = '0'.repeat(64);
/** Heads of so many recent entries are compared: a checkpoint speaks of what was newest when it was made. */
const remembered = 200_000;

/**
 * Checks a log page by page, oldest entry first: every hash, every signed statement against the entries it speaks of, and
 * that nothing was taken away at the old end but what a signed statement says.
 * @param trusted public keys; one that is not among them signs nothing
 * @param after what the first entry of the one chain follows, where only a part is checked
 */
export const createVerifier = (trusted: ReadonlySet<string>, after?: { sequence: number; hash: string }) => {
  const chains = new Map<string, { sequence: number; hash: string }>();
  /** First entries of writers whose beginning is not there: to be found in a statement of what was cut. */
  const rootless = new Map<string, StoredEntry>();
  const hashes = new Map<string, string>();
  let [entries, signed, signedThrough, lastSequence] = [0, 0, 0, after?.sequence ?? 0];
  let last: Verified['last'];
  if (after !== undefined) chains.set('', after);

  const take = (entry: StoredEntry): Broken | undefined => {
    const { sequence, body, hash, writer = '' } = entry;
    const before = chains.get(writer);
    const broken = (why: string): Broken => ({ sequence, why });
    if (sequence <= lastSequence) return broken('it is out of its order');
    if (before === undefined) {
      if (chained(none, body) !== hash || (writer === '' && sequence !== 1)) rootless.set(writer, entry);
    } else {
      if (writer === '' && sequence !== before.sequence + 1) return broken('the one before it is missing');
      if (chained(before.hash, body) !== hash) return broken('it, or one before it, is not what was written');
    }
    chains.set(writer, { sequence, hash });
    hashes.set(`${writer} ${sequence}`, hash);
    if (hashes.size > remembered) hashes.delete(hashes.keys().next().value as string);
    lastSequence = sequence;
    last = { sequence, hash };
    entries++;
    const statement = statementIn(body);
    return statement === undefined ? undefined : heed(statement, broken);
  };

  const heed = (statement: Statement, broken: (why: string) => Broken): Broken | undefined => {
    if (!isSigned(statement)) return broken('its signature is wrong');
    if (!trusted.has(statement.key)) return broken(`it is signed by a key that is not trusted: ${statement.key}`);
    signed++;
    if (statement.kind === 'cut') anchor(statement.heads);
    else
      for (const [writer, head] of Object.entries(statement.heads)) {
        const found = hashes.get(`${writer} ${head.sequence}`);
        if (found !== undefined && found !== head.hash)
          return broken(`it was signed when entry ${head.sequence} was another`);
        if (found !== undefined) signedThrough = Math.max(signedThrough, head.sequence);
      }
    return undefined;
  };

  const anchor = (heads: Heads) => {
    for (const [writer, first] of rootless) {
      const head = heads[writer];
      const follows =
        head !== undefined && head.sequence < first.sequence && chained(head.hash, first.body) === first.hash;
      if (follows && (writer !== '' || head.sequence + 1 === first.sequence)) rootless.delete(writer);
    }
  };

  return {
    /** @returns the first entry that is not what was written, or undefined where all are */
    take(page: readonly StoredEntry[]): Broken | undefined {
      for (const entry of page) {
        const broken = take(entry);
        if (broken !== undefined) return broken;
      }
      return undefined;
    },
    /** To be asked at the end of the log. */
    end(): Verified | Broken {
      const [first] = [...rootless.values()].sort((a, b) => a.sequence - b.sequence);
      if (first !== undefined)
        return {
          sequence: first.sequence,
          why: 'what came before it is missing, or it is not what was written; nothing signed says that it was cut away',
        };
      return { entries, signed, signedThrough, last };
    },
  };
};

const chained = (previous: string, body: string): string =>
  createHash('sha256').update(`${previous}\n${body}`).digest('hex');
