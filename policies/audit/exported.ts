import { isObject } from '../../intents/json.ts';
import type { StoredEntry } from '../ports.ts';
import { type AuditKey, isSigned, signedText } from './signing.ts';
import { type Broken, createVerifier, type Verified } from './verifier.ts';

/** The entry that an export follows, where it does not begin with the log. */
export interface After {
  readonly sequence: number;
  readonly hash: string;
}

/** First line of an export. */
export const exportHeader = (after: After | undefined): string =>
  JSON.stringify({ ostiary: 'audit/1', after: placeOf(after) });

export const exportLine = ({ sequence, writer, hash, body }: StoredEntry): string =>
  JSON.stringify({ sequence, ...(writer === undefined ? {} : { writer }), hash, body });

/** Last line: signed, so that nobody can leave something out at the end. */
export const exportFooter = (after: After | undefined, last: After | undefined, key: AuditKey): string => {
  const signed = { after: placeOf(after), last: placeOf(last), key: key.id };
  return JSON.stringify({ ...signed, signature: key.sign(signedText(signed)) });
};

const placeOf = (entry: After | undefined): After | null =>
  entry === undefined ? null : { sequence: entry.sequence, hash: entry.hash };

/**
 * Checks an exported file line by line, without the store that it came from. A line is written in exactly one way: any
 * other byte is found.
 * @param trusted public keys
 */
export const createExportVerifier = (trusted: ReadonlySet<string>) => {
  let line = 0;
  let verifier: ReturnType<typeof createVerifier> | undefined;
  let after: After | null = null;
  let last: After | null = null;
  let ended = false;
  const broken = (why: string): Broken => ({ sequence: last?.sequence ?? 0, why: `line ${line}: ${why}` });

  const take = (text: string): Broken | undefined => {
    line++;
    const value = read(text);
    if (value === undefined) return broken('it is not a line of an export, as it was written');
    if (ended) return broken('nothing comes after the last line');
    if (verifier === undefined) {
      if (value.ostiary !== 'audit/1' || !(value.after === null || isAfter(value.after)))
        return broken('this is not an export of an audit log, version 1');
      after = value.after;
      last = after;
      verifier = createVerifier(trusted, after ?? undefined);
      return undefined;
    }
    if ('signature' in value) {
      ended = true;
      const footer = value as { key: string; signature: unknown; after: unknown; last: unknown };
      if (!isSigned(footer)) return broken('the signature is wrong');
      if (!trusted.has(footer.key)) return broken(`it is signed by a key that is not trusted: ${footer.key}`);
      if (JSON.stringify([footer.after, footer.last]) !== JSON.stringify([after, last]))
        return broken('entries are missing at the beginning or the end');
      return undefined;
    }
    if (typeof value.sequence !== 'number' || typeof value.hash !== 'string' || typeof value.body !== 'string')
      return broken('it is not an entry');
    const entry = value as unknown as StoredEntry;
    last = { sequence: entry.sequence, hash: entry.hash };
    return verifier.take([entry]);
  };

  return {
    take,
    end(): Verified | Broken {
      if (verifier === undefined || !ended) return broken('the last line is missing');
      return verifier.end();
    },
  };
};

const read = (text: string): Record<string, unknown> | undefined => {
  try {
    const value = JSON.parse(text) as unknown;
    return isObject(value) && JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
};

const isAfter = (value: unknown): value is After =>
  isObject(value) && typeof value.sequence === 'number' && typeof value.hash === 'string';
