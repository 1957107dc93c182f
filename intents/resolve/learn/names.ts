import { nameWords } from '../text.ts';
import type { LabelledText } from './types.ts';

/** How much a label's own name counts beside an example: with 5 examples a label it is worth more than one point of accuracy. */
const nameWeight = 0.5;

/** The texts, and for each label that nothing lighter than an example speaks for, its name in words: `freeze_account` is "freeze account". */
export const withNames = (texts: readonly LabelledText[]): readonly LabelledText[] => {
  const described = new Set(texts.filter(({ weight }) => weight < 1).map(({ label }) => label));
  const labels = [...new Set(texts.map(({ label }) => label))].filter((label) => !described.has(label));
  const names = labels.flatMap((label): LabelledText[] => {
    const text = nameWords(label.replace(/@[\d.]+$/, '')).join(' ');
    return /\p{L}{2}/u.test(text) ? [{ text, label, weight: nameWeight }] : [];
  });
  return [...texts, ...names];
};
