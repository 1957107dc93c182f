import { hashed, offset, slotFor } from './hash-index.ts';

/** The pieces of a vocabulary in typed arrays: a third of what maps of their strings take, and quicker to read in. */
export interface PieceTable {
  /** Of the piece with these letters, or -1. */
  idOf(letters: string, isInner: boolean): number;
  /** The longest piece that stands in `word` from `from` on. @returns its number and its length, or undefined */
  longestAt(word: string, from: number, isInner: boolean): Found | undefined;
}

interface Found {
  readonly id: number;
  readonly length: number;
}

/** @param vocabulary pieces in order of their numbers; `##` starts a piece inside a word; of equal ones the last stands */
export const pieceTable = (vocabulary: readonly string[]): PieceTable => {
  const count = vocabulary.length;
  const ends = new Int32Array(count + 1);
  const inner = new Uint8Array(count);
  let longest = 1;
  vocabulary.forEach((piece, id) => {
    if (piece.startsWith('##') && piece.length > 2) inner[id] = 1;
    const length = piece.length - 2 * (inner[id] as number);
    ends[id + 1] = (ends[id] as number) + length;
    if (length > longest) longest = length;
  });
  const letters = new Uint16Array(ends[count] as number);
  const mask = 2 ** Math.max(4, Math.ceil(Math.log2(2 * count + 1))) - 1;
  const slots = new Int32Array(mask + 1).fill(-1);
  /** The slot of what stands in `word` between two places, or the free one where it belongs. */
  const slotOf = (hash: number, word: string, from: number, length: number, kind: number): number => {
    for (let slot = slotFor(hash, mask); ; slot = (slot + 1) & mask) {
      const id = slots[slot] as number;
      if (id === -1) return slot;
      const start = ends[id] as number;
      if (inner[id] !== kind || (ends[id + 1] as number) - start !== length) continue;
      let at = 0;
      while (at < length && letters[start + at] === word.charCodeAt(from + at)) at++;
      if (at === length) return slot;
    }
  };
  vocabulary.forEach((piece, id) => {
    const kind = inner[id] as number;
    const from = 2 * kind;
    let hash = hashed(offset, kind);
    for (let at = from; at < piece.length; at++) {
      letters[(ends[id] as number) + at - from] = piece.charCodeAt(at);
      hash = hashed(hash, piece.charCodeAt(at));
    }
    slots[slotOf(hash, piece, from, piece.length - from, kind)] = id;
  });
  const hashes = new Int32Array(longest);
  const longestAt: PieceTable['longestAt'] = (word, from, isInner) => {
    const kind = isInner ? 1 : 0;
    const most = Math.min(longest, word.length - from);
    let hash = hashed(offset, kind);
    for (let at = 0; at < most; at++) {
      hash = hashed(hash, word.charCodeAt(from + at));
      hashes[at] = hash;
    }
    for (let length = most; length > 0; length--) {
      const id = slots[slotOf(hashes[length - 1] as number, word, from, length, kind)] as number;
      if (id !== -1) return { id, length };
    }
    return undefined;
  };
  return {
    longestAt,
    idOf(word, isInner) {
      const found = longestAt(word, 0, isInner);
      return found?.length === word.length ? found.id : -1;
    },
  };
};
