import { exactKey } from '../known-example.ts';

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
  /** By who asked: what of theirs was not understood and waits for what comes next. */
  const open = new Map<string, Heard[]>();
  const asked = new Map<string, Heard>();
  for (const one of heard) {
    const { words, intent, outcome, who } = one;
    const done = outcome === 'completed';
    if (done && intent !== undefined && one.kind !== 'answer') {
      for (const before of open.get(who) ?? [])
        if (one.at - before.at <= withinMs && before.words !== undefined)
          add(before.words, intent, one.kind === 'typed' ? 'typed' : 'rephrased');
      open.delete(who);
    }
    if (one.kind === 'answer' && done && one.confirmation !== undefined) {
      const before = asked.get(one.confirmation);
      if (before?.words !== undefined && before.intent !== undefined && (before.confidence ?? 0) < sure)
        add(before.words, before.intent, 'confirmed');
    }
    if (one.kind !== 'words' || words === undefined || one.tier === 'example') continue;
    if (outcome === 'out_of_scope' || (outcome === 'clarify' && intent === undefined))
      open.set(who, [...(open.get(who) ?? []).filter(({ at }) => one.at - at <= withinMs), one].slice(-5));
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
