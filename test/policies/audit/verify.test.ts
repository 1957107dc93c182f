import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createExportVerifier, exportFooter, exportHeader, exportLine } from '../../../policies/audit/exported.ts';
import { type AuditKey, type Heads, signStatement } from '../../../policies/audit/signing.ts';
import { createVerifier } from '../../../policies/audit/verifier.ts';
import type { StoredEntry } from '../../../policies/ports.ts';

const newKey = (): AuditKey => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    id: publicKey.export({ format: 'jwk' }).x ?? '',
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64url'),
  };
};
const key = newKey();
const trusted = new Set([key.id]);
const at = new Date('2026-11-23T10:00:00Z');
const none = '0'.repeat(64);
const chained = (previous: string, body: string) => createHash('sha256').update(`${previous}\n${body}`).digest('hex');

/** Appends as a store does, and signs as a gateway does. */
const newLog = (writers: readonly string[] = []) => {
  const entries: StoredEntry[] = [];
  const append = (body: string, writer?: string) => {
    const own = entries.filter((one) => one.writer === writer);
    entries.push({
      sequence: entries.length + 1,
      body,
      hash: chained(own.at(-1)?.hash ?? none, body),
      ...(writer === undefined ? {} : { writer }),
    });
  };
  const heads = (through = entries.length): Heads =>
    Object.fromEntries(
      entries.slice(0, through).map(({ writer = '', sequence, hash }) => [writer, { sequence, hash }]),
    );
  return {
    entries,
    append,
    note: (n: number) => append(`{"kind":"outcome","n":${n},"who":"ü"}`, writers[n % writers.length]),
    checkpoint: () => append(signStatement('checkpoint', at, heads(), key), writers[0]),
    cut: (through: number) => append(signStatement('cut', at, heads(through), key), writers[0]),
  };
};
const log = (count = 12) => {
  const made = newLog();
  for (let n = 0; n < count; n++) {
    made.note(n);
    if (n % 4 === 3) made.checkpoint();
  }
  return made;
};
const verified = (entries: readonly StoredEntry[], keys: ReadonlySet<string> = trusted) => {
  const verifier = createVerifier(keys);
  return verifier.take(entries) ?? verifier.end();
};
const rechained = (entries: readonly StoredEntry[]): StoredEntry[] => {
  let previous = none;
  return entries.map((entry) => {
    previous = chained(previous, entry.body);
    return { ...entry, hash: previous };
  });
};

