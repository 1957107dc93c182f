import type { Found, Utterance } from './utterance.ts';

const quotes = [
  /"([^"\n]+)"/gu,
  /«\s?([^»\n]+?)\s?»/gu,
  /(?<![\p{L}\p{N}])'([^'\n]+(?:'[a-z][^'\n]*)*)'(?![\p{L}\p{N}])/gu,
];

/** Finds what stands in quotation marks; the span leaves the marks out. */
export const findQuoted = ({ text, plain }: Utterance): Found[] =>
  quotes.flatMap((quote) =>
    [...plain.matchAll(quote)].flatMap(({ 0: whole, 1: inner = '', index }) => {
      const start = index + whole.indexOf(inner);
      const end = start + inner.length;
      return inner.trim() === '' ? [] : [{ value: text.slice(start, end), start, end, grade: 3 }];
    }),
  );
