/** A stretch of a text: `text.slice(start, end)`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}
export interface Word extends Span {
  /** Folded, for comparing. */
  readonly fold: string;
}
/** What stands between spaces, without the punctuation around it: `A-1001`, `€20`, `jo@example.org`. */
export interface Chunk extends Span {
  readonly text: string;
}

/** Words that say little about what is wanted. */
export const stopwords: ReadonlySet<string> = new Set(
  `a an the this that these those it its i me my we us our you your he him his she her they them their to of in on at by
  for from with and or but so as is are was were be been am do does did has have had can could will would shall should may
  might must please just now then there here what which who whom whose when where why how not no yes if hi hello hey
  thanks thank want wants need needs like let tell give get go about any some all into out up`
    .split(/\s+/)
    .filter(Boolean),
);

const oneForOne: Readonly<Record<string, string>> = {
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '„': '"',
  '‐': '-',
  '‑': '-',
};

/**
 * NFKC and plain quotes, character by character, so that a span in the answer is the same span in the text.
 * What would change length (a ligature, a fraction) stays as it is.
 */
export const plain = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: printable ASCII needs no work, and is nearly all there is
  text.replace(/[^\x00-\x7f]/gu, (char) => {
    const known = oneForOne[char] ?? char.normalize('NFKC');
    if (/^\s$/u.test(known)) return ' ';
    // One sign beyond the first plane that means two, like 🄁 for "0,", would be cut in half.
    return known.length === char.length && [...known].length === 1 ? known : char;
  });

const lookalikes: Readonly<Record<string, string>> = Object.fromEntries(
  [...'аaеeоoрpсcуyхxіiјjѕsԁdһhкkмmтtвbнnαaεeοoρpνvιiκkτtυu'].flatMap((char, index, all) =>
    index % 2 === 0 ? [[char, all[index + 1] ?? char]] : [],
  ),
);

/**
 * The form in which words are compared, never the form in which a value is kept: NFKC, lower case, no accents, no
 * invisible characters, and Cyrillic or Greek letters that look Latin made Latin where they stand among Latin ones.
 */
export const fold = (text: string): string => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the short way for ASCII
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase();
  const bare = plain(text)
    .normalize('NFKD')
    .replace(/[\u0300-\u036f\p{Cf}]/gu, '')
    .normalize('NFKC')
    .toLowerCase();
  return bare.replace(/[\p{L}\p{N}]+/gu, (word) =>
    /[a-z]/.test(word) && /[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(word)
      ? word.replace(/\P{ASCII}/gu, (char) => lookalikes[char] ?? char)
      : word,
  );
};

const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
const segmenter = new Intl.Segmenter('und', { granularity: 'word' });

/** Splits into runs of letters and digits; scripts written without spaces are cut into words. */
export const words = (text: string): Word[] => {
  const found: Word[] = [];
  for (const { 0: run, index } of text.matchAll(/[\p{L}\p{M}\p{N}\p{Cf}]+(?:'(?:t|s|re|ve|ll|d|m)\b)?/giu)) {
    const parts = unspaced.test(run) ? segmenter.segment(run) : [{ segment: run, index: 0 }];
    for (const { segment, index: within } of parts) {
      const start = index + within;
      found.push({ start, end: start + segment.length, fold: fold(segment) });
    }
  }
  return found;
};

const wordCharacter = /[\p{L}\p{M}\p{N}_]/u;

/** Whether nothing is glued to a span: "13" does not stand alone in "2013", "A-13" or "1.13". */
export const standsAlone = (text: string, { start, end }: Span): boolean => {
  const glued = (near: string, far: string) =>
    wordCharacter.test(near) || (/[-–./@+_]/u.test(near) && wordCharacter.test(far));
  return !glued(text.charAt(start - 1), text.charAt(start - 2)) && !glued(text.charAt(end), text.charAt(end + 1));
};

/** Cuts at spaces and drops the punctuation around each piece, a possessive 's with it. */
export const chunks = (text: string): Chunk[] => {
  const found: Chunk[] = [];
  for (const { 0: run, index } of text.matchAll(/[^\s,;]+(?:,(?=\d)[^\s,;]+)*/gu)) {
    const lead = /^[("'[{<«!?.…*`]+/u.exec(run)?.[0].length ?? 0;
    const inner = run.slice(lead).replace(/(?:'s|[)"'\]}>»!?.…:*`])+$/u, '');
    if (inner !== '') found.push({ start: index + lead, end: index + lead + inner.length, text: inner });
  }
  return found;
};

/** The pieces of a chunk that may be a value: all of it, and what stands between `:`, `/`, `=` and `#`. */
export const pieces = (chunk: Chunk): Chunk[] => {
  const found: Chunk[] = [chunk];
  for (const { 0: text, index } of chunk.text.matchAll(/[^:/=#]+/gu))
    if (text.length < chunk.text.length)
      found.push({ start: chunk.start + index, end: chunk.start + index + text.length, text });
  return found;
};

/** Words of an identifier: `order_id`, `orderId` and `order-id` are "order id". */
export const nameWords = (name: string): string[] =>
  words(name.replace(/([a-z\d])([A-Z])/g, '$1 $2').replace(/[_.\-/]/g, ' ')).map((word) => word.fold);
