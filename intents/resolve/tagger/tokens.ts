import { fold, type Span, words } from '../text.ts';

/** The smallest piece that a slot value may begin or end at. */
export interface Token extends Span {
  readonly fold: string;
  /** `Xx-9`: upper, lower, digit, other, runs made one; tells names and codes apart where words are new. */
  readonly shape: string;
}

/** Texts are read up to here; nobody dictates more slots than fit in it. */
export const maxTokens = 400;
const maxChars = 8_000;

const piece = /[\p{L}\p{M}\p{N}]+(?:['’&.\-/][\p{L}\p{M}\p{N}]+)*|[^\s\p{L}\p{M}\p{N}]/gu;
const possessive = /['’]s$/iu;
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/** Words with what is glued inside them ("R&B", "p.m"), a possessive 's apart, and each mark alone. */
export const tokensOf = (text: string): Token[] => {
  const found: Token[] = [];
  const add = (start: number, end: number) => {
    const written = text.slice(start, end);
    found.push({ start, end, fold: fold(written), shape: shapeOf(written) });
  };
  for (const { 0: run, index } of text.slice(0, maxChars).matchAll(piece)) {
    if (found.length >= maxTokens) break;
    const owner = possessive.exec(run)?.index ?? 0;
    if (unspaced.test(run)) for (const { start, end } of words(run)) add(index + start, index + end);
    else if (owner > 0) {
      add(index, index + owner);
      add(index + owner, index + run.length);
    } else add(index, index + run.length);
  }
  return found.slice(0, maxTokens);
};

const shapeOf = (written: string): string =>
  written
    .slice(0, 40)
    .replace(/\p{Lu}+/gu, 'X')
    .replace(/[[\p{L}\p{M}]--X]+/gv, 'x')
    .replace(/\p{N}+/gu, '9');
