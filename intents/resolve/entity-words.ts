import type { Intent } from '../contract.ts';
import { type JsonSchema, pointerPath } from '../json.ts';
import { fold, nameWords, type Span, stopwords, type Word, words } from './text.ts';

/** Longer descriptions are no names of things. */
const mostWords = 8;
const mostChars = 80;

/**
 * Finds the words that describe a thing where its identifier is wanted: "the blue jacket" of "what does the blue jacket
 * cost". They are the longest run of words that the intent's own examples, title and members do not use.
 * @param taken spans of the values that were read
 * @param called what people call the kind of thing: "product", "article"
 * @returns the words as they stand, without articles around them; undefined where there are none
 */
export const entityWords = (
  text: string,
  intent: Intent,
  pointer: string,
  taken: readonly Span[],
  called: readonly string[],
  resolveRef: (schema: JsonSchema) => JsonSchema,
): string | undefined => {
  const own = ownWords(intent, pointer, called, resolveRef);
  const runs: Word[][] = [];
  let run: Word[] = [];
  const end = () => {
    if (run.length > 0) runs.push(run);
    run = [];
  };
  let before: Word | undefined;
  for (const word of words(text)) {
    const broken = before !== undefined && /[,.;:!?\n]/.test(text.slice(before.end, word.start));
    if (broken || own.has(word.fold) || taken.some((span) => word.start < span.end && span.start < word.end)) end();
    if (!own.has(word.fold) && !taken.some((span) => word.start < span.end && span.start < word.end)) run.push(word);
    before = word;
  }
  end();
  const best = runs.map(trimmed).sort((a, b) => lengthOf(b) - lengthOf(a))[0];
  const [first, last] = [best?.[0], best?.at(-1)];
  if (best === undefined || first === undefined || last === undefined || best.length > mostWords) return undefined;
  const found = text.slice(first.start, last.end);
  return found.length > mostChars ? undefined : found;
};

/** Everyday words at both ends say nothing of the thing; inside ("cup of tea") they may. */
const trimmed = (run: readonly Word[]): readonly Word[] => {
  const from = run.findIndex(({ fold: word }) => !stopwords.has(word));
  const to = run.findLastIndex(({ fold: word }) => !stopwords.has(word));
  return from < 0 ? [] : run.slice(from, to + 1);
};

const lengthOf = (run: readonly Word[]): number => run.length;

/** What the intent itself is spoken of with: words around the values of its examples, its title, its members' names. */
const ownWords = (
  intent: Intent,
  pointer: string,
  called: readonly string[],
  resolveRef: (schema: JsonSchema) => JsonSchema,
): ReadonlySet<string> => {
  const own = new Set<string>();
  const add = (text: string) => {
    for (const { fold: word } of words(text)) if (!stopwords.has(word)) own.add(word);
  };
  for (const { text, annotations } of intent.examples)
    for (const { start, end, fold: word } of words(text))
      if (!stopwords.has(word) && !annotations.some((value) => start < value.end && value.start < end)) own.add(word);
  add(intent.title);
  for (const word of nameWords(intent.name)) own.add(word);
  for (const [name, schema] of Object.entries(intent.input.properties ?? {})) {
    for (const word of nameWords(name)) own.add(word);
    if (name === pointerPath(pointer)[0]) add(resolveRef(schema).title ?? '');
  }
  for (const name of called) for (const word of nameWords(name)) own.add(fold(word)).add(`${fold(word)}s`);
  return own;
};
