import type { JsonSchema } from '../../json.ts';
import type { Cues } from './cues.ts';
import type { Reading } from './finders.ts';
import { properNames } from './proper-name.ts';
import { optionFinder } from './said-options.ts';
import { inUnit } from './units.ts';
import type { Finder, Found, Utterance } from './utterance.ts';

/** Adds to what a form finds what the description of a slot leads one to look for. */
export const withCues = (reading: Reading, schema: JsonSchema, cues: Cues): Reading => {
  const { description = '' } = schema;
  if (reading.kind === 'number') {
    const whole = schema.type === 'integer';
    const find = inUnit(asShare(reading.find, schema), cues.units);
    return { ...reading, find: whole ? (said) => find(said).filter(({ value }) => Number.isInteger(value)) : find };
  }
  if (reading.kind !== 'text') return reading;
  const finders: Finder[] = [reading.find];
  const options = optionFinder(description);
  if (options !== undefined) finders.push(options);
  if (cues.role === 'date') finders.push(datesWritten(description));
  else if (cues.role === 'time') finders.push(findClocks);
  else if (cues.role === 'code') finders.push(findCodes);
  if (cues.role !== 'date' && cues.role !== 'time') finders.push(properNames);
  return { ...reading, find: (said) => distinct(finders.flatMap((find) => find(said))) };
};

const distinct = (found: readonly Found[]): Found[] =>
  found.filter(
    (one, index) => !found.slice(0, index).some((other) => other.start === one.start && other.end === one.end),
  );

/** "5%" is 0.05 to a slot whose schema says that it takes a share of one, by its bounds or in words; never by its name. */
const asShare = (find: Finder, schema: JsonSchema): Finder => {
  const said =
    /\b(?:(?:as|in) (?:a )?decimals?|decimal|fraction|proportion|probability|share of|between 0 and 1|(?:0|zero) to (?:1|one))\b/i;
  if (!isAtMostOne(schema) && !said.test(schema.description ?? '')) return find;
  return ({ plain, ...rest }) =>
    find({ plain, ...rest }).map((found) => {
      const sign = /^(?:%|\s?percent\b)/i.exec(plain.slice(found.end, found.end + 9));
      return sign === null || typeof found.value !== 'number'
        ? found
        : { ...found, value: Number((found.value / 100).toPrecision(12)), end: found.end + sign[0].length };
    });
};

const isAtMostOne = ({ maximum }: JsonSchema) => typeof maximum === 'number' && maximum <= 1;

const layouts: readonly (readonly [RegExp, (year: string, month: string, day: string) => string])[] = [
  [/\bmm-dd-yyy?y?\b|month-day-year/i, (year, month, day) => `${month}-${day}-${year}`],
  [/\bmm\/dd\/yyyy\b/i, (year, month, day) => `${month}/${day}/${year}`],
  [/\bdd-mm-yyyy\b/i, (year, month, day) => `${day}-${month}-${year}`],
  [/\bdd\/mm\/yyyy\b/i, (year, month, day) => `${day}/${month}/${year}`],
  [/\bdd\.mm\.yyyy\b/i, (year, month, day) => `${day}.${month}.${year}`],
  [/\bmm-yyyy\b/i, (year, month) => `${month}-${year}`],
  [/\byyyy\/mm\/dd\b/i, (year, month, day) => `${year}/${month}/${day}`],
];

/** Dates in the layout that a description asks for, else as ISO 8601 writes them. */
const datesWritten = (description: string): Finder => {
  const layout = layouts.find(([asked]) => asked.test(description))?.[1];
  return ({ days }) =>
    days
      .filter(({ fine }) => !fine)
      .map(({ start, end, date }) => {
        const [year = '', month = '', day = ''] = date.toISOString().slice(0, 10).split('-');
        return { value: layout?.(year, month, day) ?? `${year}-${month}-${day}`, start, end, grade: 3 };
      });
};

const clock = /(?<![\p{L}\p{N}:.])(?:\d{1,2}:\d{2}(?:\s?[ap]\.?m\b)?|\d{1,2}\s?[ap]\.?m\b)/giu;
const findClocks: Finder = ({ plain, text }) =>
  [...plain.matchAll(clock)].map(({ 0: whole, index }) => ({
    value: text.slice(index, index + whole.length),
    start: index,
    end: index + whole.length,
    grade: 3,
  }));

/** Tokens with a digit in them. */
const findCodes = ({ chunks }: Utterance): Found[] =>
  chunks.flatMap(({ start, end, text }) =>
    /\p{Nd}/u.test(text) && text.length <= 64 ? [{ value: text, start, end, grade: 1.5 }] : [],
  );
