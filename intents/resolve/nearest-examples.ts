import { words } from './text.ts';

/** Of an intent with thousands of examples the first are enough to find two that help. */
const mostCompared = 500;

/** The examples that share most with a text, nearest first; of equals the one that stands first. */
export const nearestExamples = (examples: readonly string[], text: string, count: number): string[] => {
  const wanted = gramsOf(text);
  return examples
    .slice(0, mostCompared)
    .map((example) => ({ example, likeness: dice(wanted, gramsOf(example)) }))
    .sort((one, other) => other.likeness - one.likeness)
    .slice(0, count)
    .map(({ example }) => example);
};

/** Words, and three letters at a time of each, so that "refunding" is near "refund". */
const gramsOf = (text: string): Set<string> => {
  const grams = new Set<string>();
  for (const { fold } of words(text)) {
    grams.add(`${fold} `);
    for (let at = 0; at + 3 <= fold.length; at++) grams.add(fold.slice(at, at + 3));
  }
  return grams;
};

const dice = (one: ReadonlySet<string>, other: ReadonlySet<string>): number => {
  let shared = 0;
  for (const gram of one) if (other.has(gram)) shared++;
  return shared === 0 ? 0 : (2 * shared) / (one.size + other.size);
};
