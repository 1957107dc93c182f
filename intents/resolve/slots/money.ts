import type { Json } from '../../json.ts';
import { fold, type Span } from '../text.ts';
import type { Cut, Found, Utterance } from './utterance.ts';

/** Signs of currencies, as a regular expression class. `$` is read as the US dollar. */
export const currencySigns = '$€£¥₹';

const currencies: readonly (readonly [code: string, ...written: string[]])[] = [
  ['EUR', '€', 'euro', 'euros'],
  ['USD', '$', 'dollar', 'dollars', 'bucks'],
  ['GBP', '£', 'pound', 'pounds', 'quid'],
  ['JPY', '¥', 'yen'],
  ['INR', '₹', 'rupee', 'rupees'],
  ['CHF', 'franc', 'francs'],
  ['SEK', 'krona', 'kronor'],
  ['PLN', 'zloty'],
  ['CNY', 'yuan', 'renminbi'],
  ['AUD'],
  ['CAD'],
];
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

/** Where a currency is written. A word or code counts beside a number alone, since "pounds" and "CAD" mean other things too. */
export const currencySpans = ({ plain }: Cut): (Span & { code: string })[] => {
  const found: (Span & { code: string })[] = [];
  const add = (written: string, start: number) => {
    const code = codeOf.get(fold(written));
    if (code !== undefined) found.push({ code, start, end: start + written.length });
  };
  for (const { 0: sign, index } of plain.matchAll(new RegExp(`[${currencySigns}]`, 'gu'))) add(sign, index);
  for (const { 0: whole, 1: word = '', index } of plain.matchAll(
    /(?<=[\d%]|[a-z])\s?(?<![a-z])([a-z]{3,9})(?![\p{L}\p{N}])/giu,
  ))
    add(word, index + whole.length - word.length);
  for (const { 1: word = '', index } of plain.matchAll(/(?<![\p{L}\p{N}])([A-Z]{3})\s?(?=-?\d)/gu)) add(word, index);
  return found;
};
