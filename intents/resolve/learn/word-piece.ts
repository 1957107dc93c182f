import { pieceTable } from './piece-table.ts';

/** One piece of a text, with the word it comes from: `text.slice(start, end)`. */
export interface WordPiece {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

export interface WordPieces {
  /** Numbers of the pieces, without [CLS] and [SEP]; a word that no pieces make up is [UNK]. At most `limit`. */
  ids(text: string, limit?: number): number[];
  /** The same with where each stands. */
  pieces(text: string, limit?: number): WordPiece[];
}

/** As BERT has it: a longer word is [UNK] whole. */
const longestWord = 100;
const defaultLimit = 256;

/**
 * Cuts texts as BERT uncased does: control characters dropped, accents stripped, lower case, Han characters and
 * punctuation each a word, then the longest known piece from the left. Never throws, on any text.
 * @param vocabulary pieces in order of their numbers; `##` starts a piece inside a word
 * Source: Devlin et al. 2019 and its `BasicTokenizer` and `WordpieceTokenizer`.
 */
export const wordPieces = (vocabulary: readonly string[]): WordPieces => {
  const table = pieceTable(vocabulary);
  const unknown = Math.max(0, table.idOf('[UNK]', false));
  const cut = (word: string, found: number[]): void => {
    const before = found.length;
    const tooLong = word.length > longestWord && [...word].length > longestWord;
    for (let at = 0; at < word.length; ) {
      const piece = tooLong ? undefined : table.longestAt(word, at, at > 0);
      if (piece === undefined) {
        found.length = before;
        found.push(unknown);
        return;
      }
      found.push(piece.id);
      at += piece.length;
    }
  };
  return {
    ids(text, limit = defaultLimit) {
      const found: number[] = [];
      for (const { word } of basicWords(text, limit)) cut(word, found);
      if (found.length > limit) found.length = limit;
      return found;
    },
    pieces(text, limit = defaultLimit) {
      const found: WordPiece[] = [];
      for (const { word, start, end } of basicWords(text, limit)) {
        const ids: number[] = [];
        cut(word, ids);
        for (const id of ids) if (found.length < limit) found.push({ id, start, end });
      }
      return found;
    },
  };
};

interface BasicWord {
  word: string;
  readonly start: number;
  end: number;
}

/** Splits at spaces and around punctuation and Han characters, folding as it goes; stops after so many words. */
const basicWords = (text: string, limit: number): BasicWord[] => {
  const found: BasicWord[] = [];
  let open: BasicWord | undefined;
  for (let at = 0; at < text.length && found.length <= limit; ) {
    const code = text.codePointAt(at) as number;
    const start = at;
    at += code > 0xffff ? 2 : 1;
    const kind = code < 128 ? (asciiKinds[code] as number) : kindOf(code);
    if (kind === dropped) continue;
    if (kind === space) {
      open = undefined;
      continue;
    }
    const letters = code < 128 ? String.fromCharCode(code >= 65 && code <= 90 ? code + 32 : code) : folded(code);
    if (kind === alone) {
      found.push({ word: letters, start, end: at });
      open = undefined;
    } else if (open === undefined) {
      // A bare accent has nothing left once accents are stripped.
      if (letters === '') continue;
      open = { word: letters, start, end: at };
      found.push(open);
    } else {
      open.word += letters;
      open.end = at;
    }
  }
  if (found.length > limit) found.length = limit;
  return found;
};

const letter = 0;
const space = 1;
const alone = 2;
const dropped = 3;

/** What becomes of one code point. A lone surrogate is dropped like a control character. */
const kindOf = (code: number): number => {
  if (code === 0 || code === 0xfffd || (code >= 0xd800 && code <= 0xdfff)) return dropped;
  if (code === 9 || code === 10 || code === 13) return space;
  const char = String.fromCodePoint(code);
  if (/^\p{White_Space}$/u.test(char)) return space;
  if (/^[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]$/u.test(char)) return dropped;
  const isAsciiMark =
    (code >= 33 && code <= 47) ||
    (code >= 58 && code <= 64) ||
    (code >= 91 && code <= 96) ||
    (code >= 123 && code <= 126);
  return isAsciiMark || isHan(code) || /^\p{P}$/u.test(char) ? alone : letter;
};

const isHan = (code: number): boolean =>
  (code >= 0x4e00 && code <= 0x9fff) ||
  (code >= 0x3400 && code <= 0x4dbf) ||
  (code >= 0x20000 && code <= 0x2a6df) ||
  (code >= 0x2a700 && code <= 0x2b73f) ||
  (code >= 0x2b740 && code <= 0x2b81f) ||
  (code >= 0x2b820 && code <= 0x2ceaf) ||
  (code >= 0xf900 && code <= 0xfaff) ||
  (code >= 0x2f800 && code <= 0x2fa1f);

const folded = (code: number): string =>
  String.fromCodePoint(code)
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase();

const asciiKinds = Uint8Array.from({ length: 128 }, (_, code) => kindOf(code));
