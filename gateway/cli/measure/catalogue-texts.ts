import type { Catalogue } from '../../../intents/catalogue.ts';
import type { Intent } from '../../../intents/contract.ts';
import type { LabelledText, Learned } from '../../../intents/resolve/learn/types.ts';
import { maskFor, writtenOut } from '../../../intents/resolve/mask.ts';
import { newestMajors } from '../../../intents/resolve/newest.ts';
import { nameWords } from '../../../intents/resolve/text.ts';
import type { Learn } from './tiers.ts';

/** What a catalogue gives to learn from, its values still in it. */
export const catalogueTexts = (intents: readonly Intent[]): LabelledText[] =>
  newestMajors(intents).flatMap(({ name, title, description, examples }) => [
    ...examples.map(({ text }) => ({ text, label: name, weight: 1 })),
    { text: title, label: name, weight: 0.5 },
    { text: nameWords(name).join(' '), label: name, weight: 0.3 },
    ...(description === '' ? [] : [{ text: description, label: name, weight: 0.3 }]),
  ]);

/** Makes every value of a text what kind it is, as the gateway does before it learns and before it ranks. */
export const maskOf = ({ intents, library }: Catalogue): ((text: string) => string) => {
  const mask = maskFor(newestMajors(intents), library.resolveRef);
  return (text) => writtenOut(mask(text));
};

/** A learner that sees no values, only of what kind they are. */
export const maskedLearn = (learn: Learn, catalogue: Catalogue): Learn => {
  const masked = maskOf(catalogue);
  return async (texts, options) => {
    const learned = await learn(
      texts.map((one) => ({ ...one, text: masked(one.text) })),
      options,
    );
    const { labels, report } = learned;
    return {
      labels,
      report,
      rank: (text, limit, vector) => learned.rank(masked(text), limit, vector),
      weigh: (text, label) => learned.weigh(masked(text), label),
    } satisfies Learned;
  };
};
