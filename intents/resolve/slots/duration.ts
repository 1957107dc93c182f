import { type Finder, overlaps, type Utterance } from './utterance.ts';

const small = 'one two three four five six seven eight nine ten eleven twelve'.split(' ');
const amount = `\\d{1,4}(?:[.,]\\d{1,2})?|an?|half an?|${small.join('|')}`;
const unit = 'seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?';
const part = `(?:${amount})[ -]?(?:${unit})(?: and a half)?`;
const run = new RegExp(
  `(?<![\\p{L}\\p{N}.,-])(?:${part})(?:(?:,? and |, | )(?:${part})){0,4}(?![\\p{L}\\p{N}])`,
  'giu',
);
const iso =
  /^P(?=\d|T\d)(?:\d{1,6}W|(?:\d{1,6}Y)?(?:\d{1,6}M)?(?:\d{1,6}D)?(?:T(?=\d)(?:\d{1,6}H)?(?:\d{1,6}M)?(?:\d{1,6}S)?)?)$/;
const seconds = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;

/**
 * Finds durations as ISO 8601 writes them: "two weeks" is P2W, "1 hour 30 minutes" PT1H30M, "half an hour" PT30M.
 * A month or a year has no set length, so half of one is left unread; "in 2 weeks" and "2 weeks ago" are days, not durations.
 */
export const findDurations: Finder = (said) => [...inWords(said), ...asWritten(said)];

const asWritten = ({ chunks }: Utterance) =>
  chunks.flatMap(({ start, end, text }) =>
    text.length < 60 && iso.test(text) ? [{ value: text, start, end, grade: 4 }] : [],
  );

const inWords = ({ plain, days }: Utterance) =>
  [...plain.matchAll(run)].flatMap(({ 0: whole, index }) => {
    const span = { start: index, end: index + whole.length };
    const value = days.some((day) => overlaps(day, span)) ? undefined : read(whole);
    return value === undefined ? [] : [{ value, ...span, grade: 3 }];
  });

const read = (words: string): string | undefined => {
  let fixed = 0;
  let months = 0;
  const used = new Set<string>();
  for (const match of words.matchAll(new RegExp(`(${amount})[ -]?(${unit})( and a half)?`, 'giu'))) {
    const count = countOf(match[1] ?? '') + (match[3] === undefined ? 0 : 0.5);
    const kind = kindOf(match[2] ?? '');
    if (used.has(kind)) return undefined;
    used.add(kind);
    if (kind === 'y' || kind === 'mo') months += count * (kind === 'y' ? 12 : 1);
    else fixed += count * seconds[kind];
  }
  if (!Number.isInteger(months) || !Number.isInteger(fixed) || months + fixed === 0) return undefined;
  return months === 0 && used.size === 1 && used.has('w') && fixed % seconds.w === 0
    ? `P${fixed / seconds.w}W`
    : inIso(months, fixed, used);
};

/** Units larger than any that was said are not made up: 90 minutes stay 90 minutes, 36 hours 36 hours. */
const inIso = (months: number, fixed: number, used: ReadonlySet<string>): string => {
  const years = used.has('y') ? Math.floor(months / 12) : 0;
  const days = used.has('d') || used.has('w') ? Math.floor(fixed / seconds.d) : 0;
  const inDay = fixed - days * seconds.d;
  const hours = days > 0 || used.has('h') ? Math.floor(inDay / seconds.h) : 0;
  const inHour = inDay - hours * seconds.h;
  const minutes = hours > 0 || days > 0 || used.has('m') || used.has('h') ? Math.floor(inHour / seconds.m) : 0;
  const write = (parts: readonly (readonly [number, string])[]) =>
    parts.map(([count, sign]) => (count > 0 ? `${count}${sign}` : '')).join('');
  const time = write([
    [hours, 'H'],
    [minutes, 'M'],
    [inHour - minutes * seconds.m, 'S'],
  ]);
  return `P${write([
    [years, 'Y'],
    [months - years * 12, 'M'],
    [days, 'D'],
  ])}${time === '' ? '' : `T${time}`}`;
};

const countOf = (said: string): number => {
  const word = said.toLowerCase();
  if (word.startsWith('half')) return 0.5;
  if (word === 'a' || word === 'an') return 1;
  const named = small.indexOf(word);
  return named >= 0 ? named + 1 : Number(said.replace(',', '.'));
};

const kindOf = (said: string): 's' | 'm' | 'h' | 'd' | 'w' | 'mo' | 'y' => {
  const word = said.toLowerCase();
  if (word.startsWith('mo')) return 'mo';
  return word.charAt(0) as 's' | 'm' | 'h' | 'd' | 'w' | 'y';
};
