import { fold } from '../text.ts';
import type { Finder, Found } from './utterance.ts';

const said = new Map([
  ...['yes', 'true', 'on', 'enabled'].map((word) => [word, true] as const),
  ...['no', 'false', 'off', 'disabled'].map((word) => [word, false] as const),
]);
const denials = new Set(['no', 'not', 'without', "don't", 'dont', 'never', 'non']);

/**
 * Finds a switch by its own name: `gift wrap`, `without gift wrap`, `gift wrap: no`. A bare yes or no says nothing of what.
 * @param name words of the slot's name
 * @param synonyms the schema's `x-synonyms` for `true` and `false`
 */
export const booleanFinder = (
  name: readonly string[],
  synonyms: Readonly<Record<string, readonly string[]>>,
): Finder => {
  const phrases = [
    { words: name, value: true, own: false },
    ...(['true', 'false'] as const).flatMap((value) =>
      (synonyms[value] ?? []).map((written) => ({
        words: fold(written).split(/\s+/),
        value: value === 'true',
        own: true,
      })),
    ),
  ].filter(({ words }) => words.length > 0);

  return ({ words, plain }) => {
    const found: Found[] = [];
    for (let at = 0; at < words.length; at++) {
      const phrase = phrases.find(({ words: own }) => own.every((word, index) => words[at + index]?.fold === word));
      if (phrase === undefined) continue;
      const last = at + phrase.words.length - 1;
      const [before, after] = [words[at - 1], words[last + 1]];
      let [value, start, end] = [phrase.value, words[at]?.start ?? 0, words[last]?.end ?? 0];
      const answer = said.get(after?.fold ?? '');
      if (after !== undefined && answer !== undefined && /^\s*[:=]?\s*$/.test(plain.slice(end, after.start)))
        [value, end] = [answer, after.end];
      else if (!phrase.own && before !== undefined && denials.has(before.fold)) [value, start] = [false, before.start];
      found.push({ value, start, end, grade: 3 });
      at = last;
    }
    return found;
  };
};
