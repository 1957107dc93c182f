import type { Chunk, Span } from '../text.ts';
import { writingOf } from './locale.ts';
import { currencySigns, dollarLetters } from './money.ts';
import { unitOf } from './units.ts';
import type { Found, Utterance } from './utterance.ts';

/** Finds numbers in digits (`1,200.50`, `1.200,50`, `-5`, `50%`, `€20`) and in words up to the hundreds. */
export const findNumbers = (utterance: Utterance): Found[] => [...inDigits(utterance), ...inWords(utterance)];

const digits = new RegExp(
  `^((?:(?:${dollarLetters})\\$)|[${currencySigns}]?)(-?\\d[\\d.,'’]*(?:e[+-]?\\d{1,2})?)(%|[${currencySigns}]|[A-Z]{3}|[a-z]{3}|-?°?[\\p{L}µ]{1,12}(?:/[a-z]{1,4})?)?$`,
  'iu',
);
const scales = new Map([
  ['hundred', 100],
  ['thousand', 1_000],
  ['million', 1_000_000],
  ['billion', 1_000_000_000],
  ['trillion', 1_000_000_000_000],
]);
const scaleBehind = /^\s(hundred|thousand|million|billion|trillion)(?![\p{L}\p{N}])/iu;

/** Of `a=2` the 2. */
const afterEquals = (chunk: Chunk): Chunk => {
  const lead = /^[\p{L}_]\w{0,31}=/u.exec(chunk.text)?.[0].length ?? 0;
  return lead === 0 ? chunk : { start: chunk.start + lead, end: chunk.end, text: chunk.text.slice(lead) };
};

const inDigits = ({ chunks, plain, context }: Utterance): Found[] =>
  chunks.map(afterEquals).flatMap((chunk) => {
    const [, sign = '', written = '', tail = ''] = digits.exec(chunk.text) ?? [];
    if (/^\p{L}{1,2}$|^\p{L}{4,}$|[/°µ-]/u.test(tail) && unitOf(tail.replace(/^-/, '')) === undefined) return [];
    const value = parseDigits(written, writingOf(context.locale)?.decimal);
    if (value === undefined) return [];
    const start = chunk.start + sign.length;
    const end = start + written.length;
    const scale = tail === '' ? scaleBehind.exec(plain.slice(end, end + 12)) : null;
    if (scale === null) return [{ value, start, end, grade: 2 }];
    const times = scales.get(scale[1]?.toLowerCase() ?? '') ?? 1;
    return [{ value: Number((value * times).toPrecision(15)), start, end: end + scale[0].length, grade: 2 }];
  });

/**
 * Reads a number as it is written. `1.200` is 1200 to some and 1.2 to others: it is left unread, not guessed, where nobody
 * says how the caller writes; `1,200` is then 1200.
 * @param decimal what stands before a fraction where the caller is at home
 * @returns undefined where it is no number, or not surely one
 */
export const parseDigits = (said: string, decimal?: string): number | undefined => {
  const written = said.replaceAll(/(?<=\d)['’](?=\d{3}(?!\d))/g, '');
  if (!/^-?\d/.test(written) || !/\d$/.test(written)) return undefined;
  if (/e/i.test(written)) return Number.isFinite(Number(written)) ? Number(written) : undefined;
  const dots = written.split('.').length - 1;
  const commas = written.split(',').length - 1;
  const grouped = (group: string) => new RegExp(`^-?(?:\\d{1,3}|\\d{1,2}(?:\\${group}\\d{2})+)(?:\\${group}\\d{3})+$`);
  const toNumber = (plain: string) => (Number.isFinite(Number(plain)) ? Number(plain) : undefined);
  if (dots + commas === 0) return Math.abs(Number(written)) <= Number.MAX_SAFE_INTEGER ? Number(written) : undefined;
  if (dots > 0 && commas > 0) {
    const last = written.lastIndexOf('.') > written.lastIndexOf(',') ? '.' : ',';
    const [whole = '', part = '', ...more] = written.split(last);
    const group = last === '.' ? ',' : '.';
    if (more.length > 0 || !grouped(group).test(whole)) return undefined;
    return toNumber(`${whole.replaceAll(group, '')}.${part}`);
  }
  const mark = dots > 0 ? '.' : ',';
  if (dots + commas > 1) return grouped(mark).test(written) ? toNumber(written.replaceAll(mark, '')) : undefined;
  const inGroups = grouped(mark).test(written);
  if (inGroups && decimal !== undefined)
    return toNumber(mark === decimal ? written.replace(',', '.') : written.replace(mark, ''));
  if (mark === ',') return toNumber(inGroups ? written.replace(',', '') : written.replace(',', '.'));
  return inGroups && !/^-?0/.test(written) ? undefined : toNumber(written);
};

const units =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const tens = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const named = new Map<string, number>([
  ...units.map((word, value) => [word, value] as const),
  ...tens.map((word, index) => [word, (index + 2) * 10] as const),
]);
const pronounBefore = new Set(
  'a the this that which what first last next other another any every each no some only'.split(' '),
);

const inWords = ({ words, plain }: Utterance): Found[] => {
  const found: Found[] = [];
  for (let at = 0; at < words.length; at++) {
    const run = readWords(words.slice(at, at + 8).map(({ fold }) => fold));
    if (run === undefined) continue;
    const [first, last] = [words[at] as Span, words[at + run.length - 1] as Span];
    const pronoun = run.value === 1 && (at === words.length - 1 || pronounBefore.has(words[at - 1]?.fold ?? ''));
    // Words of one number stand side by side, with nothing but spaces, hyphens and "and" between them.
    if (!pronoun && /^[\p{L}\s-]+$/u.test(plain.slice(first.start, last.end)))
      found.push({ value: run.value, start: first.start, end: last.end, grade: 2, digits: false });
    at += run.length - 1;
  }
  return found;
};

const readWords = (run: readonly string[]): { value: number; length: number } | undefined => {
  let at = 0;
  let value = 0;
  const first = run[0] ?? '';
  const hundredAfterA = first === 'a' && run[1] === 'hundred';
  if (run[1] === 'hundred' && (hundredAfterA || (named.get(first) ?? 0) in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])) {
    value = (hundredAfterA ? 1 : (named.get(first) ?? 0)) * 100;
    if (value === 0) return undefined;
    at = 2;
    if (run[at] === 'and' && named.has(run[at + 1] ?? '')) at++;
  }
  const head = named.get(run[at] ?? '');
  if (head === undefined) return at === 0 ? undefined : { value, length: at };
  const tail = named.get(run[at + 1] ?? '') ?? 0;
  const joined = head >= 20 && tail >= 1 && tail <= 9;
  return { value: value + head + (joined ? tail : 0), length: at + (joined ? 2 : 1) };
};
