import type { JsonSchema } from '../../json.ts';
import { nameWords, type Span, stopwords, type Word, words } from '../text.ts';
import { type Unit, unitBehind, unitsNamed } from './units.ts';
import type { Found, Utterance } from './utterance.ts';

export type Role = 'place' | 'person' | 'code' | 'date' | 'time' | 'thing';

/** What a schema says of a slot that no example shows: its own words stand in for the words around it. */
export interface Cues {
  readonly names: readonly string[];
  readonly described: readonly string[];
  readonly units: readonly Unit[];
  readonly role: Role;
  readonly year: boolean;
  readonly money: boolean;
  /** May be written with a percent sign. */
  readonly share: boolean;
  /** Where a thing starts, where it ends, or neither. */
  readonly side: 'from' | 'to' | undefined;
  /** Reads alone may take values by their order, or for being the only one left; a write must have them named. */
  readonly lenient: boolean;
}

const roles: readonly (readonly [Role, RegExp])[] = [
  ['date', /^(?:date|day|deadline|birthday)$/],
  ['time', /^(?:time|clock)$/],
  ['code', /^(?:id|code|docket|sku|identifier|reference)$/],
  [
    'place',
    /^(?:city|location|place|country|state|region|county|area|destination|origin|address|town|street|airport|station|continent|neighborhood|district|province)$/,
  ],
  [
    'person',
    /^(?:player|artist|actor|actress|author|person|celebrity|composer|painter|director|singer|musician|writer|employee|customer|president|scientist|politician|athlete)$/,
  ],
];
const moneyWords =
  /^(?:amount|price|sum|cost|fee|budget|salary|income|payment|deposit|investment|invest|principal|dollar|usd|euro|eur|revenue|profit|equity|asset|liability|loan|value|dividend|payout|cash)$/;
const filler = new Set(
  'name number value type given optional default parameter specific string list array used using use whether true false set return provide example format e g if for which be desired required want get number'.split(
    ' ',
  ),
);

/** Singular of a folded English word, roughly: enough to see that "bedrooms" and "bedroom" are one. */
export const stem = (word: string): string =>
  word.length > 4 && word.endsWith('ies')
    ? `${word.slice(0, -3)}y`
    : word.length > 3 && word.endsWith('s') && !word.endsWith('ss')
      ? word.slice(0, -1)
      : word;

/** Whether two stems are of one family: "accelerated" and "acceleration". */
export const alike = (a: string, b: string): boolean =>
  a === b ||
  (a.length >= 7 && b.length >= 7 && a.slice(0, 7) === b.slice(0, 7)) ||
  (b.length >= 5 && a.length >= 5 && (a === `${b}ed` || b === `${a}ed`));

