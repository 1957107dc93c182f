import type { Intent } from '../contract.ts';
import { isObject, type JsonSchema } from '../json.ts';
import { leavesOf } from './slots/leaves.ts';
import { wholeMatch } from './slots/pattern.ts';
import { chunks, fold, nameWords, pieces, plain, type Span, stopwords, words } from './text.ts';

/** One word of a masked text, or what stands there for a value. */
export interface Piece extends Span {
  readonly word: string;
  readonly isValue: boolean;
  /** The pattern that the value fits, where some input has one. */
  readonly pattern?: string;
}

/** Cuts a text into words with every value replaced by what kind it is, so that no example hangs on its own numbers. */
export type Mask = (text: string) => Piece[];

/** What the learner reads. */
export const writtenOut = (pieces: readonly Piece[]): string => pieces.map(({ word }) => word).join(' ');

const dayWords =
  /^(?:today|tonight|tomorrow|yesterday|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|june|july|august|september|october|november|december)$/;
const shapes: readonly (readonly [placeholder: string, shape: RegExp])[] = [
  ['email', /^[^\s@]+@[^\s@]+\.[^\s@]+$/],
  ['url', /^[a-z][a-z\d+.-]*:\/\//i],
  ['date', /^\d{4}-\d\d-\d\d(?:T|$)/],
  ['number', /^[$€£¥₹]?-?\d[\d.,]*(?:%|[$€£¥₹])?$/],
  ['code', /\d/],
];

/**
 * @param intents patterns of their inputs become placeholders of their own, unless a pattern also fits words that the
 *   examples use as words; one word long members of their enums share a placeholder by enum
 */
export const maskFor = (intents: readonly Intent[], resolveRef: (schema: JsonSchema) => JsonSchema): Mask => {
  const spoken = new Set(intents.flatMap(literalWords));
  const patterns = [...patternsOf(intents, resolveRef)].flatMap(([pattern, named]) => {
    const fits = wholeMatch(pattern);
    return fits === undefined || [...spoken].some((word) => fits(word)) ? [] : [{ fits, word: named, pattern }];
  });
  const members = choicesOf(intents, resolveRef, spoken);
  const placeholder = (written: string): { readonly word: string; readonly pattern?: string } | undefined => {
    if (stopwords.has(written)) return undefined;
    const upper = written.toUpperCase();
    const digit = /\d/.test(written);
    const fitting = patterns.find(({ fits }) => fits(written) || (digit && fits(upper)));
    if (fitting !== undefined) return { word: fitting.word, pattern: fitting.pattern };
    const shape = shapes.find(([, looks]) => looks.test(written));
    return shape && { word: shape[0] };
  };
  return (text) => {
    const masked: Piece[] = [];
    const value = (word: string, { start, end }: Span, pattern?: string) => {
      // A list of values is one value to the learner.
      if (masked.at(-1)?.word !== word)
        masked.push({ word, isValue: true, ...(pattern !== undefined && { pattern }), start, end });
    };
    const addChunk = ({ text: written, start, end }: Span & { readonly text: string }) => {
      const whole = /[^\p{L}']/u.test(written) || !spoken.has(fold(written)) ? placeholder(written) : undefined;
      if (whole !== undefined) return value(whole.word, { start, end }, whole.pattern);
      for (const word of words(written)) {
        const span = { start: start + word.start, end: start + word.end };
        if (dayWords.test(word.fold)) value('date', span);
        else if (members.has(word.fold)) value(members.get(word.fold) ?? word.fold, span);
        else masked.push({ word: word.fold, isValue: false, ...span });
      }
    };
    const even = plain(text);
    for (const { 0: part, index } of even.matchAll(/"[^"\n]+"|[^"]+|"/g)) {
      if (part.startsWith('"') && part.length > 2) {
        value('text', { start: index, end: index + part.length });
        continue;
      }
      for (const chunk of chunks(part)) {
        const [whole, ...inner] = pieces(chunk);
        const taken =
          whole !== undefined && (inner.length === 0 || placeholder(whole.text) !== undefined) ? [whole] : inner;
        for (const piece of taken) addChunk({ ...piece, start: index + piece.start, end: index + piece.end });
      }
    }
    return masked;
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

/** Members of enums, by their one word, unless the examples use that word otherwise: the enum's name stands for them. */
const choicesOf = (
  intents: readonly Intent[],
  resolveRef: (schema: JsonSchema) => JsonSchema,
  spoken: ReadonlySet<string>,
): ReadonlyMap<string, string> => {
  const members = new Map<string, string>();
  for (const intent of intents)
    for (const { choices, path } of leavesOf(intent, resolveRef))
      for (const choice of choices)
        if (!spoken.has(choice) && !stopwords.has(choice) && !members.has(choice))
          members.set(choice, nameWords(path.at(-1) ?? '').join(' '));
  return members;
};

const deepest = 4;

/** Pattern -> what a value of it is called: its schema's title, else its member's name. */
export const patternsOf = (
  intents: readonly Intent[],
  resolveRef: (schema: JsonSchema) => JsonSchema,
): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  const visit = (name: string, written: JsonSchema, depth: number) => {
    const { pattern, title, properties = {}, items } = resolveRef(written);
    if (pattern !== undefined) {
      if (!found.has(pattern))
        found.set(
          pattern,
          nameWords(title ?? name)
            .slice(0, 3)
            .join(' '),
        );
      return;
    }
    if (depth > deepest) return;
    for (const [inner, schema] of Object.entries(properties)) visit(inner, schema, depth + 1);
    if (isObject(items)) visit(name, items as JsonSchema, depth + 1);
  };
  for (const { input } of intents) visit('', input, 0);
  return found;
};
