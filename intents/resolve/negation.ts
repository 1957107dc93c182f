import type { Intent } from '../contract.ts';
import { negationCues } from './negation-cues.ts';
import { fold, type Span, stopwords, words } from './text.ts';

/**
 * Says whether the words deny, question or only suppose what an intent would do. A cue that the intent's own examples use
 * ("do not renew my subscription") is how it is asked for, not its denial.
 * @param quoted spans whose words are somebody's text, not the request's
 */
export const isNegated = (text: string, intent: Intent, quoted: readonly Span[]): boolean => {
  const said = flat(blank(text, quoted));
  const own = intent.examples.map((example) => flat(example.text));
  const denials = [...negationCues, deniesAny(intent)];
  return denials.some((denies) => denies(said) && !own.some(denies));
};

/** "refund A-1001, not cancel it": a bare "not" or "no" right before a word of the intent's own name or title. */
const deniesAny = ({ name, title }: Intent): ((said: string) => boolean) => {
  const named = words(`${name.replaceAll(/[.-]/g, ' ')} ${title}`)
    .filter(({ fold: word }) => !stopwords.has(word))
    .map(({ fold: word }) => word.slice(0, 5));
  // "no worries, cancel it" denies nothing: a comma ends what "no" is about.
  return (said) =>
    said.split(/[,;:.!?]/).some((clause) => {
      const all = words(clause).map(({ fold: word }) => word);
      return all.some(
        (word, at) =>
          (word === 'not' || word === 'no' || word.endsWith("n't")) &&
          all.slice(at + 1, at + 4).some((next) => named.includes(next.slice(0, 5))),
      );
    });
};

const flat = (text: string): string => fold(text).replace(/\s+/g, ' ').trim();

const blank = (text: string, spans: readonly Span[]): string =>
  spans
    .toSorted((a, b) => b.start - a.start)
    .reduce((rest, { start, end }) => `${rest.slice(0, start)}…${rest.slice(end)}`, text);
