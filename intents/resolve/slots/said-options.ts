import { nameWords, stopwords } from '../text.ts';
import { enumFinder } from './enum.ts';
import type { Finder } from './utterance.ts';

const quoted = /(?<![\p{L}\p{N}])['"‘“]([^'"‘’“”\n]{1,40})['"’”](?![\p{L}\p{N}])/gu;
const lists =
  /(?:e\.g\.?,?|for example,?|such as|like|options?(?: are| include)?:?|supports?|values?(?: are)?:|either|one of|can be)\s+([^.;()]{2,160})/giu;

/** Values that a description gives as examples: `'summary' or 'detailed'`, `such as oil, acrylic, etc.`. At most 40. */
export const saidOptions = (description: string): string[] => {
  const found = new Set<string>();
  const add = (written: string) => {
    const value = written.trim().replace(/^(?:and|or|a|an|the)\s+/i, '');
    const own = nameWords(value);
    if (own.length > 0 && own.length <= 4 && !own.every((word) => stopwords.has(word) || /^\d+$/.test(word)))
      found.add(value);
  };
  for (const { 1: value = '' } of description.matchAll(quoted)) add(value);
  for (const { 1: list = '' } of description.matchAll(lists))
    if (!/['"]/.test(list))
      for (const part of list.split(/,|\/|\bor\b|\band\b/i))
        if (!/\b(?:etc|format)\b/i.test(part) && part.trim().length > 2) add(part);
  return [...found].slice(0, 40);
};

/** Finds such values in the words, as members of an enum that is not closed. */
export const optionFinder = (description: string): Finder | undefined => {
  const options = saidOptions(description);
  if (options.length === 0) return undefined;
  const find = enumFinder(options, {}, new Set());
  return (said) => find(said).filter(({ grade }) => grade >= 3);
};