describe('a log', () => {
  test('as it was written holds, and is signed through what its newest checkpoint covers', () => {
    const { entries } = log();
    expect(verified(entries)).toEqual({
      entries: 15,
      signed: 3,
      signedThrough: 14,
      last: { sequence: 15, hash: entries[14]?.hash },
    });
  });

  test('in which any one byte is another does not', () => {
    const { entries } = log();
    fc.assert(
      fc.property(
        fc.nat(entries.length - 1),
        fc.constantFrom('body' as const, 'hash' as const),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (index, member, place, bits) => {
          const entry = entries[index] as StoredEntry;
          const bytes = Buffer.from(entry[member]);
          bytes[place % bytes.length] = (bytes[place % bytes.length] as number) ^ bits;
          const changed = { ...entry, [member]: bytes.toString() };
          fc.pre(changed[member] !== entry[member]);
          expect(verified(entries.with(index, changed))).toHaveProperty('why');
        },
      ),
      { numRuns: 500 },
    );
  });

  test('from which entries are taken, in which they are moved or put in, does not', () => {
    const { entries } = log();
    fc.assert(
      fc.property(fc.nat(entries.length - 2), fc.nat(entries.length - 1), (from, to) => {
        const [moved] = entries.slice(from, from + 1) as [StoredEntry];
        const without = entries.toSpliced(from, 1);
        expect(verified(without)).toHaveProperty('why');
        if (from !== to) expect(verified(without.toSpliced(to, 0, moved))).toHaveProperty('why');
      }),
    );
  });

  test('that was written anew as a whole, with right hashes, is found by its signatures', () => {
    const { entries } = log();
    const forged = entries.with(2, { ...(entries[2] as StoredEntry), body: '{"kind":"outcome","n":99}' });
    expect(verified(rechained(forged))).toEqual({
      sequence: 5,
      why: 'it was signed when entry 4 was another',
    });
  });

  test('that another key signed is not trusted', () => {
    const { entries } = log();
    expect(verified(entries, new Set([newKey().id]))).toEqual({
      sequence: 5,
      why: `it is signed by a key that is not trusted: ${key.id}`,
    });
  });

  test('holds when its old end was cut away under a signature, again and again', () => {
    const made = log();
    made.cut(6);
    expect(verified(made.entries.slice(6))).toMatchObject({ entries: 10 });
    made.note(20);
    made.cut(16);
    expect(verified(made.entries.slice(16))).toMatchObject({ entries: 2 });
  });

  test.each([
    { name: 'without a signature', cut: undefined, kept: 6 },
    { name: 'further than was signed', cut: 6, kept: 7 },
    { name: 'less far than was signed', cut: 6, kept: 5 },
  ])('that was cut $name does not hold', ({ cut, kept }) => {
    const made = log();
    if (cut !== undefined) made.cut(cut);
    expect(verified(made.entries.slice(kept))).toHaveProperty('why');
  });

  test('of several writers holds chain by chain, also after a cut', () => {
    const made = newLog(['a', 'b']);
    for (let n = 0; n < 9; n++) made.note(n);
    made.checkpoint();
    made.cut(5);
    expect(verified(made.entries)).toMatchObject({ entries: 11 });
    expect(verified(made.entries.slice(5))).toMatchObject({ entries: 6 });
    expect(verified(made.entries.slice(6))).toHaveProperty('why');
    expect(verified(made.entries.toSpliced(6, 1))).toHaveProperty('why');
  });
});

describe('an export', () => {
  const lines = (entries: readonly StoredEntry[], after?: { sequence: number; hash: string }) => [
    exportHeader(after),
    ...entries.map(exportLine),
    exportFooter(after, entries.at(-1) ?? after, key),
  ];
  const text = (all: readonly string[]) => all.map((line) => `${line}\n`).join('');
  const check = (file: string, keys: ReadonlySet<string> = trusted) => {
    const verifier = createExportVerifier(keys);
    const parts = file.split('\n');
    const rest = parts.pop();
    for (const line of [...parts, ...(rest === '' || rest === undefined ? [] : [rest])]) {
      const broken = verifier.take(line);
      if (broken !== undefined) return broken;
    }
    return verifier.end();
  };
  const { entries } = log();
  const whole = text(lines(entries.map(({ sequence, hash, body }) => ({ sequence, hash, body }))));

  test('holds, from the beginning or from some entry on', () => {
    expect(check(whole)).toMatchObject({ entries: 15, signed: 3 });
    const after = { sequence: 7, hash: entries[6]?.hash ?? '' };
    expect(check(text(lines(entries.slice(7), after)))).toMatchObject({ entries: 8 });
  });

  test('every single byte of it counts', () => {
    const bytes = Buffer.from(whole);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (place, bits) => {
        const changed = Buffer.from(bytes);
        changed[place] = (changed[place] as number) ^ bits;
        expect(check(changed.toString())).toHaveProperty('why');
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    { name: 'its newest entries', take: (all: string[]) => all.toSpliced(-3, 2) },
    { name: 'its oldest entries', take: (all: string[]) => all.toSpliced(1, 2) },
    { name: 'its last line', take: (all: string[]) => all.slice(0, -1) },
    { name: 'its first line', take: (all: string[]) => all.slice(1) },
    { name: 'everything', take: () => [] },
  ])('without $name it does not hold', ({ take }) => {
    expect(check(text(take(lines(entries))))).toHaveProperty('why');
  });

  test('signed by somebody else it does not hold', () => {
    expect(check(whole, new Set([newKey().id]))).toHaveProperty('why');
  });
});
