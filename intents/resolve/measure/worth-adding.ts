import { exactKey } from '../known-example.ts';
import { stopwords, words as wordsOf } from '../text.ts';

/** What the record tells of one request, as far as learning goes. */
export interface Heard {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Names whoever asked; the same for the same. */
  readonly who: string;
  readonly kind: 'words' | 'typed' | 'answer';
  readonly words: string | undefined;
  /** Name of the intent it came to. */
  readonly intent: string | undefined;
  readonly outcome: string;
  readonly confidence: number | undefined;
  /** An example word for word teaches nothing. */
  readonly tier: string | undefined;
  /** Id of the confirmation it asked for, or that it answers. */
  readonly confirmation: string | undefined;
}

/** Something that was said and what shows what it meant. */
export interface WorthAdding {
  readonly words: string;
  readonly intent: string;
  /** How it is known: the strongest first. */
  readonly why: 'typed' | 'confirmed' | 'rephrased' | 'unsure';
  readonly times: number;
}

export interface WorthOptions {
  /** What follows so soon belongs together. */
  readonly withinMs: number;
  /** What was done at less confidence is worth an example. */
  readonly sure: number;
  /** Whether an intent is there to have examples, and these words are not one of them yet. */
  readonly takes: (intent: string, words: string) => boolean;
}

const strength: Readonly<Record<WorthAdding['why'], number>> = { typed: 0, confirmed: 1, rephrased: 2, unsure: 3 };

/**
 * Finds what people said that was not understood, or hardly, and turned out to mean something: they called it typed next,
 * said yes to it, or said it in other words and had it done.
 * @param heard in the order it was recorded
 */
export const worthAdding = (heard: readonly Heard[], { withinMs, sure, takes }: WorthOptions): WorthAdding[] => {
  const found = new Map<string, WorthAdding>();
  const add = (words: string, intent: string, why: WorthAdding['why']) => {
    if (!takes(intent, words)) return;
    const key = `${intent}\n${exactKey(words)}`;
    const other = found.get(key);
    const stronger = other === undefined || strength[why] < strength[other.why] ? why : other.why;
    found.set(key, { words: other?.words ?? words, intent, why: stronger, times: (other?.times ?? 0) + 1 });
  };
  /** By who asked: what of theirs was not understood. Only what they do right after it says what it meant. */
  const open = new Map<string, Heard>();
  const asked = new Map<string, Heard>();
  for (const one of heard) {
    const { words, intent, outcome, who } = one;
    const done = outcome === 'completed';
    const before = open.get(who);
    open.delete(who);
    if (done && intent !== undefined && before?.words !== undefined && one.at - before.at <= withinMs) {
      if (one.kind === 'typed') add(before.words, intent, 'typed');
      else if (words !== undefined && shareWord(before.words, words)) add(before.words, intent, 'rephrased');
    }
    if (one.kind === 'answer' && done && one.confirmation !== undefined) {
      const question = asked.get(one.confirmation);
      if (question?.words !== undefined && question.intent !== undefined && (question.confidence ?? 0) < sure)
        add(question.words, question.intent, 'confirmed');
    }
    if (one.kind !== 'words' || words === undefined || one.tier === 'example') continue;
    if (outcome === 'out_of_scope' || (outcome === 'clarify' && intent === undefined)) open.set(who, one);
    else if (outcome === 'confirm' && one.confirmation !== undefined) asked.set(one.confirmation, one);
    else if (done && intent !== undefined && one.confidence !== undefined && one.confidence < sure)
      add(words, intent, 'unsure');
  }
  return [...found.values()].sort(
    (a, b) =>
      strength[a.why] - strength[b.why] ||
      b.times - a.times ||
      (a.intent === b.intent ? (a.words < b.words ? -1 : 1) : a.intent < b.intent ? -1 : 1),
  );
};

/** Somebody who asks for something else next has not said the same in other words. */
const shareWord = (one: string, other: string): boolean => {
  const telling = (text: string) => wordsOf(text).filter(({ fold }) => !stopwords.has(fold));
  const known = new Set(telling(other).map(({ fold }) => fold));
  return telling(one).some(({ fold }) => known.has(fold));
};
