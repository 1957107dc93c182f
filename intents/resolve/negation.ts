import type { Intent } from '../contract.ts';
import { fold, type Span, stopwords, words } from './text.ts';

/** English ways to say that a thing shall not be done, or to speak of it without asking for it. */
const cues: readonly RegExp[] = [
  /\b(?:do not|don'?t|never|not to|no need to|need not|needn'?t|rather not|hold off|not yet)\b/,
  /\b(?:should|must|would|could|shall|will|need|may|might)(?: ?not|n'?t)\b/,
  /\b(?:won'?t|shan'?t|mustn'?t|shouldn'?t|wouldn'?t|couldn'?t|didn'?t (?:ask|want|mean)|not (?:want|wish|going) (?:you )?to)\b/,
  /\b(?:without|instead of|rather than|stop|avoid|refrain from|hold off on|thinking (?:about|of)|considering) \w+ing\b/,
  /\bif (?!possible\b|you (?:can|could|please|would)\b|necessary\b)/,
  /\b(?:unless|in case|suppose|supposing|assuming|imagine|pretend|hypothetically|in theory)\b/,
  /\bwhat (?:if|happens|would|will happen|about)\b|\bwould happen\b|\bhow (?:do|can|could|would|to|does|should)\b/,
  /\b(?:is it|would it be) (?:possible|allowed|ok|okay|safe)\b|\b(?:am i|are we) (?:allowed|able)\b|\b(?:should|shall) (?:i|we)\b/,
  /^(?:please )?(?:did|does|have|has|had|was|were|is|are|why|when|who|which|what|how|whether)\b/,
];

/**
 * Says whether the words deny, question or only suppose what an intent would do. A cue that the intent's own examples use
 * ("do not renew my subscription") is how it is asked for, not its denial.
 * @param quoted spans whose words are somebody's text, not the request's
 */
export const isNegated = (text: string, intent: Intent, quoted: readonly Span[]): boolean => {
  const said = flat(blank(text, quoted));
  const own = intent.examples.map((example) => flat(example.text));
  const denials = [...cues.map((cue) => (words: string) => cue.test(words)), deniesAny(intent)];
  return denials.some((denies) => denies(said) && !own.some(denies));
};

/** "refund A-1001, not cancel it": a bare "not" or "no" right before a word of the intent's own name or title. */
const deniesAny = ({ name, title }: Intent): ((said: string) => boolean) => {
  const named = words(`${name.replaceAll(/[.-]/g, ' ')} ${title}`)
    .filter(({ fold: word }) => !stopwords.has(word))
    .map(({ fold: word }) => word.slice(0, 5));
  return (said) => {
    const all = words(said).map(({ fold: word }) => word);
    return all.some(
      (word, at) =>
        (word === 'not' || word === 'no' || word.endsWith("n't")) &&
        all.slice(at + 1, at + 4).some((next) => named.includes(next.slice(0, 5))),
    );
  };
};

const flat = (text: string): string => fold(text).replace(/\s+/g, ' ').trim();

const blank = (text: string, spans: readonly Span[]): string =>
  spans
    .toSorted((a, b) => b.start - a.start)
    .reduce((rest, { start, end }) => `${rest.slice(0, start)}…${rest.slice(end)}`, text);
