import type { Intent } from '../contract.ts';
import { isObject, type JsonSchema } from '../json.ts';
import type { Term } from './features.ts';
import { leavesOf } from './slots/leaves.ts';
import { wholeMatch } from './slots/pattern.ts';
import { chunks, pieces, plain, stopwords, words } from './text.ts';

/** Cuts a text into terms with every value replaced by what kind it is, so that no example hangs on its own numbers. */
export type ToTerms = (text: string) => Term[];

const dayWords =
  /^(?:today|tonight|tomorrow|yesterday|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|june|july|august|september|october|november|december)$/;
const shapes: readonly (readonly [placeholder: string, shape: RegExp])[] = [
  ['#email', /^[^\s@]+@[^\s@]+\.[^\s@]+$/],
  ['#url', /^[a-z][a-z\d+.-]*:\/\//i],
  ['#date', /^\d{4}-\d\d-\d\d(?:T|$)/],
  ['#number', /^[$€£¥₹]?-?\d[\d.,]*(?:%|[$€£¥₹])?$/],
  ['#code', /\d/],
];

/**
 * @param intents patterns of their inputs become placeholders of their own (`#1` for `^A-\d{4}$`), unless a pattern also fits
 *   words that the examples use as words
 */
export const termsWith = (intents: readonly Intent[], resolveRef: (schema: JsonSchema) => JsonSchema): ToTerms => {
  const spoken = new Set(intents.flatMap(literalWords));
  const patterns = [...new Set(intents.flatMap(({ input }) => patternsIn(input, resolveRef, 0)))].flatMap((pattern) => {
    const fits = wholeMatch(pattern);
    return fits === undefined || [...spoken].some((word) => fits(word)) ? [] : [fits];
  });
  const members = choicesOf(intents, resolveRef, spoken);
  const placeholder = (piece: string): string | undefined => {
    if (stopwords.has(piece)) return undefined;
    const upper = piece.toUpperCase();
    const digit = /\d/.test(piece);
    const index = patterns.findIndex((fits) => fits(piece) || (digit && fits(upper)));
    return index >= 0 ? `#${index}` : shapes.find(([, shape]) => shape.test(piece))?.[0];
  };
  return (text) => {
    const terms: Term[] = [];
    const value = (word: string) => {
      // A list of values is one value to the classifier.
      if (terms.at(-1)?.word !== word) terms.push({ word, isValue: true });
    };
    const addChunk = (written: string) => {
      const whole = /[^\p{L}']/u.test(written) || !spoken.has(written) ? placeholder(written) : undefined;
      if (whole !== undefined) return value(whole);
      for (const { fold } of words(written)) {
        if (dayWords.test(fold)) value('#date');
        else if (members.has(fold)) value(members.get(fold) ?? fold);
        else terms.push({ word: fold, isValue: false });
      }
    };
    for (const part of plain(text).split(/("[^"\n]+")/)) {
      if (part.startsWith('"') && part.length > 2) {
        value('#text');
        continue;
      }
      for (const chunk of chunks(part)) {
        const [whole, ...inner] = pieces(chunk);
        if (whole !== undefined && (inner.length === 0 || placeholder(whole.text) !== undefined)) addChunk(whole.text);
        else for (const piece of inner) addChunk(piece.text);
      }
    }
    return terms;
  };
};

/** Words of an intent's examples that are not values. */
const literalWords = ({ examples }: Intent): string[] =>
  examples.flatMap(({ text, annotations }) =>
    words(text)
      .filter(({ start, end }) => !annotations.some((value) => start < value.end && value.start < end))
      .map(({ fold }) => fold)
      .filter((word) => !/\d/.test(word)),
  );

/** Members of enums, by their one word, unless the examples use that word otherwise: the placeholder is the enum. */
const choicesOf = (
  intents: readonly Intent[],
  resolveRef: (schema: JsonSchema) => JsonSchema,
  spoken: ReadonlySet<string>,
): ReadonlyMap<string, string> => {
  const members = new Map<string, string>();
  for (const intent of intents)
    for (const { choices } of leavesOf(intent, resolveRef))
      for (const choice of choices)
        if (!spoken.has(choice) && !stopwords.has(choice) && !members.has(choice))
          members.set(choice, `#${choices.join('|')}`);
  return members;
};

const patternsIn = (schema: JsonSchema, resolveRef: (schema: JsonSchema) => JsonSchema, depth: number): string[] => {
  const { pattern, properties = {}, items } = resolveRef(schema);
  if (pattern !== undefined) return [pattern];
  if (depth > 4) return [];
  const inner = [...Object.values(properties), ...(isObject(items) ? [items as JsonSchema] : [])];
  return inner.flatMap((member) => patternsIn(member, resolveRef, depth + 1));
};
