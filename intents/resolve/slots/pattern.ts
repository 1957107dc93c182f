import { RE2JS } from 're2js';
import { pieces } from '../text.ts';
import type { Finder, Found } from './utterance.ts';

const everyday = ['refund', 'order', 'please', 'the', 'customer', 'Show', 'me', 'a', 'status', 'to'];
const numbers = ['7', '20', '100', '2026', '10000', '123456'];

export interface PatternFinder {
  readonly find: Finder;
  /** True where the pattern fits everyday words too, so that fitting it proves nothing. */
  readonly loose: boolean;
  /** True where it fits plain numbers, which mean other things as well. */
  readonly numeric: boolean;
}

/**
 * Finds whole tokens that fit a schema's `pattern`, by RE2, which takes linear time on any pattern.
 * A value in the wrong case is put right where one case fits: `a-1001` is `A-1001`.
 * @returns undefined for a pattern outside RE2's syntax
 */
export const patternFinder = (pattern: string): PatternFinder | undefined => {
  const fits = wholeMatch(pattern);
  if (fits === undefined) return undefined;
  const windows = mayHoldSpaces(pattern) ? 4 : 1;
  const spell = (written: string) =>
    // Without a digit an everyday word would fit once it is in capitals: "the" is no country code.
    (/\d/.test(written) ? [written, written.toUpperCase(), written.toLowerCase()] : [written]).find((spelling) =>
      fits(spelling),
    );

  const find: Finder = ({ plain, chunks }) => {
    const found: Found[] = [];
    chunks.forEach((first, index) => {
      for (let size = Math.min(windows, chunks.length - index); size >= 1; size--) {
        const last = chunks[index + size - 1] ?? first;
        const window = { start: first.start, end: last.end, text: plain.slice(first.start, last.end) };
        for (const piece of size === 1 ? pieces(window) : [window]) {
          const value = piece.text.length > 256 ? undefined : spell(piece.text);
          if (value === undefined) continue;
          found.push({ value, start: piece.start, end: piece.end, grade: 4 });
          if (piece.text.length === window.text.length) return;
        }
      }
    });
    return found;
  };
  return { find, loose: everyday.some(fits), numeric: numbers.some(fits) };
};

/** Compiles a test of whole strings: an end that the pattern leaves open may be followed by anything but spaces. */
export const wholeMatch = (pattern: string): ((text: string) => boolean) | undefined => {
  try {
    const anchored = /^(\^?)([\s\S]*?)((?<!\\)\$)?$/.exec(pattern);
    const [, head = '', body = '', tail = ''] = anchored ?? [];
    // With `|` at the top an anchor belongs to one branch only, so such a pattern stays as it is written.
    const single = !/(?<!\\)\|/.test(body.replace(/\((?:[^()]|\([^()]*\))*\)|\[[^\]]*\]/g, ''));
    const whole = single ? `(?:${head ? '' : '\\S*?'})(?:${body})(?:${tail ? '' : '\\S*'})` : `(?:${pattern})`;
    const compiled = RE2JS.compile(single && head === '' && tail === '' ? body : whole);
    return (text) => compiled.testExact(text);
  } catch {
    return undefined;
  }
};

const mayHoldSpaces = (pattern: string): boolean => / |\\s|\\W|\\D|\\S\\s|\[\^|(?<!\\)\./.test(pattern);