export const cuesOf = (path: readonly string[], schema: JsonSchema, lenient: boolean): Cues => {
  const name = path.at(-1) ?? '';
  const own = nameWords(name.replace(/\d+$/, ''));
  const description = schema.description ?? '';
  // What follows is an example, a default or a remark, and says nothing of what the slot is.
  const core = description.split(/\b(?:e\.g|for example|such as|default|optional)\b|[;(]/i)[0] ?? '';
  const told = words(core).map(({ fold }) => fold);
  const names = own.map(stem).filter((word) => own.length === 1 || (!stopwords.has(word) && !filler.has(word)));
  const all = [...own, ...told].map(stem);
  const role =
    roles.find(([, shape]) => own.some((word) => shape.test(word)))?.[0] ??
    roles.find(
      ([kind, shape]) => kind !== 'date' && kind !== 'time' && told.slice(0, 12).some((word) => shape.test(word)),
    )?.[0] ??
    'thing';
  return {
    names,
    described: [...new Set(told.map(stem))].filter((word) => !stopwords.has(word) && !filler.has(word)),
    units: unitsNamed([
      ...own.slice(-1),
      ...words(description)
        .map(({ fold }) => fold)
        .filter((word) => word.length > 2),
      ...description.split(/[\s(),.]+/),
    ]),
    role: /\bname of the (?:city|country|place|location)/i.test(description) ? 'place' : role,
    year: own.includes('year') || (own.includes('date') && /\byear\b/i.test(description)),
    money:
      !own.some((word) => /^(?:rate|return|percentage|percent|yield)$/.test(word)) &&
      all.some((word) => moneyWords.test(word)),
    share: all.some((word) =>
      /^(?:rate|return|percentage|percent|yield|probability|ratio|share|discount|tax|tip|frequency|level)$/.test(word),
    ),
    side: sideOf(own),
    lenient,
  };
};

/** Whether a slot is where a thing starts or where it ends, by the words of its name. */
export const sideOf = (own: readonly string[]): 'from' | 'to' | undefined => {
  const is = (shape: RegExp) => own.some((word) => shape.test(word));
  if (is(/^(?:from|start|starts|since|origin|source|departure|begin|base|initial|min|minimum|lower|check-?in)$/))
    return 'from';
  return is(/^(?:to|end|ends|until|destination|target|arrival|final|max|maximum|upper|finish)$/) ? 'to' : undefined;
};

/** How often each stem is a cue of some slot of the intent: what names many names none. */
export const sharedBy = (all: readonly Cues[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const { role } of all) counts.set(`#${role}`, (counts.get(`#${role}`) ?? 0) + 1);
  for (const { names, described } of all)
    for (const word of new Set([...names, ...described])) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
};

const isYear = (value: unknown): boolean => typeof value === 'number' && value >= 100 && value <= 2999;

/** How much the words around a number speak for a slot that only its schema describes. */
export const numberEvidence = (
  { names, described, units, year, money, share, side }: Cues,
  found: Found,
  said: Utterance,
  shared: ReadonlyMap<string, number>,
): number => {
  const { plain } = said;
  const before = said.words
    .filter(({ end }) => end <= found.start)
    .slice(-6)
    .toReversed();
  const after = said.words.filter(({ start }) => start >= found.end).slice(0, 4);
  let score = 0;
  const seen = new Set<string>();
  const weigh = (word: Word, weight: number) => {
    const own = stem(word.fold);
    if (seen.has(own)) return;
    const part = names.some((name) => alike(name, own)) ? 1 : described.some((told) => alike(told, own)) ? 0.45 : 0;
    if (part > 0) seen.add(own);
    score += (part * weight) / (shared.get(own) ?? 1);
  };
  // Words beyond another number or a full stop belong to that one.
  const stop = (from: number, to: number) => /\d|[.;?!]\s/.test(plain.slice(from, to));
  before.forEach((word, index) => {
    if (!stop(word.end, found.start)) weigh(word, 1.2 / (1 + index * 0.2));
  });
  after.forEach((word, index) => {
    if (!/\d|[.,;?!]\s|\s(?:and|with|at|for|given|from|to)\s/.test(plain.slice(found.end, word.start)))
      weigh(word, 1.4 / (1 + index * 0.6));
  });
  const behind = unitBehind(plain, found.end);
  if (behind !== undefined && units.length > 0)
    score += units.some(({ dimension }) => dimension === behind.unit.dimension) ? 1.2 : -0.6;
  const lead = before[0]?.fold ?? '';
  if (isYear(found.value) && /^(?:in|year|of|since|between|from|to|and|until)$/.test(lead) && behind === undefined)
    score += year ? 1.5 : found.value !== null && Number(found.value) >= 1500 ? -0.75 : 0;
  if (/^\s?(?:%|percent\b)/i.test(plain.slice(found.end - 1, found.end + 9)) || plain.charAt(found.end - 1) === '%')
    score += share ? 1 : -1;
  if (year && !isYear(found.value)) score -= 2;
  if (side !== undefined) score += sideEvidence(side, lead);
  const inMoney = said.money.some((span) => isNear(span, found, plain));
  return score + (inMoney ? (money ? 1 : -1) : 0);
};

export const sideEvidence = (side: 'from' | 'to', lead: string): number => {
  const own: RegExp =
    side === 'from' ? /^(?:from|between|since|starting|after)$/ : /^(?:to|until|and|into|till|through)$/;
  const other: RegExp = side === 'from' ? /^(?:to|until|into|till|through)$/ : /^(?:from|between|since)$/;
  return own.test(lead) ? 0.8 : other.test(lead) ? -0.8 : 0;
};

const isNear = (a: Span, b: Span, plain: string): boolean =>
  plain.slice(Math.min(a.end, b.end), Math.max(a.start, b.start)).trim() === '';
