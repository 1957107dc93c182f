import type { Json } from '../../json.ts';
import { fold, type Span } from '../text.ts';
import type { Cut, Found, Utterance } from './utterance.ts';

/** Signs of currencies, as a regular expression class. `$` is the caller's own dollar where that is one, else the US one. */
export const currencySigns = '$€£¥₹';

const currencies: readonly (readonly [code: string, ...written: string[]])[] = [
  ['EUR', '€', 'euro', 'euros'],
  ['USD', '$', 'US$', 'dollar', 'dollars', 'bucks'],
  ['GBP', '£', 'pound', 'pounds', 'quid'],
  ['JPY', '¥', 'yen'],
  ['INR', '₹', 'rupee', 'rupees'],
  ['CHF', 'franc', 'francs'],
  ['SEK', 'krona', 'kronor'],
  ['PLN', 'zloty'],
  ['CNY', 'yuan', 'renminbi'],
  ['AUD', 'AU$', 'A$'],
  ['CAD', 'CA$', 'C$'],
  ['NZD', 'NZ$'],
  ['SGD', 'S$'],
  ['HKD', 'HK$'],
];
/** Letters before a dollar sign that say whose it is. */
export const dollarLetters = 'US|CA|C|AU|A|NZ|S|HK';
const dollars: ReadonlySet<string> = new Set(['USD', 'AUD', 'CAD', 'NZD', 'SGD', 'HKD']);
const dollarOf: ReadonlyMap<string, string> = new Map([
  ['us', 'USD'],
  ['u.s.', 'USD'],
  ['american', 'USD'],
  ['australian', 'AUD'],
  ['aussie', 'AUD'],
  ['canadian', 'CAD'],
  ['new zealand', 'NZD'],
  ['singapore', 'SGD'],
  ['hong kong', 'HKD'],
]);
const ownDollar = new RegExp(
  `(?<![\\p{L}\\p{N}])(${[...dollarOf.keys()].join('|').replaceAll('.', '\\.')})\\s(dollars?|bucks)(?![\\p{L}\\p{N}])`,
  'giu',
);
const codeOf = new Map(
  currencies.flatMap(([code, ...written]) => [code, ...written].map((word) => [fold(word), code] as const)),
);

/** What a currency slot calls a currency: its own spelling of the code or of a name, or undefined where it does not know it. */
export type CurrencyNames = (code: string) => Json | undefined;

/** @param members of the enum, if there is one; else any code will do, as ISO 4217 writes it */
export const currencyNames = (members: readonly Json[] | undefined): CurrencyNames => {
  if (members === undefined) return (code) => code;
  const spelt = new Map<string, Json>();
  for (const member of members) {
    const code = codeOf.get(fold(String(member)));
    if (code !== undefined && !spelt.has(code)) spelt.set(code, member);
  }
  return (code) => spelt.get(code);
};

/** Whether an enum is one of currencies. */
export const areCurrencies = (members: readonly Json[]): boolean =>
  members.length > 0 && members.every((member) => codeOf.has(fold(String(member))));

/** Finds currencies by sign, word or code: `€20`, `20 euros`, `20 EUR`. */
export const findCurrencies =
  (names: CurrencyNames) =>
  ({ money }: Utterance): Found[] =>
    money.flatMap(({ start, end, code }) => {
      const value = names(code);
      return value === undefined ? [] : [{ value, start, end, grade: 3 }];
    });

/**
 * Where a currency is written. A word or code counts beside a number alone, since "pounds" and "CAD" mean other things too.
 * A dollar of which the words do not say whose is the caller's own, where the caller's currency is a dollar.
 */
export const currencySpans = ({ plain, context }: Cut): (Span & { code: string })[] => {
  const found: (Span & { code: string })[] = [];
  const own = context.currency?.toUpperCase() ?? '';
  const add = (written: string, start: number, sure?: string) => {
    const code = sure ?? codeOf.get(fold(written));
    const end = start + written.length;
    if (code === undefined || found.some((other) => start < other.end && other.start < end)) return;
    const unsaid = sure === undefined && /^(?:\$|dollars?|bucks)$/i.test(written) && dollars.has(own);
    found.push({ code: unsaid ? own : code, start, end });
  };
  for (const { 0: whole, 1: whose = '', index } of plain.matchAll(ownDollar))
    add(whole, index, dollarOf.get(whose.toLowerCase()));
  for (const { 0: sign, index } of plain.matchAll(signs)) add(sign, index);
  for (const { 0: whole, 1: word = '', index } of plain.matchAll(
    /(?<=[\d%]|[a-z])\s?(?<![a-z])([a-z]{3,9})(?![\p{L}\p{N}])/giu,
  ))
    add(word, index + whole.length - word.length);
  for (const { 1: word = '', index } of plain.matchAll(/(?<![\p{L}\p{N}])([A-Z]{3})\s?(?=-?\d)/gu)) add(word, index);
  return found;
};

const signs = new RegExp(`(?<![\\p{L}\\p{N}])(?:${dollarLetters})\\$|[${currencySigns}]`, 'gu');
